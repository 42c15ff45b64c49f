#include "tests/harness/instance_internal.h"
#include "tests/harness/suite.h"

/* As an administrator makes one for trying: openssl's own program. */
int
instance_certificate(const struct instance * i)
{
	char * key = text_format("%s/tls.key", i->folder);
	char * certificate = instance_authority(i);
	const char * argv[] = { "openssl", "req", "-x509", "-newkey", "ec",
		"-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2",
		"-subj", "/CN=127.0.0.1", "-addext",
		"subjectAltName=IP:127.0.0.1", "-keyout", key, "-out",
		certificate, NULL };
	char * err = NULL;
	int rc = process_run(argv, NULL, NULL, &err);

	if (rc != 0)
		suite_note("openssl req: %d %s", rc, err);
	free(err);
	free(certificate);
	free(key);
	return (rc == 0 ? 0 : -1);
}
