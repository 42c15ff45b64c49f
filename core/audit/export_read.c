#include <errno.h>
#include <libxml/xmlreader.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/audit/export_read_internal.h"
#include "core/log/log.h"

#define DECLARATION	"<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
#define FILE_END	"</audit-export>\n"
#define TAIL_LEN	(sizeof(FILE_END) - 1)
/* No tag and no text of an export is longer. */
#define RUN_MAX		((size_t)32 * 1024)

struct export_reader {
	int fd;
	xmlTextReaderPtr xml;
	struct minisig_hash * hash;
	uint64_t bytes;
	size_t run;			/* Since the last < or >. */
	char last;			/* Byte. */
	char tail[TAIL_LEN];
	bool refused;			/* It holds what no export holds. */
	bool ended;
	bool unreadable;
	bool ahead;			/* The node is not taken yet. */
	bool empty;			/* The open element has no end node. */
};

/* Whether the parser may see these bytes. */
static bool
harmless(struct export_reader * r, const char * p, size_t len)
{
	size_t i;

	for (i = 0; i < len; i++) {
		if (r->bytes + i < sizeof(DECLARATION) - 1) {
			if (p[i] != DECLARATION[r->bytes + i])
				return (false);
			continue;
		}
		if (p[i] == '\0' || ++r->run > RUN_MAX ||
		    (r->last == '<' && (p[i] == '!' || p[i] == '?')))
			return (false);
		if (p[i] == '<' || p[i] == '>')
			r->run = 0;
		r->last = p[i];
	}
	return (true);
}

static void
keep_tail(struct export_reader * r, const char * p, size_t len)
{

	if (len >= TAIL_LEN) {
		memcpy(r->tail, p + len - TAIL_LEN, TAIL_LEN);
		return;
	}
	memmove(r->tail, r->tail + len, TAIL_LEN - len);
	memcpy(r->tail + TAIL_LEN - len, p, len);
}

/* Read, hash, and look at it; -1 ends the parser. */
static int
take(void * cookie, char * p, int size)
{
	struct export_reader * r = cookie;
	ssize_t n;

	if (r->refused || r->unreadable)
		return (-1);
	do {
		n = read(r->fd, p, (size_t)size);
	} while (n < 0 && errno == EINTR);
	if (n < 0) {
		r->unreadable = true;
		return (-1);
	}
	r->ended = n == 0;
	minisig_add(r->hash, p, (size_t)n);
	keep_tail(r, p, (size_t)n);
	r->refused = !harmless(r, p, (size_t)n);
	r->bytes += (uint64_t)n;
	return (r->refused ? -1 : (int)n);
}

/* Errors show in what the reader returns; its texts quote the file. */
static void
silent(void * cookie, xmlErrorPtr error)
{

	(void)cookie;
	(void)error;
}

/** reader_open(fd, out): Errors: OUT_OF_MEMORY. */
enum sr_error
reader_open(int fd, struct export_reader ** out)
{
	struct export_reader * r;
	enum sr_error err;

	*out = NULL;
	if ((r = calloc(1, sizeof(*r))) == NULL)
		return (SR_E_OUT_OF_MEMORY);
	r->fd = fd;
	if ((err = minisig_begin(&r->hash)) == SR_OK && (r->xml =
	    xmlReaderForIO(take, NULL, r, NULL, NULL, XML_PARSE_NONET |
	    XML_PARSE_NOERROR | XML_PARSE_NOWARNING)) == NULL)
		err = SR_E_OUT_OF_MEMORY;
	if (err != SR_OK) {
		reader_free(&r);
		return (err);
	}
	xmlTextReaderSetStructuredErrorHandler(r->xml, silent, NULL);
	*out = r;
	return (SR_OK);
}

/** reader_free(r): *r becomes NULL; may be NULL. */
void
reader_free(struct export_reader ** r)
{

	if (*r == NULL)
		return;
	xmlFreeTextReader((*r)->xml);
	minisig_drop(&(*r)->hash);
	free(*r);
	*r = NULL;
}

/** reader_finish(r, hash, bytes): read the file to its end. */
enum sr_error
reader_finish(struct export_reader * r, uint8_t hash[MINISIG_HASH_LEN],
    uint64_t * bytes)
{
	char buf[16384];
	bool refused = r->refused;

	/* What is behind a part that was refused is hashed, and no more. */
	while (!r->ended && !r->unreadable) {
		r->refused = false;
		(void)take(r, buf, sizeof(buf));
		refused = refused || r->refused;
	}
	r->refused = refused;
	minisig_end(&r->hash, hash);
	*bytes = r->bytes;
	return (r->unreadable ? sr_fail(SR_E_INPUT_UNREADABLE,
	    log_u64("bytes", r->bytes)) : SR_OK);
}

/** reader_wrong(r): what is wrong with the file. */
enum audit_finding_kind
reader_wrong(const struct export_reader * r)
{

	if (r->refused)
		return (FINDING_FILE_REFUSED);
	if (strncmp(r->tail, FILE_END, TAIL_LEN) != 0)
		return (FINDING_FILE_TRUNCATED);
	return (FINDING_FILE_MALFORMED);
}

/* The next node that is no blank text is the reader's. */
static bool
step(struct export_reader * r)
{
	int type;

	if (r->ahead) {
		r->ahead = false;
		return (true);
	}
	do {
		if (xmlTextReaderRead(r->xml) != 1)
			return (false);
		type = xmlTextReaderNodeType(r->xml);
	} while (type == XML_READER_TYPE_WHITESPACE ||
	    type == XML_READER_TYPE_SIGNIFICANT_WHITESPACE);
	return (true);
}

static bool
is_element(struct export_reader * r)
{
	const xmlChar * ns;

	if (xmlTextReaderNodeType(r->xml) != XML_READER_TYPE_ELEMENT)
		return (false);
	ns = xmlTextReaderConstNamespaceUri(r->xml);
	return (ns != NULL && strcmp((const char *)ns, EXPORT_NAMESPACE) == 0 &&
	    xmlTextReaderConstPrefix(r->xml) == NULL);
}

/** reader_opens(r, name): whether the next element is ${name}. */
bool
reader_opens(struct export_reader * r, const char * name)
{

	if (!step(r) || !is_element(r) || strcmp((const char *)
	    xmlTextReaderConstLocalName(r->xml), name) != 0)
		return (false);
	r->empty = xmlTextReaderIsEmptyElement(r->xml) == 1;
	return (true);
}

/** reader_closes(r): whether nothing is left in the open one. */
bool
reader_closes(struct export_reader * r)
{

	if (r->empty) {
		r->empty = false;
		return (true);
	}
	return (step(r) && xmlTextReaderNodeType(r->xml) ==
	    XML_READER_TYPE_END_ELEMENT);
}

/** reader_next(r, name): the next element; "": the open one ends. */
bool
reader_next(struct export_reader * r, const char ** name)
{

	*name = "";
	if (r->empty)
		return (true);
	if (!step(r))
		return (false);
	r->ahead = true;
	if (is_element(r)) {
		*name = (const char *)xmlTextReaderConstLocalName(r->xml);
		return (true);
	}
	return (xmlTextReaderNodeType(r->xml) == XML_READER_TYPE_END_ELEMENT);
}

/** reader_text(r, out, size): the open element's text; it is closed. */
bool
reader_text(struct export_reader * r, char * out, size_t size)
{
	const char * text;
	size_t len = 0, n;

	if (r->empty)
		return (false);
	for (;;) {
		if (xmlTextReaderRead(r->xml) != 1)
			return (false);
		if (xmlTextReaderNodeType(r->xml) ==
		    XML_READER_TYPE_END_ELEMENT)
			break;
		if (xmlTextReaderNodeType(r->xml) != XML_READER_TYPE_TEXT)
			return (false);
		text = (const char *)xmlTextReaderConstValue(r->xml);
		n = text == NULL ? 0 : strlen(text);
		if (n >= size - len)
			return (false);
		memcpy(out + len, text, n);
		len += n;
	}
	out[len] = '\0';
	return (true);
}

static const struct attribute *
find(const struct attribute * a, size_t n, const char * name)
{
	size_t i;

	for (i = 0; i < n; i++) {
		if (strcmp(a[i].name, name) == 0)
			return (&a[i]);
	}
	return (NULL);
}

/* One attribute, which is the reader's node; ${needed} counts those that had to
 * be there. */
static bool
take_attribute(struct export_reader * r, const struct attribute * a, size_t n,
    size_t * needed)
{
	const char * value;
	size_t len;

	if (xmlTextReaderConstPrefix(r->xml) != NULL)
		return (false);
	a = find(a, n, (const char *)xmlTextReaderConstLocalName(r->xml));
	value = (const char *)xmlTextReaderConstValue(r->xml);
	if (a == NULL || value == NULL || (len = strlen(value)) >= a->size)
		return (false);
	memcpy(a->out, value, len + 1);
	if (a->there != NULL)
		*a->there = true;
	else
		(*needed)--;
	return (true);
}

/** reader_attributes(r, a, n): those of the open element. */
bool
reader_attributes(struct export_reader * r, const struct attribute * a,
    size_t n)
{
	size_t i, needed = 0;
	int rc;

	for (i = 0; i < n; i++) {
		a[i].out[0] = '\0';
		if (a[i].there != NULL)
			*a[i].there = false;
		else
			needed++;
	}
	while ((rc = xmlTextReaderMoveToNextAttribute(r->xml)) == 1) {
		if (xmlTextReaderIsNamespaceDecl(r->xml) == 1)
			continue;
		/* A name stands once in a tag. */
		if (!take_attribute(r, a, n, &needed))
			return (false);
	}
	(void)xmlTextReaderMoveToElement(r->xml);
	return (rc == 0 && needed == 0);
}

/** reader_done(r): whether the document is at its end. */
bool
reader_done(struct export_reader * r)
{

	return (!r->ahead && xmlTextReaderRead(r->xml) == 0);
}
