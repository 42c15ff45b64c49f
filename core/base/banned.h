#ifndef SR_CORE_BASE_BANNED_H
#define SR_CORE_BASE_BANNED_H

/*
 * Functions that have no safe use in this code become compile errors. The
 * system headers that declare them are included first, so that the poison
 * meets our uses alone.
 *
 * strcpy, strcat, strncpy, strncat, sprintf, vsprintf, gets: no bound, or a
 * bound that forgets the terminator; use strbuf or snprintf.
 * strtok, ctime, asctime, localtime, gmtime: hidden shared state.
 * system, popen: a shell. rand, random, srand: not random; use random_bytes.
 * memcmp on secrets leaks by time: tags and tokens are compared by the
 * functions of core/keys; `make lint` counts the uses that remain.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/* Fortified headers make macros of these two. */
#undef sprintf
#undef vsprintf
#pragma GCC poison strcpy strcat strncpy strncat sprintf vsprintf gets
#pragma GCC poison strtok ctime asctime localtime gmtime
#pragma GCC poison system popen srand

#endif /* !SR_CORE_BASE_BANNED_H */
