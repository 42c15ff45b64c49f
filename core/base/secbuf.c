#include <sys/mman.h>

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/base/random.h"
#include "core/base/secbuf.h"
#include "core/base/secbuf_bytes.h"
#include "core/base/strbuf.h"

/*
 * The mapping of one buffer. The bytes end where the upper guard begins, so
 * that the first byte too many faults; a write below them meets the canary.
 *
 *   | guard page | (unused) canary bytes | guard page |
 *   ^ map                          ^ bytes
 *
 * A forked child sees zeros in the middle, the canary among them: there each
 * use panics instead of going on with a key of zeros.
 */
struct secbuf {
	uint8_t * map;
	size_t map_len;
	uint8_t * bytes;
	size_t cap;
	size_t len;
	pid_t owner;
};

#define CANARY_LEN	16

/*
 * Small buffers that were freed, by their pages less one: all zero, locked and
 * guarded still. What the kernel does for a new one costs more than what most
 * buffers are for, and stops all threads. Each place is taken and given back by
 * one atomic operation, so that a fork at any moment leaves no lock behind.
 */
#define SPARE_PAGES	2
#define SPARE_MAX	16

static _Atomic(struct secbuf *) spare[SPARE_PAGES][SPARE_MAX];

static uint8_t canary[CANARY_LEN];
static enum sr_error canary_made;
static pthread_once_t canary_once = PTHREAD_ONCE_INIT;

static void
make_canary(void)
{

	canary_made = random_bytes(canary, sizeof(canary));
}

static size_t
page_size(void)
{
	long size = sysconf(_SC_PAGESIZE);

	must(size > 0);
	return ((size_t)size);
}

static bool
intact(const struct secbuf * b)
{

	return (memcmp(b->bytes - CANARY_LEN, canary, CANARY_LEN) == 0);
}

/* Locked, out of core dumps, out of children: all three or no buffer. */
static bool
protect(uint8_t * inner, size_t len)
{

	if (mprotect(inner, len, PROT_READ | PROT_WRITE) != 0)
		return (false);
	if (madvise(inner, len, MADV_DONTDUMP) != 0)
		return (false);
	if (madvise(inner, len, MADV_WIPEONFORK) != 0 &&
	    madvise(inner, len, MADV_DONTFORK) != 0)
		return (false);
	return (mlock(inner, len) == 0);
}

static void
hold(struct secbuf * b, size_t cap)
{
	size_t page = page_size();

	b->cap = cap;
	b->len = 0;
	b->bytes = b->map + b->map_len - page - cap;
	memcpy(b->bytes - CANARY_LEN, canary, CANARY_LEN);
}

static bool
map_pages(struct secbuf * b, size_t inner)
{
	size_t page = page_size();
	void * map;

	b->map_len = inner + 2 * page;
	map = mmap(NULL, b->map_len, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS,
	    -1, 0);
	if (map == MAP_FAILED)
		return (false);
	b->map = map;
	if (!protect(b->map + page, inner)) {
		(void)munmap(map, b->map_len);
		return (false);
	}
	return (true);
}

static void
unmap_pages(struct secbuf * b)
{

	/* munmap unlocks. */
	must(munmap(b->map, b->map_len) == 0);
	free(b);
}

/* What is not zero was written to after its buffer was freed. */
static bool
all_zero(const uint8_t * p, size_t len)
{

	/* Each byte is the one before it. */
	return (p[0] == 0 && memcmp(p, &p[1], len - 1) == 0);
}

/* Where those of ${inner} bytes are kept, or NULL. */
static _Atomic(struct secbuf *) *
spares_of(size_t inner)
{
	size_t pages = inner / page_size();

	return (pages > SPARE_PAGES ? NULL : spare[pages - 1]);
}

/* A spare one of ${inner} bytes, or NULL. Those of a parent are forgotten: here
 * they are neither locked nor, maybe, there. */
static struct secbuf *
take_spare(size_t inner, pid_t owner)
{
	_Atomic(struct secbuf *) * at = spares_of(inner);
	struct secbuf * b;
	size_t i;

	for (i = 0; at != NULL && i < SPARE_MAX; i++) {
		if (atomic_load_explicit(&at[i], memory_order_relaxed) ==
		    NULL || (b = atomic_exchange(&at[i], NULL)) == NULL)
			continue;
		if (b->owner != owner) {
			free(b);
			continue;
		}
		must(all_zero(b->map + page_size(), inner));
		return (b);
	}
	return (NULL);
}

/* Keep ${b}, which is wiped; false if it is too large or there is no place. */
static bool
keep_spare(struct secbuf * b)
{
	_Atomic(struct secbuf *) * at = spares_of(b->map_len -
	    2 * page_size());
	struct secbuf * none;
	size_t i;

	for (i = 0; at != NULL && i < SPARE_MAX; i++) {
		none = NULL;
		if (atomic_load_explicit(&at[i], memory_order_relaxed) ==
		    NULL && atomic_compare_exchange_strong(&at[i], &none, b))
			return (true);
	}
	return (false);
}

/* What is spare counts against what may be locked. */
static void
release_spares(pid_t owner)
{
	struct secbuf * b;
	size_t i;

	for (i = 1; i <= SPARE_PAGES; i++) {
		while ((b = take_spare(i * page_size(), owner)) != NULL)
			unmap_pages(b);
	}
}

static struct secbuf *
new_pages(size_t inner, pid_t owner)
{
	struct secbuf * b;

	if ((b = calloc(1, sizeof(*b))) == NULL)
		return (NULL);
	b->owner = owner;
	if (map_pages(b, inner))
		return (b);
	release_spares(owner);
	if (map_pages(b, inner))
		return (b);
	free(b);
	return (NULL);
}

/**
 * secbuf_new(cap, out):
 * A zeroed buffer with room for ${cap} bytes and length 0.
 */
enum sr_error
secbuf_new(size_t cap, struct secbuf ** out)
{
	size_t inner, page = page_size();
	pid_t owner = getpid();
	struct secbuf * b;

	*out = NULL;
	if (cap > SECBUF_MAX)
		return (SR_E_LIMIT_EXCEEDED);
	must(pthread_once(&canary_once, make_canary) == 0);
	if (canary_made != SR_OK)
		return (canary_made);
	inner = (cap + CANARY_LEN + page - 1) / page * page;
	if ((b = take_spare(inner, owner)) == NULL &&
	    (b = new_pages(inner, owner)) == NULL)
		return (SR_E_OUT_OF_MEMORY);
	hold(b, cap);
	*out = b;
	return (SR_OK);
}

/**
 * secbuf_copy(bytes, len, out):
 * As secbuf_new, filled with a copy of ${bytes}.
 */
enum sr_error
secbuf_copy(const void * bytes, size_t len, struct secbuf ** out)
{
	enum sr_error err;

	if ((err = secbuf_new(len, out)) != SR_OK)
		return (err);
	if (len != 0)
		memcpy((*out)->bytes, bytes, len);
	(*out)->len = len;
	return (SR_OK);
}

/** secbuf_clone(b, out): a copy in a buffer of its own. */
enum sr_error
secbuf_clone(const struct secbuf * b, struct secbuf ** out)
{

	return (secbuf_copy(secbuf_bytes(b), b->len, out));
}

/** secbuf_random(len, out): ${len} random bytes. */
enum sr_error
secbuf_random(size_t len, struct secbuf ** out)
{
	enum sr_error err;

	if ((err = secbuf_new(len, out)) != SR_OK)
		return (err);
	if ((err = random_bytes((*out)->bytes, len)) != SR_OK) {
		secbuf_free(out);
		return (err);
	}
	(*out)->len = len;
	return (SR_OK);
}

/** secbuf_free(b): wipe, keep as a spare or unmap, set *b to NULL. */
void
secbuf_free(struct secbuf ** b)
{
	struct secbuf * old;
	size_t page = page_size();

	if (b == NULL || (old = *b) == NULL)
		return;
	*b = NULL;
	/* In a child the pages are not there or not ours: nothing to wipe. */
	if (old->owner != getpid()) {
		free(old);
		return;
	}
	must(intact(old));
	explicit_bzero(old->map + page, old->map_len - 2 * page);
	if (!keep_spare(old))
		unmap_pages(old);
}

/** secbuf_len(b): bytes in use. */
size_t
secbuf_len(const struct secbuf * b)
{

	return (b->len);
}

/** secbuf_trim_newline(b): drop one LF or CRLF at the end. */
void
secbuf_trim_newline(struct secbuf * b)
{
	size_t len = b->len;

	must(intact(b));
	if (len == 0 || b->bytes[len - 1] != '\n')
		return;
	len--;
	if (len != 0 && b->bytes[len - 1] == '\r')
		len--;
	secbuf_set_len(b, len);
}

/** secbuf_equal(a, b): in time that depends on the lengths alone. */
bool
secbuf_equal(const struct secbuf * a, const struct secbuf * b)
{
	volatile uint8_t differ = 0;
	size_t i;

	must(intact(a) && intact(b));
	if (a->len != b->len)
		return (false);
	for (i = 0; i < a->len; i++)
		differ = (uint8_t)(differ | (a->bytes[i] ^ b->bytes[i]));
	return (differ == 0);
}

/** secbuf_utf8(b): whether it holds well-formed UTF-8 without NUL. */
bool
secbuf_utf8(const struct secbuf * b)
{

	must(intact(b));
	return (utf8_valid((const char *)b->bytes, b->len) &&
	    memchr(b->bytes, '\0', b->len) == NULL);
}

/** secbuf_bytes(b): the bytes, secbuf_len(b) of them. */
const uint8_t *
secbuf_bytes(const struct secbuf * b)
{

	must(intact(b));
	return (b->bytes);
}

/** secbuf_writable(b): the bytes to write, up to secbuf_cap(b) of them. */
uint8_t *
secbuf_writable(struct secbuf * b)
{

	must(intact(b));
	return (b->bytes);
}

/** secbuf_cap(b): the room it has. */
size_t
secbuf_cap(const struct secbuf * b)
{

	return (b->cap);
}

/** secbuf_set_len(b, len): ${len} bytes are in use; the rest is wiped. */
void
secbuf_set_len(struct secbuf * b, size_t len)
{

	must(intact(b) && len <= b->cap);
	if (len < b->len)
		explicit_bzero(&b->bytes[len], b->len - len);
	b->len = len;
}
