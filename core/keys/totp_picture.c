#include <stdio.h>
#include <string.h>

#include <qrencode.h>

#include "core/base/secbuf.h"
#include "core/base/secbuf_bytes.h"
#include "core/keys/base32.h"
#include "core/keys/totp.h"
#include "core/log/log.h"

#define URI_MAX		1024
/* A run of dark modules, "M123 123h123", and how many there may be in all. */
#define RUN_LEN		12
#define RUNS_MAX(width)	((size_t)(width) * (((size_t)(width) + 1) / 2))

/* A cursor in a secbuf, to which text is appended as long as it fits. */
struct writer {
	char * to;
	size_t room;
	size_t len;
	bool full;
};

static void
put(struct writer * w, const char * text, size_t len)
{

	if (w->full || len > w->room - w->len) {
		w->full = true;
		return;
	}
	memcpy(w->to + w->len, text, len);
	w->len += len;
}

static void
put_text(struct writer * w, const char * text)
{

	put(w, text, strlen(text));
}

static struct writer
writer_of(struct secbuf * b)
{
	void * to = secbuf_writable(b);

	return ((struct writer){ .to = to, .room = secbuf_cap(b) });
}

/* RFC 3986, 2.3: what needs no escape in a URI. */
static void
put_escaped(struct writer * w, const char * text)
{
	char hex[4];

	for (; *text != '\0'; text++) {
		if ((*text >= 'A' && *text <= 'Z') || (*text >= 'a' &&
		    *text <= 'z') || (*text >= '0' && *text <= '9') ||
		    strchr("-._~", *text) != NULL) {
			put(w, text, 1);
			continue;
		}
		(void)snprintf(hex, sizeof(hex), "%%%02X",
		    (unsigned)(unsigned char)*text);
		put_text(w, hex);
	}
}

/** totp_text(seed, out): in base32 without padding. */
enum sr_error
totp_text(const struct secbuf * seed, struct secbuf ** out)
{
	const size_t len = BASE32_LEN(secbuf_len(seed));
	enum sr_error err;

	if ((err = secbuf_new(len, out)) != SR_OK)
		return (sr_fail(err, log_const("reason", "totp_text")));
	base32_write(secbuf_bytes(seed), secbuf_len(seed),
	    secbuf_writable(*out));
	secbuf_set_len(*out, len);
	return (SR_OK);
}

/* What authenticators read, with a NUL behind it. */
static enum sr_error
write_uri(const struct secbuf * seed, const char * email, struct secbuf ** out)
{
	struct secbuf * text = NULL;
	struct writer w;
	enum sr_error err;

	*out = NULL;
	if ((err = totp_text(seed, &text)) != SR_OK)
		return (err);
	if ((err = secbuf_new(URI_MAX, out)) != SR_OK) {
		(void)sr_fail(err, log_const("reason", "totp_uri"));
		goto out;
	}
	w = writer_of(*out);
	put_text(&w, "otpauth://totp/Strongroom:");
	put_escaped(&w, email);
	put_text(&w, "?issuer=Strongroom&algorithm=SHA1&digits=6&period=30"
	    "&secret=");
	put(&w, (const char *)secbuf_bytes(text), secbuf_len(text));
	put(&w, "", 1);
	must(!w.full);
	secbuf_set_len(*out, w.len);

out:
	secbuf_free(&text);
	return (err);
}

/* Dark modules side by side are one stroke. */
static void
draw_row(struct writer * w, const QRcode * qr, int y)
{
	const unsigned char * row = qr->data + y * qr->width;
	char run[40];
	int x, from;

	for (x = 0; x < qr->width; x++) {
		if ((row[x] & 1) == 0)
			continue;
		for (from = x; x < qr->width && (row[x] & 1) != 0; x++)
			;
		(void)snprintf(run, sizeof(run), "M%d %dh%d", from, y,
		    x - from);
		put_text(w, run);
	}
	explicit_bzero(run, sizeof(run));
}

static enum sr_error
draw(QRcode * qr, struct secbuf ** path)
{
	const size_t modules = (size_t)qr->width * (size_t)qr->width;
	struct writer w;
	enum sr_error err;

	if ((err = secbuf_new(RUNS_MAX(qr->width) * RUN_LEN, path)) == SR_OK) {
		w = writer_of(*path);
		for (int y = 0; y < qr->width; y++)
			draw_row(&w, qr, y);
		must(!w.full);
		secbuf_set_len(*path, w.len);
	}
	explicit_bzero(qr->data, modules);
	return (err);
}

/**
 * totp_picture(seed, email, path, size):
 * The QR code of what an authenticator reads.
 */
enum sr_error
totp_picture(const struct secbuf * seed, const char * email,
    struct secbuf ** path, unsigned * size)
{
	struct secbuf * uri = NULL;
	const void * text;
	QRcode * qr;
	enum sr_error err;

	*path = NULL;
	if ((err = write_uri(seed, email, &uri)) != SR_OK)
		return (err);
	text = secbuf_bytes(uri);
	qr = QRcode_encodeString8bit(text, 0, QR_ECLEVEL_M);
	secbuf_free(&uri);
	if (qr == NULL)
		return (sr_fail(SR_E_INTERNAL_ERROR,
		    log_const("reason", "qrencode")));
	*size = (unsigned)qr->width;
	err = draw(qr, path);
	QRcode_free(qr);
	return (err);
}
