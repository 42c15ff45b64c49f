#include <string.h>

#include "core/redact/keyname_internal.h"

#define NAME_KEPT	((size_t)64)
#define WORDS_MAX	4

/* The last words of a name, in small letters; word[0] is the last. */
struct words {
	char text[NAME_KEPT];
	const char * word[WORDS_MAX];
	size_t len[WORDS_MAX];
	size_t n;
};

/* As the whole last word, or as its end: dbpassword, clientsecret. */
static const char * const strong_ends[] = {
	"password", "passwd", "passphrase", "passcode", "secret", "apikey",
	"secretkey", "privatekey", "accesskey", "authkey", "masterkey",
	"signingkey", "encryptionkey", "credential", "userpass", "dbpass",
	"connectionstring", "passwort", "kennwort", "senha", "motdepasse",
	"wachtwoord", "pswd", "sshpass", "adminpass", "rootpass", "smtppass",
	"ftppass", "mailpass", "keypass", "storepass", "bindpw", "rootpw",
};

static const char * const strong_words[] = {
	"pwd", "authorization", "cookie", "cookies", "jwt", "bearer", "psk",
	"kubeconfig", "connstr", "privkey", "pword", "passwrd",
};

static const char * const weak_words[] = {
	"pass", "auth", "secrets", "passwords", "credentials", "creds", "cred",
	"tokens", "apikeys", "otp", "pin", "sig", "signature", "session",
	"sid", "nonce", "dsn", "salt", "pat", "sas", "passkey", "webhook",
};

/* Before "key": these are secret, other keys are not. */
static const char * const key_before[] = {
	"api", "secret", "private", "access", "auth", "master", "signing",
	"sign", "encryption", "encrypt", "decryption", "account", "storage",
	"shared", "client", "service", "hmac", "ssh", "deploy", "root",
	"subscription", "webhook", "integration", "session", "crypto", "aes",
	"rsa", "gpg", "pgp", "app", "application", "consumer", "license",
	"admin", "write", "ingestion", "server", "fernet", "jwt", "cookie",
	"pem", "ssl", "tls", "wallet", "recovery", "unlock", "seal",
	"functions", "host", "instrumentation", "appkey", "restapi", "rest",
	"cipher", "crypt", "symmetric", "preshared", "unseal", "ingest",
	"role", "merchant", "activation", "provisioning",
};

/* Before "token": places in a list, and the words of language models. */
static const char * const no_token_before[] = {
	"next", "page", "continuation", "continue", "sync", "cursor", "pad",
	"padding", "eos", "bos", "unk", "mask", "sep", "cls", "start", "end",
	"stop", "special", "prompt", "input", "output", "max", "min", "num",
	"first", "last", "previous", "prev", "resume", "pagination", "resync",
	"image", "audio", "text", "completion", "per", "current", "parse",
};

#define IN(list, p, len)	in(list, COUNTOF(list), p, len)

static bool
is(const char * p, size_t len, const char * word)
{

	return (strlen(word) == len && strncmp(p, word, len) == 0);
}

static bool
in(const char * const * list, size_t n, const char * p, size_t len)
{
	size_t i;

	for (i = 0; i < n; i++) {
		if (is(p, len, list[i]))
			return (true);
	}
	return (false);
}

static bool
ends(const char * p, size_t len, const char * end)
{
	size_t n = strlen(end);

	return (len >= n && strncmp(&p[len - n], end, n) == 0);
}

static bool
small(char c)
{

	return (c >= 'a' && c <= 'z');
}

static bool
capital(char c)
{

	return (c >= 'A' && c <= 'Z');
}

/* Whether a word begins at ${p[i]} although a letter stands before it. */
static bool
turns(const char * p, size_t len, size_t i)
{

	if (!capital(p[i]))
		return (false);
	if (small(p[i - 1]))
		return (true);
	return (capital(p[i - 1]) && i + 1 < len && small(p[i + 1]));
}

/* From the end to the front, as far as needed. */
static void
split(const char * p, size_t len, struct words * w)
{
	size_t i = len, end;

	w->n = 0;
	for (end = 0; end < len; end++)
		w->text[end] = capital(p[end]) ?
		    (char)(p[end] - 'A' + 'a') : p[end];
	while (i > 0 && w->n < WORDS_MAX) {
		while (i > 0 && !small(w->text[i - 1]))
			i--;
		end = i;
		while (i > 0 && small(w->text[i - 1])) {
			i--;
			if (i > 0 && turns(p, len, i))
				break;
		}
		if (end == i)
			return;
		w->word[w->n] = &w->text[i];
		w->len[w->n++] = end - i;
	}
}

static enum keyname
token(const char * before, size_t len)
{

	if (len != 0 && IN(no_token_before, before, len))
		return (KEYNAME_NONE);
	return (KEYNAME_STRONG);
}

static enum keyname
judge(const struct words * w)
{
	const char * last = w->word[0];
	const char * before = w->n > 1 ? w->word[1] : "";
	size_t len = w->len[0], before_len = w->n > 1 ? w->len[1] : 0, i;

	for (i = 0; i < COUNTOF(strong_ends); i++) {
		if (ends(last, len, strong_ends[i]))
			return (KEYNAME_STRONG);
	}
	if (IN(strong_words, last, len))
		return (KEYNAME_STRONG);
	if (is(last, len, "token"))
		return (token(before, before_len));
	if (ends(last, len, "token"))
		return (token(last, len - strlen("token")));
	if (is(last, len, "key"))
		return (IN(key_before, before, before_len) ? KEYNAME_STRONG :
		    KEYNAME_NONE);
	/* db_pass, SMTP_PASS; alone it is what a test did. */
	if (is(last, len, "pass") && before_len != 0)
		return (KEYNAME_STRONG);
	/* passWord, pass-word, mot_de_passe */
	if ((is(before, before_len, "pass") && (is(last, len, "word") ||
	    is(last, len, "wd"))) || (is(before, before_len, "de") &&
	    is(last, len, "passe")))
		return (KEYNAME_STRONG);
	/* access_tokens, api_tokens; max_tokens is a number. */
	if (is(last, len, "tokens") && before_len != 0 &&
	    IN(no_token_before, before, before_len))
		return (KEYNAME_NONE);
	return (IN(weak_words, last, len) ? KEYNAME_WEAK : KEYNAME_NONE);
}

/** keyname_says(name, len): what ${name} says of its value. */
enum keyname
keyname_says(const char * name, size_t len)
{
	struct words w;

	if (len > NAME_KEPT) {
		name += len - NAME_KEPT;
		len = NAME_KEPT;
	}
	split(name, len, &w);
	return (w.n == 0 ? KEYNAME_NONE : judge(&w));
}
