#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "cli/run_backlog.h"
#include "core/base/secbuf_bytes.h"

/* Small writes of a terminal become one event, if they come so soon. */
#define TOGETHER_MS	100

struct chunk {
	struct chunk * next;
	enum backlog_stream stream;
	struct secbuf * bytes;
	int64_t since;
	bool taken;
	bool torn;		/* The next one goes on with it. */
};

struct stream {
	struct chunk * last;	/* May be added to; NULL: none. */
	uint64_t n;		/* Of the next chunk that is posted. */
	uint64_t lost;		/* And not said yet. */
	bool refused;
	bool open;		/* The last one posted goes on in the next. */
	bool discard;		/* And that was lost, and is not said yet. */
};

struct backlog {
	pthread_mutex_t lock;
	pthread_cond_t came;
	struct chunk * first;
	struct chunk ** end;
	size_t held;		/* Room that chunks take. */
	uint64_t missing;
	struct stream stream[BACKLOG_STREAM__MAX];
};

static const char * const names[BACKLOG_STREAM__MAX] = {
	[BACKLOG_TERMINAL] = "terminal", [BACKLOG_STDOUT] = "stdout",
	[BACKLOG_STDERR] = "stderr",
};

const char *
backlog_stream_name(enum backlog_stream stream)
{

	must(stream < BACKLOG_STREAM__MAX);
	return (names[stream]);
}

/** backlog_new(out): empty. */
enum sr_error
backlog_new(struct backlog ** out)
{
	struct backlog * b;
	pthread_condattr_t attr;

	if ((b = *out = calloc(1, sizeof(*b))) == NULL)
		return (SR_E_OUT_OF_MEMORY);
	b->end = &b->first;
	must(pthread_condattr_init(&attr) == 0);
	must(pthread_condattr_setclock(&attr, CLOCK_MONOTONIC) == 0);
	must(pthread_mutex_init(&b->lock, NULL) == 0);
	must(pthread_cond_init(&b->came, &attr) == 0);
	(void)pthread_condattr_destroy(&attr);
	return (SR_OK);
}

static void
drop_first(struct backlog * b)
{
	struct chunk * c = b->first;

	b->first = c->next;
	if (b->first == NULL)
		b->end = &b->first;
	if (b->stream[c->stream].last == c)
		b->stream[c->stream].last = NULL;
	b->held -= secbuf_cap(c->bytes);
	secbuf_free(&c->bytes);
	free(c);
}

/** backlog_free(b): wipe and release. */
void
backlog_free(struct backlog ** b)
{

	if (*b == NULL)
		return;
	while ((*b)->first != NULL)
		drop_first(*b);
	(void)pthread_cond_destroy(&(*b)->came);
	(void)pthread_mutex_destroy(&(*b)->lock);
	free(*b);
	*b = NULL;
}

static struct chunk *
new_chunk(enum backlog_stream stream)
{
	struct chunk * c;

	if ((c = calloc(1, sizeof(*c))) == NULL)
		return (NULL);
	if (secbuf_new(EVENT_CHUNK_MAX, &c->bytes) != SR_OK) {
		free(c);
		return (NULL);
	}
	c->stream = stream;
	c->since = clock_monotonic_ms();
	return (c);
}

static void
append(struct backlog * b, struct chunk * c)
{

	b->held += secbuf_cap(c->bytes);
	*b->end = c;
	b->end = &c->next;
	b->stream[c->stream].last = c;
}

static void
add(struct chunk * c, const char * bytes, size_t len)
{
	size_t had = secbuf_len(c->bytes);

	memcpy(&secbuf_writable(c->bytes)[had], bytes, len);
	secbuf_set_len(c->bytes, had + len);
}

/* To the last chunk of the stream, or a new one. */
static bool
put(struct backlog * b, enum backlog_stream stream, const char * bytes,
    size_t len)
{
	struct chunk * c = b->stream[stream].last;

	if (c == NULL || c->taken ||
	    secbuf_cap(c->bytes) - secbuf_len(c->bytes) < len) {
		if (b->held + EVENT_CHUNK_MAX > BACKLOG_MAX ||
		    (c = new_chunk(stream)) == NULL)
			return (false);
		append(b, c);
	}
	add(c, bytes, len);
	return (true);
}

static void
free_chunks(struct chunk * c)
{
	struct chunk * next;

	for (; c != NULL; c = next) {
		next = c->next;
		secbuf_free(&c->bytes);
		free(c);
	}
}

/* More than a chunk takes: all pieces or none, a secret may lie across. */
static bool
put_pieces(struct backlog * b, enum backlog_stream stream, const char * bytes,
    size_t len)
{
	struct chunk * pieces = NULL, ** end = &pieces, * c;
	size_t room = BACKLOG_MAX - b->held, n;

	for (; len != 0; len -= n, bytes += n, room -= EVENT_CHUNK_MAX) {
		if (room < EVENT_CHUNK_MAX ||
		    (c = new_chunk(stream)) == NULL) {
			free_chunks(pieces);
			return (false);
		}
		n = len < EVENT_CHUNK_MAX ? len : EVENT_CHUNK_MAX;
		add(c, bytes, n);
		c->torn = n < len;
		*end = c;
		end = &c->next;
	}
	while ((c = pieces) != NULL) {
		pieces = c->next;
		c->next = NULL;
		append(b, c);
	}
	return (true);
}

static bool
say_lost(struct backlog * b, enum backlog_stream stream)
{
	struct stream * s = &b->stream[stream];
	char line[96];
	int n;

	if (s->lost == 0)
		return (true);
	n = snprintf(line, sizeof(line), "\n[strongroom: %llu bytes of the "
	    "output are missing here]\n", (unsigned long long)s->lost);
	must(n > 0 && (size_t)n < sizeof(line));
	if (!put(b, stream, line, (size_t)n))
		return (false);
	s->lost = 0;
	return (true);
}

/** backlog_put(b, stream, bytes, len): false if there is no room. */
bool
backlog_put(struct backlog * b, enum backlog_stream stream,
    const char * bytes, size_t len)
{
	bool good;

	must(pthread_mutex_lock(&b->lock) == 0);
	if (b->stream[stream].refused) {
		b->missing += len;
		good = true;
	} else
		good = say_lost(b, stream) && (len > EVENT_CHUNK_MAX ?
		    put_pieces(b, stream, bytes, len) :
		    put(b, stream, bytes, len));
	must(pthread_cond_signal(&b->came) == 0);
	must(pthread_mutex_unlock(&b->lock) == 0);
	return (good);
}

/** backlog_room(b): whether there is some for anything. */
bool
backlog_room(struct backlog * b)
{
	bool room;

	must(pthread_mutex_lock(&b->lock) == 0);
	room = b->held + 4 * EVENT_CHUNK_MAX <= BACKLOG_MAX;
	must(pthread_mutex_unlock(&b->lock) == 0);
	return (room);
}

/** backlog_lost(b, stream, n): so many bytes will never come. */
void
backlog_lost(struct backlog * b, enum backlog_stream stream, uint64_t n)
{

	must(pthread_mutex_lock(&b->lock) == 0);
	b->missing += n;
	if (!b->stream[stream].refused)
		b->stream[stream].lost += n;
	must(pthread_mutex_unlock(&b->lock) == 0);
}

/* Of the oldest: full, or it has waited, or there is another behind it. */
static bool
ripe(const struct backlog * b, const struct chunk * c)
{

	return (c->taken || b->stream[c->stream].last != c ||
	    2 * secbuf_len(c->bytes) > secbuf_cap(c->bytes) ||
	    clock_monotonic_ms() - c->since >= TOGETHER_MS);
}

/** backlog_first(b, patient, chunk): the oldest chunk. */
bool
backlog_first(struct backlog * b, bool patient, struct backlog_chunk * chunk)
{
	struct chunk * c;
	bool found;

	must(pthread_mutex_lock(&b->lock) == 0);
	c = b->first;
	found = c != NULL && (!patient || ripe(b, c));
	if (found) {
		c->taken = true;
		*chunk = (struct backlog_chunk){ .stream = c->stream,
		    .bytes = (const char *)secbuf_bytes(c->bytes),
		    .len = secbuf_len(c->bytes),
		    .n = b->stream[c->stream].n,
		    .discard = b->stream[c->stream].discard };
	}
	must(pthread_mutex_unlock(&b->lock) == 0);
	return (found);
}

/* The first, and the pieces that go on with it. */
static void
lose_first(struct backlog * b)
{
	struct stream * s = &b->stream[b->first->stream];
	size_t len;
	bool torn;

	/* Its begin is with the server, and may be that of a secret. */
	if (s->open)
		s->discard = true;
	s->open = false;
	do {
		len = secbuf_len(b->first->bytes);
		torn = b->first->torn;
		b->missing += len;
		s->lost += len;
		drop_first(b);
	} while (torn && b->first != NULL);
}

/** backlog_done(b, chunk, posted): it was posted, or is lost. */
void
backlog_done(struct backlog * b, const struct backlog_chunk * chunk,
    bool posted)
{

	must(pthread_mutex_lock(&b->lock) == 0);
	if (posted) {
		b->stream[chunk->stream].n++;
		b->stream[chunk->stream].open = b->first->torn;
		b->stream[chunk->stream].discard = false;
		drop_first(b);
	} else
		lose_first(b);
	must(pthread_mutex_unlock(&b->lock) == 0);
}

/** backlog_wait(b, ms): until there is something, or ${ms} or less. */
void
backlog_wait(struct backlog * b, unsigned ms)
{
	struct timespec until;

	must(pthread_mutex_lock(&b->lock) == 0);
	if (b->first != NULL && ms > TOGETHER_MS / 2)
		ms = TOGETHER_MS / 2;
	must(clock_gettime(CLOCK_MONOTONIC, &until) == 0);
	until.tv_nsec += (long)(ms % 1000) * 1000000;
	until.tv_sec += ms / 1000 + until.tv_nsec / 1000000000;
	until.tv_nsec %= 1000000000;
	(void)pthread_cond_timedwait(&b->came, &b->lock, &until);
	must(pthread_mutex_unlock(&b->lock) == 0);
}

/** backlog_wake(b): there is something else to do. */
void
backlog_wake(struct backlog * b)
{

	must(pthread_mutex_lock(&b->lock) == 0);
	must(pthread_cond_signal(&b->came) == 0);
	must(pthread_mutex_unlock(&b->lock) == 0);
}

/** backlog_refuse(b, stream): nothing more is taken of it. */
void
backlog_refuse(struct backlog * b, enum backlog_stream stream)
{

	must(pthread_mutex_lock(&b->lock) == 0);
	b->stream[stream].refused = true;
	must(pthread_mutex_unlock(&b->lock) == 0);
}

/** backlog_missing(b): bytes that were lost. */
uint64_t
backlog_missing(struct backlog * b)
{
	uint64_t n;

	must(pthread_mutex_lock(&b->lock) == 0);
	n = b->missing;
	must(pthread_mutex_unlock(&b->lock) == 0);
	return (n);
}

/** backlog_begun(b, stream, chunk): whether a chunk of it was posted. */
bool
backlog_begun(struct backlog * b, enum backlog_stream stream,
    struct backlog_chunk * chunk)
{

	must(pthread_mutex_lock(&b->lock) == 0);
	*chunk = (struct backlog_chunk){ .stream = stream, .bytes = "",
	    .n = b->stream[stream].n, .discard = b->stream[stream].discard };
	must(pthread_mutex_unlock(&b->lock) == 0);
	return (chunk->n != 0);
}
