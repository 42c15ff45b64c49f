#ifndef SR_CORE_AUDIT_EXPORT_READ_INTERNAL_H
#define SR_CORE_AUDIT_EXPORT_READ_INTERNAL_H

/*
 * For export_read*.c and export_verify.c: an export as it is read, element by
 * element. The file is hostile until it is proved: before the parser sees a byte
 * it is refused if it holds what no export holds (document types, comments,
 * instructions, other encodings) or a tag or text of some size.
 */

#include "core/audit/export_internal.h"
#include "core/audit/export_verify.h"
#include "core/audit/minisig.h"

struct export_reader;

/** reader_open(fd, out): Errors: OUT_OF_MEMORY. */
SR_NODISCARD enum sr_error reader_open(int fd, struct export_reader ** out);

/** reader_free(r): *r becomes NULL; may be NULL. */
void reader_free(struct export_reader ** r);

/**
 * reader_finish(r, hash, bytes):
 * Read the file to its end and give its hash. Errors: INPUT_UNREADABLE.
 */
SR_NODISCARD enum sr_error reader_finish(struct export_reader * r,
    uint8_t hash[MINISIG_HASH_LEN], uint64_t * bytes);

/**
 * reader_wrong(r):
 * After one of the functions below said false and the file was read to its end:
 * what is wrong with it (FINDING_FILE_…).
 */
enum audit_finding_kind reader_wrong(const struct export_reader * r);

/**
 * reader_opens(r, name): whether the next element is ${name}; it is the open
 * one then.
 * reader_closes(r): whether nothing but blanks is left in the open one.
 * reader_next(r, name): the name of the next element in the open one, which
 * stays ahead for reader_opens; "" when there is none; false if neither.
 * reader_text(r, out, size): the text of the open element, which is closed.
 * reader_done(r): whether the document is at its end.
 */
SR_NODISCARD bool reader_opens(struct export_reader * r, const char * name);
SR_NODISCARD bool reader_closes(struct export_reader * r);
SR_NODISCARD bool reader_next(struct export_reader * r, const char ** name);
SR_NODISCARD bool reader_text(struct export_reader * r, char * out,
    size_t size);
SR_NODISCARD bool reader_done(struct export_reader * r);

/* An attribute that an element may have, and where its value goes. */
struct attribute {
	const char * name;
	char * out;
	size_t size;
	bool * there;		/* Set to whether it is there; NULL: it must. */
};

/** reader_attributes(r, a, n): those of the open element; no others. */
SR_NODISCARD bool reader_attributes(struct export_reader * r,
    const struct attribute * a, size_t n);

/* Values, in the one spelling that the export has for them. */
SR_NODISCARD bool value_number(const char * text, uint64_t most,
    uint64_t * out);
SR_NODISCARD bool value_id(const char * text, struct sr_id * out);
SR_NODISCARD bool value_time(const char * text, sr_time * out);
SR_NODISCARD bool value_hash(const char * text, uint8_t out[MERKLE_LEN]);

#define VALUE_MAX	1100	/* Bytes of a text column, and more. */

/* An event, and room for what it points at. */
struct event {
	uint64_t leaf;
	uint8_t hash[MERKLE_LEN];
	struct read_row row;
	bool masked;
	uint8_t mac[MAC_LEN];
	uint8_t prev_mac[MAC_LEN];
	char action[VALUE_MAX], outcome[VALUE_MAX], error[VALUE_MAX];
	char kind[VALUE_MAX], label[VALUE_MAX];
	char target_kind[VALUE_MAX], scope[VALUE_MAX], name[VALUE_MAX];
};

/** reader_event(r, e): the element event, which is next. */
SR_NODISCARD bool reader_event(struct export_reader * r, struct event * e);

/** reader_missing(r, leaf, hash), reader_omitted(r, level, hash): likewise. */
SR_NODISCARD bool reader_missing(struct export_reader * r, uint64_t * leaf,
    uint8_t hash[MERKLE_LEN]);
SR_NODISCARD bool reader_omitted(struct export_reader * r, unsigned * level,
    uint8_t hash[MERKLE_LEN]);

/* All before the first event. */
struct export_top {
	uint8_t public_key[SIGN_PUBLIC_LEN];
	struct checkpoint head;
	struct audit_filter filter;
	bool filter_masked;
	struct checkpoint earlier[EXPORT_EARLIER_MAX];
	size_t earlier_n;
};
SR_NODISCARD bool reader_top(struct export_reader * r, struct export_top * top);

/** reader_end(r, counts): all behind the last event. */
SR_NODISCARD bool reader_end(struct export_reader * r,
    struct audit_export_counts * counts);

#endif /* !SR_CORE_AUDIT_EXPORT_READ_INTERNAL_H */
