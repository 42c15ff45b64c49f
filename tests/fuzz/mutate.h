#ifndef SR_TESTS_FUZZ_MUTATE_H
#define SR_TESTS_FUZZ_MUTATE_H

/*
 * A mutator that does the same in every run, for a few seconds: seeds, from
 * the rules' examples and below, are cut, joined, doubled and changed.
 * $FUZZ_SECONDS and $FUZZ_SEED make it run longer and otherwise.
 */

#include <dirent.h>
#include <time.h>

#include "tests/fuzz/one.h"

#define MUTATE_MAX	3000
#define MUTATE_LEAST	60	/* However slow. */

enum mutate_seeds { MUTATE_STREAM, MUTATE_JSON, MUTATE_RULE, MUTATE_FILES };

/* The seeds of MUTATE_FILES: a folder's. */
static struct one_text mutate_file[32];
static unsigned mutate_n;

static const char * const mutate_json[] = {
	"{\"m\":\"at hunter2!\\\"\\\\/x now\",\"n\":[1.50,-2e10,true,null]}",
	"{\"password\":{\"a\":[1,2,{}]},\"token\":\"abc\",\"u\":\"\\u00e4\"}",
	"[\"\\ud83d\\ude00\",\"\\u0068unter2!\\u0022\\\\\\/x\",{\"k\":{}}]",
	"[{\"name\":\"DB_PASSWORD\",\"value\":\"x\"},{\"value\":1}]",
	"{\"hunter2!\\\"\\\\/x\":\"hunter2!\\\"\\\\/x\",\"a\":\"${B}\"}",
	"[[[[[[0.0]]]],123456789012345678901234567890,1e999,\"\\u0000\"]]",
};

static const char * const mutate_parts[] = {
	"[REDACTED:", "[REDACTED:secret:abcdef]", "[REDACTED:jwt]", "]", ":",
	"password=", "\"", "\\", "\\u00", "%", "&#", "&amp;", "\n", "\r\n",
	"\0", "\xff", "\x1b[1m", "://u:", "@", "=", " ", "ghp_", "eyJ", "AKIA",
	"-----BEGIN PRIVATE KEY-----", "-----END PRIVATE KEY-----", "\\n", "{",
	"}", "[", ",", "null", "1e5", "token", "Bearer ", "Authorization: ",
};

static size_t
mutate_seed(enum mutate_seeds kind, uint64_t * state, uint8_t * buf)
{
	size_t n = 0, i;
	const char * s;

	if (kind == MUTATE_FILES) {
		i = one_random(state) % mutate_n;
		n = mutate_file[i].len < MUTATE_MAX ? mutate_file[i].len :
		    MUTATE_MAX;
		memcpy(buf, mutate_file[i].p, n);
		return (n);
	}
	if (kind == MUTATE_JSON) {
		s = mutate_json[one_random(state) % COUNTOF(mutate_json)];
		n = strlen(s);
		memcpy(buf, s, n);
		return (n);
	}
	if (kind == MUTATE_STREAM) {
		/* Secrets of letters, then text that holds them. */
		buf[n++] = (uint8_t)one_random(state);
		for (i = 60 + one_random(state) % 300; i > 0; i--)
			buf[n++] = (uint8_t)("abcXY12+/!\"&%\\ \n"
			    "ghp_="[one_random(state) % 21]);
		for (i = one_random(state) % 20; i > 0; i--)
			buf[one_random(state) % n] =
			    (uint8_t)(0xe0 + one_random(state) % 32);
		return (n);
	}
	for (i = 1 + one_random(state) % 3; i > 0; i--)
		n += one_example(one_random(state), (char *)&buf[n],
		    MUTATE_MAX * 2 - n);
	return (n);
}

static size_t
mutate_once(uint64_t * state, uint8_t * buf, size_t n)
{
	size_t at = n == 0 ? 0 : one_random(state) % n, len;
	const char * part;

	len = n == 0 ? 0 : 1 + one_random(state) % (n - at < 32 ? n - at : 32);
	switch (one_random(state) % 6) {
	case 0:
		if (n != 0)
			buf[at] ^= (uint8_t)(1 << one_random(state) % 8);
		return (n);
	case 1:
		memmove(&buf[at], &buf[at + len], n - at - len);
		return (n - len);
	case 2:
		memmove(&buf[at + len], &buf[at], n - at);
		return (n + len);
	case 3:
		if (n != 0)
			buf[at] = (uint8_t)one_random(state);
		return (n);
	case 4:
		len = one_random(state) % (n + 1);
		return (len == 0 ? n : len);
	default:
		part = mutate_parts[one_random(state) %
		    COUNTOF(mutate_parts)];
		len = strlen(part) + (*part == '\0');
		memmove(&buf[at + len], &buf[at], n - at);
		memcpy(&buf[at], part, len);
		return (n + len);
	}
}

static double
mutate_clock(void)
{
	struct timespec t;

	(void)clock_gettime(CLOCK_MONOTONIC, &t);
	return ((double)t.tv_sec + (double)t.tv_nsec / 1e9);
}

/* Inputs that were looked at. */
ONE_UNUSED static unsigned
mutate_run(void (*one)(const uint8_t *, size_t), enum mutate_seeds kind)
{
	const char * seconds = getenv("FUZZ_SECONDS");
	const char * seed = getenv("FUZZ_SEED");
	uint64_t state = 2463534242U + (seed == NULL ? 0 :
	    strtoull(seed, NULL, 10));
	static uint8_t buf[MUTATE_MAX * 4];
	double end = mutate_clock() + (seconds == NULL ? kind ==
	    MUTATE_FILES ? 1 : 4 : atof(seconds));
	unsigned inputs = 0;
	size_t i, n;
	uint8_t * exact;

	/* A number of inputs, so that runs are alike; a time, if it is slow. */
	while (inputs < MUTATE_LEAST || ((inputs < 20000 || seconds != NULL) &&
	    mutate_clock() < end)) {
		n = mutate_seed(kind, &state, buf);
		for (i = one_random(&state) % 7; i > 0; i--) {
			if (n < MUTATE_MAX * 2)
				n = mutate_once(&state, buf, n);
		}
		/* So that what reads past its end is seen. */
		exact = malloc(n + (n == 0));
		ONE_HOLDS(exact != NULL);
		memcpy(exact, buf, n);
		one(exact, n);
		free(exact);
		inputs++;
	}
	(void)printf("     %u inputs, %u failures\n", inputs, one_failures);
	return (inputs);
}

/* As mutate_run, with the files of ${folder}. */
ONE_UNUSED static unsigned
mutate_folder(void (*one)(const uint8_t *, size_t), const char * folder)
{
	struct dirent ** names;
	int n = scandir(folder, &names, NULL, alphasort);
	unsigned inputs;
	char path[512], bytes[4096];
	size_t len;
	FILE * f;

	ONE_HOLDS(n > 0);
	for (int i = 0; i < n; i++) {
		(void)snprintf(path, sizeof(path), "%s/%s", folder,
		    names[i]->d_name);
		if (names[i]->d_name[0] != '.' &&
		    mutate_n < COUNTOF(mutate_file) &&
		    (f = fopen(path, "r")) != NULL) {
			len = fread(bytes, 1, sizeof(bytes), f);
			one_add(&mutate_file[mutate_n++], bytes, len);
			(void)fclose(f);
		}
		free(names[i]);
	}
	free(names);
	inputs = mutate_run(one, MUTATE_FILES);
	for (; mutate_n > 0; mutate_n--) {
		free(mutate_file[mutate_n - 1].p);
		mutate_file[mutate_n - 1] = (struct one_text){ .p = NULL };
	}
	return (inputs);
}

#endif /* !SR_TESTS_FUZZ_MUTATE_H */
