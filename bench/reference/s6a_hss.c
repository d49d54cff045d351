/*
 * The reference of the s6a bench: an extension of freeDiameter 1.2 that answers AIR and ULR (TS 29.272 §7.2.5, §7.2.3)
 * from memory. No subscriber is looked up, nothing is computed or stored: every AIA carries the same vector, every ULA the
 * same subscription. What it costs is what freeDiameter costs: to parse, dispatch, build and send.
 *
 * Only the AVPs that these messages have are defined; the daemon must not load dict_dcca_3gpp beside it.
 */
#include <freeDiameter/extension.h>

#define TGPP 10415
#define S6A 16777251

enum name {
	VISITED_PLMN_ID, EUTRAN_ASKED, VECTORS_ASKED, AT_ONCE, RAT_TYPE, ULR_FLAGS, TERMINAL, IMEI, SOFTWARE,
	FEATURES, FEATURE_VECTOR, DRMP,
	AUTHENTICATION_INFO, EUTRAN_VECTOR, ITEM_NUMBER, RAND, XRES, AUTN, KASME,
	ULA_FLAGS, SUBSCRIPTION_DATA, STATUS, MSISDN, ACCESS_MODE, ACCESS_RESTRICTION, TELESERVICES, TS_CODE,
	AMBR, BANDWIDTH_UL, BANDWIDTH_DL, APN_PROFILE, CONTEXT, ALL_INCLUDED, APN, PDN_TYPE, SERVICE, QOS, QCI, ARP,
	ARP_LEVEL, ARP_CAPABILITY, ARP_VULNERABILITY, DYNAMIC_ADDRESS, PERIODIC_TIMER, SUBSCRIPTION_FLAGS,
	/* Of the base protocol: looked up, not defined. */
	VENDOR_APPLICATION, VENDOR_ID, AUTH_APPLICATION, SESSION_STATE, RESULT_CODE,
	NAMES
};

#define G AVP_TYPE_GROUPED
#define O AVP_TYPE_OCTETSTRING
#define U AVP_TYPE_UNSIGNED32
#define L AVP_TYPE_UNSIGNED64
#define I AVP_TYPE_INTEGER32

/* Clauses of TS 29.272 §7.3, TS 29.212 §5.3, TS 29.329 §6.3, RFC 7683 §7, RFC 7944 §9.1. */
static const struct row {
	uint32_t code, vendor;
	const char *name;
	enum dict_avp_basetype type;
	int is_mandatory;
} rows[NAMES] = {
	[VISITED_PLMN_ID] = { 1407, TGPP, "Visited-PLMN-Id", O, 1 },
	[EUTRAN_ASKED] = { 1408, TGPP, "Requested-EUTRAN-Authentication-Info", G, 1 },
	[VECTORS_ASKED] = { 1410, TGPP, "Number-Of-Requested-Vectors", U, 1 },
	[AT_ONCE] = { 1412, TGPP, "Immediate-Response-Preferred", U, 1 },
	[RAT_TYPE] = { 1032, TGPP, "RAT-Type", I, 1 },
	[ULR_FLAGS] = { 1405, TGPP, "ULR-Flags", U, 1 },
	[TERMINAL] = { 1401, TGPP, "Terminal-Information", G, 1 },
	[IMEI] = { 1402, TGPP, "IMEI", O, 1 },
	[SOFTWARE] = { 1403, TGPP, "Software-Version", O, 1 },
	[FEATURES] = { 621, 0, "OC-Supported-Features", G, 0 },
	[FEATURE_VECTOR] = { 622, 0, "OC-Feature-Vector", L, 0 },
	[DRMP] = { 301, 0, "DRMP", I, 0 },
	[AUTHENTICATION_INFO] = { 1413, TGPP, "Authentication-Info", G, 1 },
	[EUTRAN_VECTOR] = { 1414, TGPP, "E-UTRAN-Vector", G, 1 },
	[ITEM_NUMBER] = { 1419, TGPP, "Item-Number", U, 1 },
	[RAND] = { 1447, TGPP, "RAND", O, 1 },
	[XRES] = { 1448, TGPP, "XRES", O, 1 },
	[AUTN] = { 1449, TGPP, "AUTN", O, 1 },
	[KASME] = { 1450, TGPP, "KASME", O, 1 },
	[ULA_FLAGS] = { 1406, TGPP, "ULA-Flags", U, 1 },
	[SUBSCRIPTION_DATA] = { 1400, TGPP, "Subscription-Data", G, 1 },
	[STATUS] = { 1424, TGPP, "Subscriber-Status", I, 1 },
	[MSISDN] = { 701, TGPP, "MSISDN", O, 1 },
	[ACCESS_MODE] = { 1417, TGPP, "Network-Access-Mode", I, 1 },
	[ACCESS_RESTRICTION] = { 1426, TGPP, "Access-Restriction-Data", U, 1 },
	[TELESERVICES] = { 1486, TGPP, "Teleservice-List", G, 1 },
	[TS_CODE] = { 1487, TGPP, "TS-Code", O, 1 },
	[AMBR] = { 1435, TGPP, "AMBR", G, 1 },
	[BANDWIDTH_UL] = { 516, TGPP, "Max-Requested-Bandwidth-UL", U, 1 },
	[BANDWIDTH_DL] = { 515, TGPP, "Max-Requested-Bandwidth-DL", U, 1 },
	[APN_PROFILE] = { 1429, TGPP, "APN-Configuration-Profile", G, 1 },
	[CONTEXT] = { 1423, TGPP, "Context-Identifier", U, 1 },
	[ALL_INCLUDED] = { 1428, TGPP, "All-APN-Configurations-Included-Indicator", I, 1 },
	[APN] = { 1430, TGPP, "APN-Configuration", G, 1 },
	[PDN_TYPE] = { 1456, TGPP, "PDN-Type", I, 1 },
	[SERVICE] = { 493, 0, "Service-Selection", O, 1 },
	[QOS] = { 1431, TGPP, "EPS-Subscribed-QoS-Profile", G, 1 },
	[QCI] = { 1028, TGPP, "QoS-Class-Identifier", I, 1 },
	[ARP] = { 1034, TGPP, "Allocation-Retention-Priority", G, 1 },
	[ARP_LEVEL] = { 1046, TGPP, "Priority-Level", U, 1 },
	[ARP_CAPABILITY] = { 1047, TGPP, "Pre-emption-Capability", I, 1 },
	[ARP_VULNERABILITY] = { 1048, TGPP, "Pre-emption-Vulnerability", I, 1 },
	[DYNAMIC_ADDRESS] = { 1432, TGPP, "VPLMN-Dynamic-Address-Allowed", I, 1 },
	[PERIODIC_TIMER] = { 1619, TGPP, "Subscribed-Periodic-RAU-TAU-Timer", U, 0 },
	[SUBSCRIPTION_FLAGS] = { 1654, TGPP, "Subscription-Data-Flags", U, 0 },
	[VENDOR_APPLICATION] = { 260, 0, "Vendor-Specific-Application-Id", G, 1 },
	[VENDOR_ID] = { 266, 0, "Vendor-Id", U, 1 },
	[AUTH_APPLICATION] = { 258, 0, "Auth-Application-Id", U, 1 },
	[SESSION_STATE] = { 277, 0, "Auth-Session-State", I, 1 },
	[RESULT_CODE] = { 268, 0, "Result-Code", U, 1 },
};

static struct dict_object *models[NAMES];

static struct avp *append(msg_or_avp *to, enum name name, union avp_value *value)
{
	struct avp *avp = NULL;

	if (fd_msg_avp_new(models[name], 0, &avp) != 0)
		return NULL;
	if (value != NULL && fd_msg_avp_setvalue(avp, value) != 0)
		return NULL;
	if (fd_msg_avp_add(to, MSG_BRW_LAST_CHILD, avp) != 0)
		return NULL;
	return avp;
}

static struct avp *group(msg_or_avp *to, enum name name)
{
	return append(to, name, NULL);
}

static void number(msg_or_avp *to, enum name name, uint32_t number)
{
	union avp_value value = { 0 };

	value.u32 = number;
	append(to, name, &value);
}

static void octets(msg_or_avp *to, enum name name, const char *data, size_t length)
{
	union avp_value value = { 0 };

	value.os.data = (uint8_t *)data;
	value.os.len = length;
	append(to, name, &value);
}

static void add_vector(struct msg *answer)
{
	static const char bytes[32] = "reference vector of the bench...";
	struct avp *vector = group(group(answer, AUTHENTICATION_INFO), EUTRAN_VECTOR);

	number(vector, ITEM_NUMBER, 1);
	octets(vector, RAND, bytes, 16);
	octets(vector, XRES, bytes, 8);
	octets(vector, AUTN, bytes, 16);
	octets(vector, KASME, bytes, 32);
}

static void add_rate(msg_or_avp *to)
{
	struct avp *ambr = group(to, AMBR);

	number(ambr, BANDWIDTH_UL, 64000);
	number(ambr, BANDWIDTH_DL, 64000);
}

/* What Simward compiles of the profile of a simulated meter, AVP by AVP. */
static void add_subscription(struct msg *answer)
{
	static const char apn_name[] = "meter.gridmere.iot";
	struct avp *data, *profile, *apn, *qos, *arp;

	number(answer, ULA_FLAGS, 1);
	data = group(answer, SUBSCRIPTION_DATA);
	number(data, STATUS, 0);
	octets(data, MSISDN, "\x99\x79\x00\x00\x00\x00\x00\x10", 8);
	number(data, ACCESS_MODE, 2);
	number(data, ACCESS_RESTRICTION, 47);
	octets(group(data, TELESERVICES), TS_CODE, "\x21", 1);
	add_rate(data);
	profile = group(data, APN_PROFILE);
	number(profile, CONTEXT, 1);
	number(profile, ALL_INCLUDED, 0);
	apn = group(profile, APN);
	number(apn, CONTEXT, 1);
	number(apn, PDN_TYPE, 0);
	octets(apn, SERVICE, apn_name, sizeof apn_name - 1);
	qos = group(apn, QOS);
	number(qos, QCI, 9);
	arp = group(qos, ARP);
	number(arp, ARP_LEVEL, 12);
	number(arp, ARP_CAPABILITY, 1);
	number(arp, ARP_VULNERABILITY, 0);
	number(apn, DYNAMIC_ADDRESS, 0);
	add_rate(apn);
	number(data, PERIODIC_TIMER, 11160000);
	number(data, SUBSCRIPTION_FLAGS, 1);
}

static int answer_request(struct msg **message, struct avp *avp, struct session *session, void *add, enum disp_action *action)
{
	struct avp *application;

	(void)avp;
	(void)session;
	CHECK_FCT(fd_msg_new_answer_from_req(fd_g_config->cnf_dict, message, 0));
	application = group(*message, VENDOR_APPLICATION);
	number(application, VENDOR_ID, TGPP);
	number(application, AUTH_APPLICATION, S6A);
	number(*message, RESULT_CODE, 2001);
	number(*message, SESSION_STATE, 1);
	CHECK_FCT(fd_msg_add_origin(*message, 0));
	((void (*)(struct msg *))add)(*message);
	*action = DISP_ACT_SEND;
	return 0;
}

static int define_avps(void)
{
	for (int i = 0; i < VENDOR_APPLICATION; i++) {
		const struct row *row = &rows[i];
		struct dict_avp_data data = {
			row->code, row->vendor, (char *)row->name, AVP_FLAG_VENDOR | AVP_FLAG_MANDATORY,
			(row->vendor != 0 ? AVP_FLAG_VENDOR : 0) | (row->is_mandatory ? AVP_FLAG_MANDATORY : 0), row->type,
		};
		CHECK_FCT(fd_dict_new(fd_g_config->cnf_dict, DICT_AVP, &data, NULL, &models[i]));
	}
	for (int i = VENDOR_APPLICATION; i < NAMES; i++)
		CHECK_FCT(fd_dict_search(fd_g_config->cnf_dict, DICT_AVP, AVP_BY_NAME, rows[i].name, &models[i], ENOENT));
	return 0;
}

static int define_command(struct dict_object *application, const char *name, uint32_t code, int is_request, struct dict_object **made)
{
	uint8_t mask = CMD_FLAG_REQUEST | CMD_FLAG_PROXIABLE;
	struct dict_cmd_data data = {
		code, (char *)name, is_request ? mask | CMD_FLAG_ERROR : mask,
		CMD_FLAG_PROXIABLE | (is_request ? CMD_FLAG_REQUEST : 0),
	};

	return fd_dict_new(fd_g_config->cnf_dict, DICT_COMMAND, &data, application, made);
}

static int serve(struct dict_object *application, const char *request, const char *answer, uint32_t code, void (*add)(struct msg *))
{
	struct disp_when when = { 0 };
	struct dict_object *unused;

	CHECK_FCT(define_command(application, request, code, 1, &when.command));
	CHECK_FCT(define_command(application, answer, code, 0, &unused));
	when.app = application;
	return fd_disp_register(answer_request, DISP_HOW_CC, &when, (void *)add, NULL);
}

static int entry(char *configuration)
{
	struct dict_vendor_data vendor_data = { TGPP, "3GPP" };
	struct dict_application_data application_data = { S6A, "3GPP S6a" };
	struct dict_object *vendor = NULL, *application = NULL;

	(void)configuration;
	CHECK_FCT(fd_dict_search(fd_g_config->cnf_dict, DICT_VENDOR, VENDOR_BY_ID, &vendor_data.vendor_id, &vendor, 0));
	if (vendor == NULL)
		CHECK_FCT(fd_dict_new(fd_g_config->cnf_dict, DICT_VENDOR, &vendor_data, NULL, &vendor));
	CHECK_FCT(fd_dict_new(fd_g_config->cnf_dict, DICT_APPLICATION, &application_data, vendor, &application));
	CHECK_FCT(define_avps());
	CHECK_FCT(serve(application, "Authentication-Information-Request", "Authentication-Information-Answer", 318, add_vector));
	CHECK_FCT(serve(application, "Update-Location-Request", "Update-Location-Answer", 316, add_subscription));
	return fd_disp_app_support(application, vendor, 1, 0);
}

EXTENSION_ENTRY("s6a_hss", entry);
