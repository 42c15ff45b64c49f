#include <dirent.h>

#include "tests/core/redact/kit.h"

/*
 * Text that any Debian machine has, with no secret in it: the rules leave it
 * alone. What they do alter is printed with the name of the rule.
 */

#define SAMPLE		((size_t)16 * 1024 * 1024)
#define FILE_MAX	((size_t)1024 * 1024)
#define FOLDERS_MAX	6

static struct redact * r;
static unsigned lines_altered;
static size_t bytes_seen;

static int
setup(void)
{

	return (redact_new(&r) == SR_OK ? 0 : -1);
}

static int
teardown(void)
{

	redact_free(&r);
	return (0);
}

/* Room for a sample and the file that fills it. */
static void
text_new(struct kit_text * t)
{

	*t = (struct kit_text){ .p = malloc(SAMPLE + 2 * FILE_MAX) };
	CU_ASSERT_PTR_NOT_NULL_FATAL(t->p);
}

static void
text_add(struct kit_text * t, const char * p, size_t len)
{

	CU_ASSERT_FATAL(t->len + len <= SAMPLE + 2 * FILE_MAX);
	memcpy(&t->p[t->len], p, len);
	t->len += len;
}

static size_t
line_length(const char * p, size_t len)
{
	const char * end = memchr(p, '\n', len);

	return (end == NULL ? len : (size_t)(end - p));
}

/* Print the lines of ${was} that are not so in ${now}; count them. */
static unsigned
differences(const char * name, const char * was, size_t len,
    const char * now, size_t now_len)
{
	unsigned n = 0;
	const char * mask;
	size_t a, b, skip;

	while (len > 0 || now_len > 0) {
		a = line_length(was, len);
		b = line_length(now, now_len);
		if (a != b || memcmp(was, now, a) != 0) {
			mask = memmem(now, b, "[REDACTED", 9);
			skip = mask == NULL || mask - now < 40 ? 0 :
			    (size_t)(mask - now) - 40;
			if (n++ < 40)
				(void)printf("     %s: %.*s\n", name,
				    (int)(b - skip > 110 ? 110 : b - skip),
				    &now[skip]);
		}
		a += a < len;
		b += b < now_len;
		was += a;
		len -= a;
		now += b;
		now_len -= b;
	}
	return (n);
}

static unsigned
altered(const char * name, const char * text, size_t len)
{
	struct redact_hits hits;
	struct redacted * t;
	unsigned n;

	if (len == 0)
		return (0);
	ASSERT_ERR_FATAL(redact_rules_text(r, text, len, &hits, &t), SR_OK);
	n = differences(name, text, len, redacted_bytes(t), redacted_len(t));
	redacted_free(&t);
	return (n);
}

static bool
ends_with(const char * name, const char * end)
{
	size_t n = strlen(name), k = strlen(end);

	return (n >= k && strcmp(&name[n - k], end) == 0);
}

/* Add the file's bytes to ${t}. */
static void
add_file(struct kit_text * t, const char * path)
{
	FILE * f = fopen(path, "rb");

	if (f == NULL)
		return;
	t->len += fread(&t->p[t->len], 1, FILE_MAX, f);
	text_add(t, "\n", 1);
	(void)fclose(f);
}

static void
add_folder(struct kit_text * t, const char * path, const char * end,
    unsigned depth)
{
	DIR * d = opendir(path);
	const struct dirent * e;
	char name[1024];

	if (d == NULL)
		return;
	while (t->len < SAMPLE && (e = readdir(d)) != NULL) {
		if (e->d_name[0] == '.')
			continue;
		(void)snprintf(name, sizeof(name), "%s/%s", path, e->d_name);
		if (e->d_type == DT_DIR && depth > 0)
			add_folder(t, name, end, depth - 1);
		else if (e->d_type == DT_REG && ends_with(e->d_name, end))
			add_file(t, name);
	}
	(void)closedir(d);
}

static unsigned
look(const char * path, const char * end)
{
	struct kit_text t;
	unsigned n;

	text_new(&t);
	add_folder(&t, path, end, FOLDERS_MAX);
	n = altered(path, t.p, t.len);
	bytes_seen += t.len;
	lines_altered += n;
	(void)printf("%s: %u lines in %.1f MB\n", path, n,
	    (double)t.len / 1e6);
	kit_reset(&t);
	return (n);
}

static void
hashes_and_file_lists_stay(void)
{

	CU_ASSERT_EQUAL(look("/var/lib/dpkg/info", ".md5sums"), 0);
	CU_ASSERT_EQUAL(look("/var/lib/dpkg/info", ".list"), 0);
	CU_ASSERT_EQUAL(look("/var/lib/dpkg", "status"), 0);
}

static void
certificates_stay(void)
{

	CU_ASSERT_EQUAL(look("/etc/ssl/certs", ".crt"), 0);
	CU_ASSERT_EQUAL(look("/usr/share/ca-certificates", ".crt"), 0);
}

static void
word(char * to, size_t len, const char * set, uint64_t * state)
{
	size_t n = strlen(set), i;

	for (i = 0; i < len; i++)
		to[i] = set[kit_random(state) % n];
	to[len] = '\0';
}

#define HEX	"0123456789abcdef"
#define BASE	"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz" \
    "0123456789+/"

/* The next %h (hex) or %b (base64) of ${form} is so many characters. */
static void
add_form(struct kit_text * t, const char * form, uint64_t * state)
{
	char text[160];
	size_t n;
	const char * at;

	while ((at = strchr(form, '%')) != NULL) {
		text_add(t, form, (size_t)(at - form));
		n = strtoul(&at[2], NULL, 10);
		CU_ASSERT_FATAL(n < sizeof(text));
		word(text, n, at[1] == 'h' ? HEX : BASE, state);
		text_add(t, text, n);
		form = strchr(at, ';') + 1;
	}
	text_add(t, form, strlen(form));
}

/* UUIDs, commits, sums, lock files, keys that are public: made here. */
static void
ids_and_sums_stay(void)
{
	static const char * const forms[] = { "%h8;-%h4;-%h4;-%h4;-%h12;\n",
	    "commit %h40;\nindex %h7;..%h7; 100644\n",
	    "%h64;  dist/app-%h3;.tar.gz\n", "request_id=%h32; took 12 ms\n",
	    "{\"id\":\"%h8;-%h4;-4%h3;-%h4;-%h12;\",\"sha\":\"%h40;\"}\n",
	    "ETag: \"%h32;\"\n", "image@sha256:%h64;\n",
	    "  checksum = \"%h64;\"\n", "traceparent: 00-%h32;-%h16;-01\n",
	    "%h32;  usr/share/doc/x\n", "{\"key\": \"%h40;\"}\n",
	    "\"resolved\": \"https://r.org/a/-/a-1.2.3.tgz#%h40;\",\n",
	    "      \"integrity\": \"sha512-%b86;==\",\n",
	    "golang.org/x/net v0.1.0 h1:%b43;=\n",
	    "ssh-rsa AAAAB3NzaC1yc2EAAAADAQABAAABgQ%b120; user@host\n",
	    "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAI%b43; user@host\n",
	    "-----BEGIN PUBLIC KEY-----\n%b64;\n-----END PUBLIC KEY-----\n",
	    "data:image/png;base64,%b120;\n", "%b76;\n",
	    "fingerprint SHA256:%b43;\n" };
	uint64_t state = 88172645463325252U;
	struct kit_text t;
	size_t i;

	text_new(&t);
	for (i = 0; i < 80000; i++)
		add_form(&t, forms[i % COUNTOF(forms)], &state);
	CU_ASSERT_EQUAL(altered("ids", t.p, t.len), 0);
	(void)printf("ids: %.1f MB\n", (double)t.len / 1e6);
	kit_reset(&t);
}

static void
other_text_is_nearly_never_altered(void)
{
	double mb;

	lines_altered = 0;
	bytes_seen = 0;
	(void)look("/usr/share/doc", "");
	(void)look("/usr/include", ".h");
	(void)look("/usr/share/perl", ".pm");
	(void)look("/usr/share/common-licenses", "");
	(void)look("/usr/share", ".js");
	(void)look("/usr/lib/python3", ".py");
	mb = (double)bytes_seen / 1e6;
	(void)printf("%u lines in %.1f MB: %.2f a MB\n", lines_altered, mb,
	    mb > 0 ? lines_altered / mb : 0.0);
	if (mb >= 10)
		CU_ASSERT(lines_altered <= mb / 2);
}

static const struct suite_test tests[] = {
	TEST(hashes_and_file_lists_stay),
	TEST(certificates_stay),
	TEST(ids_and_sums_stay),
	TEST(other_text_is_nearly_never_altered),
};

SUITE_MAIN("core/redact/benign", tests, setup, teardown)
