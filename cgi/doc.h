#ifndef SR_CGI_DOC_H
#define SR_CGI_DOC_H

/*
 * An answer for programs, as JSON or XML by what the request accepts, from one
 * sequence of calls. Text that is not ours goes through the gate. A value that
 * is not there is null, or no element. Errors stick and show at doc_send.
 */

#include "cgi/exchange.h"
#include "core/redact/compose.h"

#define DOC_DEPTH_MAX	8

struct doc {
	struct exchange * x;
	struct compose * c;
	struct told * told;		/* Values in the clear so far. */
	struct told ** end;		/* Where the next one goes. */
	enum sr_error err;
	bool xml;
	bool first;		/* Nothing is in the open one so far. */
	unsigned depth;
	struct {
		const char * name;
		bool array;
	} open[DOC_DEPTH_MAX];
};

/** doc_new(d, x, root): begin the outermost object. */
#define doc_new(d, x, root)	doc_start((d), (x), SR_LITERAL(root))
void doc_start(struct doc * d, struct exchange * x, const char * root);

/** doc_begin(d, name), doc_array(d, name): within the open one; doc_end. */
#define doc_begin(d, name)	doc_open((d), SR_LITERAL(name), false)
#define doc_array(d, name)	doc_open((d), SR_LITERAL(name), true)
void doc_open(struct doc * d, const char * name, bool array);
void doc_end(struct doc * d);

/* Members. A name that is "", a nil id and SR_TIME_NONE are not there. */
#define doc_name(d, n, v)	doc_put_name((d), SR_LITERAL(n), (v))
#define doc_id(d, n, v)		doc_put_id((d), SR_LITERAL(n), (v))
#define doc_time(d, n, v)	doc_put_time((d), SR_LITERAL(n), (v))
#define doc_u64(d, n, v)	doc_put_u64((d), SR_LITERAL(n), (v))
#define doc_hex(d, n, p, len)						\
	doc_put_hex((d), SR_LITERAL(n), (p), (len))
#define doc_bool(d, n, v)	doc_put_bool((d), SR_LITERAL(n), (v))
void doc_put_name(struct doc * d, const char * name, const char * value);
void doc_put_id(struct doc * d, const char * name, const struct sr_id * id);
void doc_put_time(struct doc * d, const char * name, sr_time t);
void doc_put_u64(struct doc * d, const char * name, uint64_t n);
void doc_put_hex(struct doc * d, const char * name, const uint8_t * bytes,
    size_t len);
void doc_put_bool(struct doc * d, const char * name, bool yes);

/* Text of ours with static storage, free of what JSON or XML would read. */
#define doc_constant(d, n, v)	doc_put_constant((d), SR_LITERAL(n), (v))
void doc_put_constant(struct doc * d, const char * name, const char * value);

/* Free text, through the gate; "" is not there. */
#define doc_text(d, n, v)	doc_put_text((d), SR_LITERAL(n), (v))
void doc_put_text(struct doc * d, const char * name, const char * value);

/**
 * doc_json(d, n, t): JSON that passed the gate, as it is; as text in XML. NULL:
 * it was withheld.
 */
#define doc_json(d, n, t)	doc_put_json((d), SR_LITERAL(n), (t))
void doc_put_json(struct doc * d, const char * name,
    const struct redacted * t);

/**
 * doc_disclose(d, n, value): a member in the clear; takes *value over. One that
 * cannot be said in the document's format (doc_tells) is an error of it.
 */
#define doc_disclose(d, n, v)	doc_put_disclosed((d), SR_LITERAL(n), (v))
void doc_put_disclosed(struct doc * d, const char * name,
    struct disclosed ** value);

/** doc_tells(d, value): SR_OK, or SECRET_VALUE_NOT_REPRESENTABLE. */
SR_NODISCARD enum sr_error doc_tells(const struct doc * d,
    const struct disclosed * value);

/** doc_drop(d): give it up; as after doc_send. */
void doc_drop(struct doc * d);

/**
 * doc_send(d, status, err):
 * End it and answer with ${status}, unless ${err} says that what it is made of
 * could not be had; ends ${d} in any case. Errors: ${err}; those of
 * compose_finish_scanned: nothing of it leaves then.
 */
SR_NODISCARD enum sr_error doc_send(struct doc * d, int status,
    enum sr_error err);

#endif /* !SR_CGI_DOC_H */
