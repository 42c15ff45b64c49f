#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <stdio.h>

#include "tests/harness/provider_internal.h"

#define DAY	((long)24 * 60 * 60)

static bool
add_extension(X509 * x, int nid, const char * value)
{
	X509_EXTENSION * e = X509V3_EXT_conf_nid(NULL, NULL, nid, value);
	bool good = e != NULL && X509_add_ext(x, e, -1) == 1;

	X509_EXTENSION_free(e);
	return (good);
}

/* Signed by itself: who trusts it needs no other. */
static bool
fill(X509 * x, EVP_PKEY * key, enum provider_certificate certificate)
{
	bool expired = certificate == PROVIDER_CERTIFICATE_EXPIRED;
	X509_NAME * name = X509_get_subject_name(x);

	return (X509_set_version(x, 2) == 1 &&
	    ASN1_INTEGER_set(X509_get_serialNumber(x), 1) == 1 &&
	    X509_gmtime_adj(X509_getm_notBefore(x), -2 * DAY) != NULL &&
	    X509_gmtime_adj(X509_getm_notAfter(x), expired ? -DAY : DAY) !=
	    NULL &&
	    X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC,
	    (const unsigned char *)"Test provider", -1, -1, 0) == 1 &&
	    X509_set_issuer_name(x, name) == 1 &&
	    X509_set_pubkey(x, key) == 1 &&
	    add_extension(x, NID_basic_constraints, "critical,CA:TRUE") &&
	    add_extension(x, NID_subject_alt_name,
	    certificate == PROVIDER_CERTIFICATE_OTHER_NAME ?
	    "DNS:elsewhere.example" : "IP:127.0.0.1") &&
	    X509_sign(x, key, EVP_sha256()) != 0);
}

static bool
write_pem(const char * path, X509 * x)
{
	FILE * f = fopen(path, "w");
	bool good = f != NULL && PEM_write_X509(f, x) == 1;

	return (f != NULL && fclose(f) == 0 && good);
}

SSL_CTX *
provider_tls(enum provider_certificate certificate, const char * ca)
{
	EVP_PKEY * key = EVP_EC_gen("P-256");
	SSL_CTX * ctx = SSL_CTX_new(TLS_server_method());
	X509 * x = X509_new();
	bool good;

	good = key != NULL && ctx != NULL && x != NULL &&
	    fill(x, key, certificate) && write_pem(ca, x) &&
	    SSL_CTX_use_certificate(ctx, x) == 1 &&
	    SSL_CTX_use_PrivateKey(ctx, key) == 1;
	X509_free(x);
	EVP_PKEY_free(key);
	if (good)
		return (ctx);
	SSL_CTX_free(ctx);
	return (NULL);
}
