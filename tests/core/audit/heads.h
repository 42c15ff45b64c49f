#ifndef SR_TESTS_CORE_AUDIT_HEADS_H
#define SR_TESTS_CORE_AUDIT_HEADS_H

/* What the suites of heads share: a log that checkpoints are written to. */

#include <fcntl.h>

#include "core/base/strbuf.h"
#include "core/redact/redact.h"
#include "tests/core/audit/tree.h"
#include "tests/core/audit/vectors.h"

static char log_path[200];		/* After heads_begin. */
static uint64_t rows;

/* Seal, with the log in a file, through a gate as in the program. */
static inline void
seal_into_log(void)
{
	struct redact * r;
	int fd = open(log_path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC,
	    0600);

	CU_ASSERT_FATAL(fd != -1);
	ASSERT_ERR_FATAL(redact_new(&r), SR_OK);
	log_open(r, fd);
	(void)seal_all();
	LOG(LOG_REOPENED, log_text("note", "other lines are \"event\":"
	    "\"audit_checkpoint\",\"size\":9 passed over"));
	log_open(NULL, 2);
	redact_free(&r);
	(void)close(fd);
}

static inline void
add_rows(unsigned n)
{
	struct sr_id chain = new_id();

	rows += n;
	while (n-- > 0)
		add_to_chain(&chain);
}

/* Five checkpoints of sixty rows, and their log. */
static inline void
heads_begin(void)
{
	unsigned i;

	(void)snprintf(log_path, sizeof(log_path), "%s/log", suite_tmpdir());
	for (i = 0; i < 5; i++) {
		add_rows(60);
		seal_into_log();
	}
}

#endif /* !SR_TESTS_CORE_AUDIT_HEADS_H */
