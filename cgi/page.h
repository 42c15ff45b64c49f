#ifndef SR_CGI_PAGE_H
#define SR_CGI_PAGE_H

/*
 * A page's model: one XML document of elements with attributes, built from
 * typed values. Text that is not ours goes through the gate for the ui
 * channel as it enters; text that the gate cannot vouch for is replaced and
 * the page carries an alert. Errors stick and show at page_render. One
 * thread at a time.
 */

#include "cgi/accept.h"
#include "core/base/clock.h"
#include "core/base/error.h"
#include "core/base/id.h"

struct page;
struct redact;
struct redacted;
struct templates;

enum page_name {
#define PAGE(id, name, title) PAGE_##id,
#include "cgi/page.def"
#undef PAGE
	PAGE__MAX
};

/* How a rendered page left. */
enum page_outcome {
	PAGE_CLEAN,		/* As it was meant. */
	PAGE_WITHOUT_TEXT,	/* The scan hit; all free text suppressed. */
	PAGE_ALERT_ALONE	/* It hit again; the alert is all there is. */
};

/** page_file(name) / page_title(name): "front", "Strongroom". Static. */
const char * page_file(enum page_name name);
const char * page_title(enum page_name name);

/**
 * page_library_init(): libxml2 and libxslt, once, before threads. Neither
 * reads a file nor the network after templates_load.
 */
SR_NODISCARD enum sr_error page_library_init(void);

/**
 * templates_load(folder, out):
 * Compile ${folder}/pages/<name>.xsl for each page. Errors: CONFIG_INVALID (a
 * stylesheet is missing or wrong; templates_failed names it). Caller frees.
 */
SR_NODISCARD enum sr_error templates_load(const char * folder,
    struct templates ** out);
void templates_free(struct templates ** t);

/**
 * templates_under(t, prefix):
 * Pages link to ${prefix} ("/strongroom"; it stays valid, and needs no escaping
 * in a page) and what is below it. Before threads.
 */
void templates_under(struct templates * t, const char * prefix);

/** templates_failed(): the page whose stylesheet the last load failed at. */
const char * templates_failed(void);

/** page_new(redact, name, correlation_id, out): an empty page. Caller frees. */
SR_NODISCARD enum sr_error page_new(struct redact * redact,
    enum page_name name, const struct sr_id * correlation_id,
    struct page ** out);
void page_free(struct page ** p);

/* An element within the open one; the root is open at first. */
#define page_begin(p, name)	page_open((p), SR_LITERAL(name))
void page_open(struct page * p, const char * name);
void page_end(struct page * p);

/* Attributes of the open element. ${key} is a literal. */
#define page_lit(p, key, text)						\
	page_constant((p), SR_LITERAL(key), SR_LITERAL(text))
#define page_yes(p, key, flag)						\
	page_constant((p), SR_LITERAL(key), (flag) ? "yes" : "no")

/** page_constant(p, key, text): a text of our own catalogues. */
void page_constant(struct page * p, const char * key, const char * text);
void page_id(struct page * p, const char * key, const struct sr_id * id);
void page_u64(struct page * p, const char * key, uint64_t n);
void page_hex(struct page * p, const char * key, const uint8_t * bytes,
    size_t len);

/**
 * page_time(p, key, t):
 * ${key} in RFC 3339 to the second, and ${key}-text, the same for people;
 * nothing for SR_TIME_NONE.
 */
void page_time(struct page * p, const char * key, sr_time t);

/** page_name(p, key, name): typed metadata (see compose_name). */
void page_name(struct page * p, const char * key, const char * name);

/**
 * page_text(p, key, text):
 * Free text, through the gate; REDACT_SUPPRESSED and an alert if it fails.
 */
void page_text(struct page * p, const char * key, const char * text);

/**
 * page_excerpt(p, key, text, most) / page_tail(p, key, text, most):
 * As page_text, and of what passed the first, or the last, ${most} bytes or
 * less, with an ellipsis where the rest was.
 */
void page_excerpt(struct page * p, const char * key, const char * text,
    size_t most);
void page_tail(struct page * p, const char * key, const char * text,
    size_t most);

/** page_label(p, key, text): page_name if the grammar fits, else page_text. */
void page_label(struct page * p, const char * key, const char * text);

/**
 * page_input(p, key, text):
 * What a person typed, shown again in its field: left out altogether when the
 * gate masks any of it, or cannot vouch for it and it has no name's grammar.
 */
void page_input(struct page * p, const char * key, const char * text);

/* What stands in the place of a disclosed value until it is sent. */
#define PAGE_SHOWN_HERE	"[SHOWN HERE ONCE]"

/**
 * page_disclosure(p, key):
 * The place of a value that leaves in the clear (struct disclosed). It never
 * enters the page: view_end_disclosed finds the place, and the one function
 * that sends such values puts it there (response_disclosed.c).
 */
void page_disclosure(struct page * p, const char * key);

/**
 * page_render(p, templates, format, outcome, out):
 * Render as HTML, or the model itself for FORMAT_XML, and scan the bytes. On
 * a hit render again without free text and with the alert; on a second hit
 * only the alert page is left. Caller frees ${out}. Errors: OUT_OF_MEMORY,
 * INTERNAL_ERROR (the stylesheet failed).
 */
SR_NODISCARD enum sr_error page_render(struct page * p,
    const struct templates * templates, enum format format,
    enum page_outcome * outcome, struct redacted ** out);

#endif /* !SR_CGI_PAGE_H */
