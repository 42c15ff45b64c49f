#ifndef SR_CORE_AUDIT_EXPORT_VERIFY_H
#define SR_CORE_AUDIT_EXPORT_VERIFY_H

/*
 * Checking an exported file with nothing but a public key: no database, no
 * network. export.FORMAT says what is proved when nothing is found.
 */

#include "core/audit/verify.h"

struct export_question {
	int fd;				/* The file. */
	uint8_t public_key[SIGN_PUBLIC_LEN];
	const char * signature;		/* Text of the .minisig, or NULL. */
	size_t signature_len;
	int heads;			/* A file of heads, or -1. */
};

struct export_answer {
	struct checkpoint head;		/* Of size 0 when it was not reached. */
	bool filtered;
	uint64_t bytes;
	uint64_t events, omitted, masked, missing;
	uint64_t proved;		/* Events whose leaf hash is theirs. */
	uint64_t earlier;		/* Heads of the file that hold. */
	uint64_t heads;			/* Heads kept outside that hold, */
	uint64_t heads_unreached;	/* whose size lies in a part left out, */
	uint64_t heads_thinned;		/* that were too many to look at, */
	uint64_t heads_foreign;		/* and of other instances. */
	char comment[513];		/* The signature's trusted comment. */
	uint64_t found[FINDING__MAX];
	uint64_t findings;
};

/**
 * audit_export_verify(q, fn, cookie, out):
 * ${fn} is called with each finding, as it is found, and may end it by returning
 * an error. Findings are no error of this function. Memory is constant. Errors:
 * INPUT_UNREADABLE, OUT_OF_MEMORY, and what ${fn} returns.
 */
SR_NODISCARD enum sr_error audit_export_verify(
    const struct export_question * q, audit_finding_fn * fn, void * cookie,
    struct export_answer * out);

#endif /* !SR_CORE_AUDIT_EXPORT_VERIFY_H */
