#ifndef SR_CORE_BASE_BASE_H
#define SR_CORE_BASE_BASE_H

/*
 * What every file of the house may use without thinking: attributes, the
 * assertion for programming errors, and the list of banned functions.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/base/banned.h"

/* A result that must be looked at. */
#define SR_NODISCARD	__attribute__((warn_unused_result))

/* printf-like: parameter ${f} is the format, ${a} the first argument. */
#define SR_PRINTF(f, a)	__attribute__((format(printf, f, a)))

/* Number of elements of an array. */
#define COUNTOF(a)	(sizeof(a) / sizeof((a)[0]))

/* Accepts a string literal and nothing else: a variable does not compile. */
#define SR_LITERAL(s)	("" s "")

/*
 * must(condition):
 * A programming error if ${condition} is false: print file, line and the
 * condition's text (never data) and abort. The world's errors and anything a
 * user or a peer can send never reach must(); they are enum sr_error.
 */
#define must(condition)							\
	((condition) ? (void)0 : sr_panic(#condition, __FILE__, __LINE__))

/**
 * sr_console() / sr_console_set(fd):
 * The descriptor of the real standard error: 2, until core/log/capture.h takes
 * that one for itself.
 */
int sr_console(void);
void sr_console_set(int fd);

/**
 * sr_panic(condition, file, line):
 * Write one line with the three to the console and abort. Async-signal-safe.
 */
_Noreturn void sr_panic(const char * condition, const char * file, int line);

#endif /* !SR_CORE_BASE_BASE_H */
