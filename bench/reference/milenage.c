/*
 * The reference of the MILENAGE bench: osmo_auth_gen_vec() of libosmogsm (osmocom, installed as libosmocore-dev).
 *
 *   milenage check N   prints the N vectors as RES CK IK AUTN SRES Kc, one a line, hexadecimal
 *   milenage time      reads counts, one a line; makes that many vectors and answers with the CPU nanoseconds they took
 *
 * Inputs are counters, the same as in bench/milenage.ts: key i of 1,024, RAND and SQN from the vector's number.
 */
#define _GNU_SOURCE
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <osmocom/crypt/auth.h>

#define KEYS 1024

static struct osmo_sub_auth_data subscribers[KEYS];

static void store32(uint8_t *out, uint32_t value)
{
	out[0] = value >> 24;
	out[1] = value >> 16;
	out[2] = value >> 8;
	out[3] = value;
}

/* 16 octets that differ for each (seed, number): no quality is needed, only that both sides make the same. */
static void fill(uint8_t out[16], uint32_t seed, uint32_t number)
{
	uint32_t x = seed ^ (number * 2654435761u);

	for (int i = 0; i < 4; i++) {
		x = x * 1664525u + 1013904223u;
		store32(out + 4 * i, x);
	}
}

static void make_subscribers(void)
{
	for (uint32_t i = 0; i < KEYS; i++) {
		struct osmo_sub_auth_data *aud = &subscribers[i];

		aud->type = OSMO_AUTH_TYPE_UMTS;
		aud->algo = OSMO_AUTH_ALG_MILENAGE;
		fill(aud->u.umts.k, 1, i);
		fill(aud->u.umts.opc, 2, i);
		aud->u.umts.opc_is_op = 0;
		aud->u.umts.ind_bitlen = 0;
		memset(aud->u.umts.amf, 0, 2);
	}
}

static void make_vector(struct osmo_auth_vector *vec, uint32_t number)
{
	struct osmo_sub_auth_data *aud = &subscribers[number % KEYS];
	uint8_t rand[16];

	fill(rand, 3, number);
	/* gen_vec uses the SQN after the one that it finds. */
	aud->u.umts.sqn = number;
	if (osmo_auth_gen_vec(vec, aud, rand) != 0) {
		fprintf(stderr, "osmo_auth_gen_vec refuses vector %u\n", number);
		exit(1);
	}
}

static void print_hex(const uint8_t *octets, size_t length)
{
	for (size_t i = 0; i < length; i++)
		printf("%02x", octets[i]);
}

static void check(uint32_t count)
{
	for (uint32_t i = 0; i < count; i++) {
		struct osmo_auth_vector vec;

		memset(&vec, 0, sizeof(vec));
		make_vector(&vec, i);
		print_hex(vec.res, vec.res_len);
		print_hex(vec.ck, 16);
		print_hex(vec.ik, 16);
		print_hex(vec.autn, 16);
		print_hex(vec.sres, 4);
		print_hex(vec.kc, 8);
		putchar('\n');
	}
}

static uint64_t cpu_ns(void)
{
	struct timespec at;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &at);
	return (uint64_t)at.tv_sec * 1000000000u + (uint64_t)at.tv_nsec;
}

static void answer_counts(void)
{
	char line[32];

	while (fgets(line, sizeof(line), stdin) != NULL) {
		uint32_t count = (uint32_t)strtoul(line, NULL, 10);
		struct osmo_auth_vector vec;
		uint64_t start = cpu_ns();

		for (uint32_t i = 0; i < count; i++)
			make_vector(&vec, i);
		printf("%llu\n", (unsigned long long)(cpu_ns() - start));
		fflush(stdout);
	}
}

int main(int argc, char **argv)
{
	make_subscribers();
	if (argc == 3 && strcmp(argv[1], "check") == 0)
		check((uint32_t)strtoul(argv[2], NULL, 10));
	else if (argc == 2 && strcmp(argv[1], "time") == 0)
		answer_counts();
	else
		return 2;
	return 0;
}
