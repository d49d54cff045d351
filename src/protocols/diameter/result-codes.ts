/** What a result is called, and where that is written. */
export interface ResultRow {
  readonly name: string
  readonly spec: string
}

/** Values of Result-Code. */
export const resultCodes: Readonly<Record<number, ResultRow>> = {
  1001: { name: 'DIAMETER_MULTI_ROUND_AUTH', spec: 'RFC 6733 §7.1.1' },
  2001: { name: 'DIAMETER_SUCCESS', spec: 'RFC 6733 §7.1.2' },
  2002: { name: 'DIAMETER_LIMITED_SUCCESS', spec: 'RFC 6733 §7.1.2' },
  3001: { name: 'DIAMETER_COMMAND_UNSUPPORTED', spec: 'RFC 6733 §7.1.3' },
  3002: { name: 'DIAMETER_UNABLE_TO_DELIVER', spec: 'RFC 6733 §7.1.3' },
  3003: { name: 'DIAMETER_REALM_NOT_SERVED', spec: 'RFC 6733 §7.1.3' },
  3004: { name: 'DIAMETER_TOO_BUSY', spec: 'RFC 6733 §7.1.3' },
  3005: { name: 'DIAMETER_LOOP_DETECTED', spec: 'RFC 6733 §7.1.3' },
  3006: { name: 'DIAMETER_REDIRECT_INDICATION', spec: 'RFC 6733 §7.1.3' },
  3007: { name: 'DIAMETER_APPLICATION_UNSUPPORTED', spec: 'RFC 6733 §7.1.3' },
  3008: { name: 'DIAMETER_INVALID_HDR_BITS', spec: 'RFC 6733 §7.1.3' },
  3009: { name: 'DIAMETER_INVALID_AVP_BITS', spec: 'RFC 6733 §7.1.3' },
  3010: { name: 'DIAMETER_UNKNOWN_PEER', spec: 'RFC 6733 §7.1.3' },
  4001: { name: 'DIAMETER_AUTHENTICATION_REJECTED', spec: 'RFC 6733 §7.1.4' },
  4002: { name: 'DIAMETER_OUT_OF_SPACE', spec: 'RFC 6733 §7.1.4' },
  4003: { name: 'DIAMETER_ELECTION_LOST', spec: 'RFC 6733 §7.1.4' },
  4010: { name: 'DIAMETER_END_USER_SERVICE_DENIED', spec: 'RFC 8506 §9' },
  4011: { name: 'DIAMETER_CREDIT_CONTROL_NOT_APPLICABLE', spec: 'RFC 8506 §9' },
  4012: { name: 'DIAMETER_CREDIT_LIMIT_REACHED', spec: 'RFC 8506 §9' },
  5001: { name: 'DIAMETER_AVP_UNSUPPORTED', spec: 'RFC 6733 §7.1.5' },
  5002: { name: 'DIAMETER_UNKNOWN_SESSION_ID', spec: 'RFC 6733 §7.1.5' },
  5003: { name: 'DIAMETER_AUTHORIZATION_REJECTED', spec: 'RFC 6733 §7.1.5' },
  5004: { name: 'DIAMETER_INVALID_AVP_VALUE', spec: 'RFC 6733 §7.1.5' },
  5005: { name: 'DIAMETER_MISSING_AVP', spec: 'RFC 6733 §7.1.5' },
  5006: { name: 'DIAMETER_RESOURCES_EXCEEDED', spec: 'RFC 6733 §7.1.5' },
  5007: { name: 'DIAMETER_CONTRADICTING_AVPS', spec: 'RFC 6733 §7.1.5' },
  5008: { name: 'DIAMETER_AVP_NOT_ALLOWED', spec: 'RFC 6733 §7.1.5' },
  5009: { name: 'DIAMETER_AVP_OCCURS_TOO_MANY_TIMES', spec: 'RFC 6733 §7.1.5' },
  5010: { name: 'DIAMETER_NO_COMMON_APPLICATION', spec: 'RFC 6733 §7.1.5' },
  5011: { name: 'DIAMETER_UNSUPPORTED_VERSION', spec: 'RFC 6733 §7.1.5' },
  5012: { name: 'DIAMETER_UNABLE_TO_COMPLY', spec: 'RFC 6733 §7.1.5' },
  5013: { name: 'DIAMETER_INVALID_BIT_IN_HEADER', spec: 'RFC 6733 §7.1.5' },
  5014: { name: 'DIAMETER_INVALID_AVP_LENGTH', spec: 'RFC 6733 §7.1.5' },
  5015: { name: 'DIAMETER_INVALID_MESSAGE_LENGTH', spec: 'RFC 6733 §7.1.5' },
  5016: { name: 'DIAMETER_INVALID_AVP_BIT_COMBO', spec: 'RFC 6733 §7.1.5' },
  5017: { name: 'DIAMETER_NO_COMMON_SECURITY', spec: 'RFC 6733 §7.1.5' },
  5030: { name: 'DIAMETER_USER_UNKNOWN', spec: 'RFC 8506 §9' },
  5031: { name: 'DIAMETER_RATING_FAILED', spec: 'RFC 8506 §9' },
}

/** Values of Experimental-Result-Code under vendor 10415 that S6a, S13 and Gx use. */
export const experimentalResultCodes: Readonly<Record<number, ResultRow>> = {
  4141: { name: 'DIAMETER_PCC_BEARER_EVENT', spec: 'TS 29.212 §5.5.3' },
  4142: { name: 'DIAMETER_BEARER_EVENT', spec: 'TS 29.212 §5.5.3' },
  4143: { name: 'DIAMETER_AN_GW_FAILED', spec: 'TS 29.212 §5.5.3' },
  4144: { name: 'DIAMETER_PENDING_TRANSACTION', spec: 'TS 29.212 §5.5.3' },
  4181: { name: 'DIAMETER_AUTHENTICATION_DATA_UNAVAILABLE', spec: 'TS 29.272 §7.4.4.1' },
  4182: { name: 'DIAMETER_ERROR_CAMEL_SUBSCRIPTION_PRESENT', spec: 'TS 29.272 §7.4.4.2' },
  5001: { name: 'DIAMETER_ERROR_USER_UNKNOWN', spec: 'TS 29.272 §7.4.3.1' },
  5004: { name: 'DIAMETER_ERROR_ROAMING_NOT_ALLOWED', spec: 'TS 29.272 §7.4.3.4' },
  5140: { name: 'DIAMETER_ERROR_INITIAL_PARAMETERS', spec: 'TS 29.212 §5.5.3' },
  5141: { name: 'DIAMETER_ERROR_TRIGGER_EVENT', spec: 'TS 29.212 §5.5.3' },
  5142: { name: 'DIAMETER_PCC_RULE_EVENT', spec: 'TS 29.212 §5.5.3' },
  5143: { name: 'DIAMETER_ERROR_BEARER_NOT_AUTHORIZED', spec: 'TS 29.212 §5.5.3' },
  5144: { name: 'DIAMETER_ERROR_TRAFFIC_MAPPING_INFO_REJECTED', spec: 'TS 29.212 §5.5.3' },
  5147: { name: 'DIAMETER_ERROR_CONFLICTING_REQUEST', spec: 'TS 29.212 §5.5.3' },
  5148: { name: 'DIAMETER_ADC_RULE_EVENT', spec: 'TS 29.212 §5.5.3' },
  5149: { name: 'DIAMETER_ERROR_NBIFOM_NOT_AUTHORIZED', spec: 'TS 29.212 §5.5.3' },
  5420: { name: 'DIAMETER_ERROR_UNKNOWN_EPS_SUBSCRIPTION', spec: 'TS 29.272 §7.4.3.2' },
  5421: { name: 'DIAMETER_ERROR_RAT_NOT_ALLOWED', spec: 'TS 29.272 §7.4.3.3' },
  5422: { name: 'DIAMETER_ERROR_EQUIPMENT_UNKNOWN', spec: 'TS 29.272 §7.4.3.5' },
  5423: { name: 'DIAMETER_ERROR_UNKNOWN_SERVING_NODE', spec: 'TS 29.272 §7.4.3.6' },
}

/** Text for people: "2001 DIAMETER_SUCCESS". */
export function resultText(code: number, isExperimental = false): string {
  const row = (isExperimental ? experimentalResultCodes : resultCodes)[code]
  return row === undefined ? String(code) : `${code} ${row.name}`
}
