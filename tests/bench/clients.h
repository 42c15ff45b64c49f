#ifndef SR_TESTS_BENCH_CLIENTS_H
#define SR_TESTS_BENCH_CLIENTS_H

/*
 * Some clients at once that do one kind of step and then another, in turns of
 * a second, each on one connection for all of it: what else the machine does
 * meets every kind. A rate is the median of the turns, a ratio that of the
 * ratios of neighbours; how long a step takes is of all steps.
 */

#include <pthread.h>
#include <stdatomic.h>

#include "tests/bench/served.h"

#define CLIENTS_MAX	32
#define KINDS_MAX	4
#define TURNS_MAX	60

struct client {
	pthread_t thread;
	unsigned no;
	struct store store;		/* A connection of its own. */
	struct http * http;		/* And one to the web server. */
	struct sr_id run;		/* bench_resolve's. */
	uint64_t count;			/* For names. */
	uint64_t done;			/* In this turn. */
	float * took[KINDS_MAX];	/* Milliseconds of each step. */
	size_t n[KINDS_MAX];
	size_t room[KINDS_MAX];
};

struct kind {
	const char * name;
	const char * unit;
	void (*step)(struct client * c);
};

static struct client clients[CLIENTS_MAX];
static const struct kind * kind_now;
static unsigned kind_no;
static atomic_bool turn_over;
static pthread_barrier_t turn_begins, turn_ends;

static inline void
client_took(struct client * c, unsigned kind, double seconds)
{

	if (c->n[kind] == c->room[kind]) {
		c->room[kind] = c->room[kind] == 0 ? 4096 : 2 * c->room[kind];
		c->took[kind] = realloc(c->took[kind],
		    c->room[kind] * sizeof(float));
		bench_need(c->took[kind] != NULL, "memory");
	}
	c->took[kind][c->n[kind]++] = (float)(seconds * 1000);
}

static inline void *
client_main(void * cookie)
{
	struct client * c = cookie;
	double began;

	bench_need(house_thread(&served_house, &c->store) == 0 &&
	    db_ping(c->store.db) == SR_OK, "a connection");
	c->http = served_client();
	for (;;) {
		(void)pthread_barrier_wait(&turn_begins);
		if (kind_now == NULL)
			break;
		for (c->done = 0; !atomic_load(&turn_over); c->done++) {
			began = bench_now(CLOCK_MONOTONIC);
			kind_now->step(c);
			client_took(c, kind_no, bench_now(CLOCK_MONOTONIC) -
			    began);
		}
		(void)pthread_barrier_wait(&turn_ends);
	}
	http_free(&c->http);
	house_thread_end(&c->store);
	return (NULL);
}

/* A turn of one kind; steps per second. */
static inline double
one_turn(unsigned n, const struct kind * kind, unsigned no)
{
	const struct timespec second = { 1, 0 };
	uint64_t done = 0;
	double began;

	kind_now = kind;
	kind_no = no;
	atomic_store(&turn_over, false);
	(void)pthread_barrier_wait(&turn_begins);
	began = bench_now(CLOCK_MONOTONIC);
	(void)nanosleep(&second, NULL);
	atomic_store(&turn_over, true);
	(void)pthread_barrier_wait(&turn_ends);
	for (unsigned i = 0; i < n; i++)
		done += clients[i].done;
	return ((double)done / (bench_now(CLOCK_MONOTONIC) - began));
}

static inline int
compare_doubles(const void * a, const void * b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return ((x > y) - (x < y));
}

static inline int
compare_floats(const void * a, const void * b)
{
	float x = *(const float *)a, y = *(const float *)b;

	return ((x > y) - (x < y));
}

static inline double
median(double * v, size_t n)
{

	qsort(v, n, sizeof(*v), compare_doubles);
	return ((v[(n - 1) / 2] + v[n / 2]) / 2);
}

/* p50 and p99 of all steps of a kind. */
static inline void
say_latency(unsigned n, const struct kind * kind, unsigned no)
{
	size_t all = 0, at = 0;
	float * v;

	for (unsigned i = 0; i < n; i++)
		all += clients[i].n[no];
	v = malloc((all + 1) * sizeof(*v));
	bench_need(v != NULL && all > 0, "steps");
	for (unsigned i = 0; i < n; i++) {
		memcpy(&v[at], clients[i].took[no],
		    clients[i].n[no] * sizeof(*v));
		at += clients[i].n[no];
		clients[i].n[no] = 0;
	}
	qsort(v, all, sizeof(*v), compare_floats);
	(void)printf("clients_%u_%s_p50 %.3f ms\n", n, kind->name,
	    (double)v[(all - 1) / 2]);
	(void)printf("clients_%u_%s_p99 %.3f ms\n", n, kind->name,
	    (double)v[(all - 1) * 99 / 100]);
	free(v);
}

static inline void
say_kinds(unsigned n, const struct kind * kinds, unsigned count,
    double rates[KINDS_MAX][TURNS_MAX], size_t turns)
{
	double ratios[TURNS_MAX];

	for (unsigned k = 0; k < count; k++) {
		for (size_t i = 0; i < turns; i++)
			ratios[i] = rates[k][i] / rates[0][i];
		if (k > 0)
			(void)printf("clients_%u_%s_ratio %.3f of_%s\n", n,
			    kinds[k].name, median(ratios, turns),
			    kinds[0].name);
	}
	for (unsigned k = 0; k < count; k++) {
		(void)printf("clients_%u_%s %.0f %s\n", n, kinds[k].name,
		    median(rates[k], turns), kinds[k].unit);
		say_latency(n, &kinds[k], k);
	}
	(void)fflush(stdout);
}

/**
 * clients_measure(n, kinds, count, turns):
 * ${turns} turns of each kind with ${n} clients; the first kind is what the
 * others are held against.
 */
static inline void
clients_measure(unsigned n, const struct kind * kinds, unsigned count,
    size_t turns)
{
	static double rates[KINDS_MAX][TURNS_MAX];

	bench_need(n > 0 && n <= CLIENTS_MAX && turns > 0 &&
	    turns <= TURNS_MAX, "this many clients and turns");
	(void)pthread_barrier_init(&turn_begins, NULL, n + 1);
	(void)pthread_barrier_init(&turn_ends, NULL, n + 1);
	for (unsigned i = 0; i < n; i++) {
		clients[i].no = i;
		bench_need(pthread_create(&clients[i].thread, NULL,
		    client_main, &clients[i]) == 0, "a thread");
	}
	/* The first turn warms up. */
	for (size_t t = 0; t <= turns; t++) {
		for (unsigned k = 0; k < count; k++)
			rates[k][t == 0 ? 0 : t - 1] = one_turn(n, &kinds[k],
			    k);
		for (unsigned i = 0; t == 0 && i < n; i++)
			memset(clients[i].n, 0, sizeof(clients[i].n));
	}
	kind_now = NULL;
	(void)pthread_barrier_wait(&turn_begins);
	for (unsigned i = 0; i < n; i++)
		(void)pthread_join(clients[i].thread, NULL);
	(void)pthread_barrier_destroy(&turn_begins);
	(void)pthread_barrier_destroy(&turn_ends);
	say_kinds(n, kinds, count, rates, turns);
}

/** clients_free(): what was noted. */
static inline void
clients_free(void)
{

	for (unsigned i = 0; i < CLIENTS_MAX; i++)
		for (unsigned k = 0; k < KINDS_MAX; k++)
			free(clients[i].took[k]);
}

/** clients_turns(): of $STRONGROOM_BENCH_SECONDS, else 6. */
static inline size_t
clients_turns(void)
{
	const char * text = getenv("STRONGROOM_BENCH_SECONDS");

	return (text == NULL ? 6 : strtoul(text, NULL, 10));
}

#endif /* !SR_TESTS_BENCH_CLIENTS_H */
