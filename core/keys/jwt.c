#include <stdio.h>
#include <string.h>

#include <nettle/asn1.h>
#include <nettle/base64.h>
#include <nettle/rsa.h>
#include <nettle/sha2.h>

#include "core/base/random.h"
#include "core/base/secbuf_bytes.h"
#include "core/keys/jwt.h"
#include "core/log/log.h"

#define RSA_BITS_MIN	2048
#define RSA_BITS_MAX	8192
#define SIGNATURE_MAX	(RSA_BITS_MAX / 8)
#define PEM_MAX		((size_t)16 * 1024)
/* RFC 4648, 5, without padding. */
#define BASE64URL_LEN(n)	(((n) * 4 + 2) / 3)
#define PAYLOAD_MAX	256
#define TOKEN_MAX							\
    (BASE64URL_LEN(32) + 1 + BASE64URL_LEN(PAYLOAD_MAX) + 1 +		\
    BASE64URL_LEN(SIGNATURE_MAX) + 8)

static enum sr_error
not_a_key(const char * why)
{

	return (sr_fail(SR_E_PROVIDER_CREDENTIAL_VALUE_INVALID,
	    log_const("private_key", why)));
}

/* What stands between BEGIN and END, decoded. */
struct pem {
	const char * begin;
	const char * end;
	bool pkcs8;
};

static bool
find_label(const char * text, const char * label, struct pem * out)
{
	char begin[64], end[64];

	(void)snprintf(begin, sizeof(begin), "-----BEGIN %s-----", label);
	(void)snprintf(end, sizeof(end), "-----END %s-----", label);
	if ((out->begin = strstr(text, begin)) == NULL)
		return (false);
	out->begin += strlen(begin);
	return ((out->end = strstr(out->begin, end)) != NULL);
}

/* Only the characters of base64: blanks, line ends and \n are passed over. */
static size_t
squeeze(const struct pem * p, char * out)
{
	const char * c;
	size_t n = 0;

	for (c = p->begin; c < p->end; c++) {
		if (*c == '\\' && c + 1 < p->end &&
		    (c[1] == 'n' || c[1] == 'r'))
			c++;
		else if (*c != '\n' && *c != '\r' && *c != ' ' && *c != '\t')
			out[n++] = *c;
	}
	return (n);
}

static enum sr_error
decode(const struct pem * p, struct secbuf ** out)
{
	size_t len, room = (size_t)(p->end - p->begin);
	struct base64_decode_ctx ctx;
	struct secbuf * squeezed = NULL;
	enum sr_error err;
	bool good;

	if ((err = secbuf_new(room + 1, &squeezed)) != SR_OK)
		return (err);
	room = squeeze(p, (char *)secbuf_writable(squeezed));
	len = BASE64_DECODE_LENGTH(room);
	if ((err = secbuf_new(len, out)) != SR_OK) {
		secbuf_free(&squeezed);
		return (err);
	}
	base64_decode_init(&ctx);
	good = base64_decode_update(&ctx, &len, secbuf_writable(*out), room,
	    (const char *)secbuf_bytes(squeezed)) != 0 &&
	    base64_decode_final(&ctx) != 0;
	explicit_bzero(&ctx, sizeof(ctx));
	secbuf_free(&squeezed);
	if (good) {
		secbuf_set_len(*out, len);
		return (SR_OK);
	}
	secbuf_free(out);
	return (not_a_key("no base64"));
}

/* PEM (RFC 7468) to DER. */
static enum sr_error
pem_to_der(const struct secbuf * pem, struct secbuf ** der, bool * pkcs8)
{
	struct pem p = { .begin = NULL };
	struct secbuf * text = NULL;
	enum sr_error err;

	*der = NULL;
	if (secbuf_len(pem) > PEM_MAX)
		return (not_a_key("too long"));
	if ((err = secbuf_new(secbuf_len(pem) + 1, &text)) != SR_OK)
		return (err);
	memcpy(secbuf_writable(text), secbuf_bytes(pem), secbuf_len(pem));
	secbuf_writable(text)[secbuf_len(pem)] = '\0';
	*pkcs8 = false;
	if (find_label((const char *)secbuf_bytes(text), "RSA PRIVATE KEY",
	    &p) || (*pkcs8 = find_label((const char *)secbuf_bytes(text),
	    "PRIVATE KEY", &p)))
		err = decode(&p, der);
	else
		err = not_a_key("no PEM of an RSA or PKCS#8 key");
	secbuf_free(&text);
	return (err);
}

/* The next element, which has to be of that type. */
static bool
next_is(struct asn1_der_iterator * i, enum asn1_type type)
{
	enum asn1_iterator_result got = asn1_der_iterator_next(i);

	return ((got == ASN1_ITERATOR_PRIMITIVE ||
	    got == ASN1_ITERATOR_CONSTRUCTED) && i->type == type);
}

/* The first of what is inside a SEQUENCE. */
static bool
enter(struct asn1_der_iterator * sequence, struct asn1_der_iterator * inside,
    enum asn1_type type)
{
	enum asn1_iterator_result got =
	    asn1_der_decode_constructed(sequence, inside);

	return ((got == ASN1_ITERATOR_PRIMITIVE ||
	    got == ASN1_ITERATOR_CONSTRUCTED) && inside->type == type);
}

static bool
is_rsa(const struct asn1_der_iterator * oid)
{
	static const uint8_t rsa_encryption[] = { 0x2a, 0x86, 0x48, 0x86, 0xf7,
	    0x0d, 0x01, 0x01, 0x01 };

	return (oid->length == sizeof(rsa_encryption) &&
	    memcmp(oid->data, rsa_encryption, sizeof(rsa_encryption)) == 0);
}

/* The PKCS#1 key in a PrivateKeyInfo (RFC 5208): version, algorithm, key. */
static bool
pkcs8_inside(size_t len, const uint8_t * der, size_t * inner_len,
    const uint8_t ** inner)
{
	struct asn1_der_iterator outer, seq, algorithm;

	if (asn1_der_iterator_first(&outer, len, der) !=
	    ASN1_ITERATOR_CONSTRUCTED || outer.type != ASN1_SEQUENCE ||
	    !enter(&outer, &seq, ASN1_INTEGER) ||
	    !next_is(&seq, ASN1_SEQUENCE) ||
	    !enter(&seq, &algorithm, ASN1_IDENTIFIER) || !is_rsa(&algorithm) ||
	    !next_is(&seq, ASN1_OCTETSTRING))
		return (false);
	*inner_len = seq.length;
	*inner = seq.data;
	return (true);
}

/* Whether a * b is 1 modulo m. */
static bool
is_inverse(const mpz_t a, const mpz_t b, const mpz_t m)
{
	bool same;
	mpz_t r;

	mpz_init(r);
	mpz_mul(r, a, b);
	mpz_mod(r, r, m);
	same = mpz_cmp_ui(r, 1) == 0;
	mpz_clear(r);
	return (same);
}

/* Whether ${exponent} belongs to the prime ${p} and to e. */
static bool
fits_prime(const mpz_t exponent, const mpz_t e, const mpz_t p)
{
	bool fits;
	mpz_t m;

	mpz_init(m);
	mpz_sub_ui(m, p, 1);
	fits = mpz_cmp_ui(m, 1) > 0 && mpz_sgn(exponent) > 0 &&
	    mpz_cmp(exponent, m) < 0 && is_inverse(exponent, e, m);
	mpz_clear(m);
	return (fits);
}

/*
 * A key that was damaged on the way: the library stops the program at some of
 * those. So the numbers of RFC 8017, 3.2, must belong together.
 */
static bool
consistent(const struct rsa_public_key * public_key,
    const struct rsa_private_key * key)
{
	bool good;
	mpz_t n;

	mpz_init(n);
	mpz_mul(n, key->p, key->q);
	good = mpz_sgn(key->p) > 0 && mpz_sgn(key->q) > 0 &&
	    mpz_odd_p(key->p) && mpz_odd_p(key->q) &&
	    mpz_cmp(n, public_key->n) == 0 &&
	    fits_prime(key->a, public_key->e, key->p) &&
	    fits_prime(key->b, public_key->e, key->q) &&
	    mpz_sgn(key->c) > 0 && mpz_cmp(key->c, key->p) < 0 &&
	    is_inverse(key->c, key->q, key->p);
	mpz_clear(n);
	return (good);
}

/* ${public_key} and ${key} are initialised; the caller clears them. */
static enum sr_error
read_key(const struct secbuf * pem, struct rsa_public_key * public_key,
    struct rsa_private_key * key)
{
	struct secbuf * der = NULL;
	const uint8_t * p;
	enum sr_error err;
	bool pkcs8;
	size_t len;

	if ((err = pem_to_der(pem, &der, &pkcs8)) != SR_OK)
		return (err);
	p = secbuf_bytes(der);
	len = secbuf_len(der);
	if (pkcs8 && !pkcs8_inside(len, p, &len, &p))
		err = not_a_key("PKCS#8 of something else than RSA");
	else if (!rsa_keypair_from_der(public_key, key, RSA_BITS_MAX, len, p))
		err = not_a_key("no RSA key in it");
	else if (mpz_sizeinbase(public_key->n, 2) < RSA_BITS_MIN)
		err = not_a_key("too short");
	else if (!consistent(public_key, key))
		err = not_a_key("its numbers do not belong together");
	secbuf_free(&der);
	return (err);
}

/* Blinding for rsa_sha256_sign_tr. */
struct noise {
	enum sr_error err;
};

static void
noise(void * cookie, size_t len, uint8_t * out)
{
	struct noise * n = cookie;
	enum sr_error err = random_bytes(out, len);

	if (err != SR_OK)
		n->err = err;
}

/* The token's text grows in ${to}, which has room for TOKEN_MAX. */
static size_t
add_base64url(char * to, const void * bytes, size_t len)
{
	struct base64_encode_ctx ctx;
	size_t n;

	base64url_encode_init(&ctx);
	n = base64_encode_update(&ctx, to, len, bytes);
	n += base64_encode_final(&ctx, to + n);
	while (n > 0 && to[n - 1] == '=')
		n--;
	return (n);
}

static size_t
claims(char * to, const char * issuer, sr_time now)
{
	static const char header[] = "{\"alg\":\"RS256\",\"typ\":\"JWT\"}";
	char payload[PAYLOAD_MAX];
	int64_t seconds = now / SR_SECOND;
	size_t n;
	int len;

	len = snprintf(payload, sizeof(payload),
	    "{\"iat\":%lld,\"exp\":%lld,\"iss\":\"%s\"}",
	    (long long)(seconds - 60), (long long)(seconds + 540), issuer);
	must(len > 0 && (size_t)len < sizeof(payload));
	n = add_base64url(to, header, sizeof(header) - 1);
	to[n++] = '.';
	return (n + add_base64url(to + n, payload, (size_t)len));
}

static enum sr_error
sign(const struct rsa_public_key * public_key,
    const struct rsa_private_key * key, char * token, size_t * len)
{
	uint8_t signature[SIGNATURE_MAX];
	struct noise n = { .err = SR_OK };
	struct sha256_ctx hash;
	enum sr_error err = SR_OK;
	mpz_t s;

	sha256_init(&hash);
	sha256_update(&hash, *len, (const uint8_t *)token);
	mpz_init(s);
	if (rsa_sha256_sign_tr(public_key, key, &n, noise, &hash, s) == 0)
		err = not_a_key("its numbers do not belong together");
	else
		nettle_mpz_get_str_256(key->size, signature, s);
	mpz_clear(s);
	if (n.err != SR_OK)
		err = sr_fail(n.err, log_const("for", "jwt"));
	if (err != SR_OK)
		return (err);
	token[(*len)++] = '.';
	*len += add_base64url(token + *len, signature, key->size);
	return (SR_OK);
}

static bool
good_issuer(const char * issuer)
{
	static const char chars[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
	    "abcdefghijklmnopqrstuvwxyz0123456789._-";
	size_t len = strlen(issuer);

	return (len > 0 && len <= JWT_ISSUER_MAX &&
	    strspn(issuer, chars) == len);
}

/** jwt_rs256(pem, issuer, now, out): a token of ${issuer}. */
enum sr_error
jwt_rs256(const struct secbuf * pem, const char * issuer, sr_time now,
    struct secbuf ** out)
{
	struct rsa_public_key public_key;
	struct rsa_private_key key;
	enum sr_error err;
	size_t len;
	char * to;

	*out = NULL;
	if (!good_issuer(issuer))
		return (sr_fail(SR_E_LIMIT_EXCEEDED,
		    log_const("jwt", "issuer")));
	if ((err = secbuf_new(TOKEN_MAX, out)) != SR_OK)
		return (err);
	to = (char *)secbuf_writable(*out);
	rsa_public_key_init(&public_key);
	rsa_private_key_init(&key);
	len = claims(to, issuer, now);
	if ((err = read_key(pem, &public_key, &key)) == SR_OK)
		err = sign(&public_key, &key, to, &len);
	rsa_private_key_clear(&key);
	rsa_public_key_clear(&public_key);
	if (err == SR_OK)
		secbuf_set_len(*out, len);
	else
		secbuf_free(out);
	return (err);
}
