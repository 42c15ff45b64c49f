#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/user.h>
#include <sys/wait.h>

#include <dirent.h>
#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tests/harness/files.h"
#include "tests/harness/image.h"
#include "tests/harness/suite.h"

#define PAGE		((size_t)4096)
#define CHUNK		((size_t)256)	/* Pages read at a time. */
#define OVERLAP		((size_t)4096)
#define THREADS_MAX	64
#define STATE_MAX	((size_t)16384)
#define REST_MS		20000

#ifndef NT_X86_XSTATE
#define NT_X86_XSTATE	0x202
#endif

struct thread {
	pid_t tid;
	char name[32];
	uint64_t stack;		/* Its pointer. */
};

struct search {
	pid_t pid;
	const struct needles * needles;
	struct image * out;
	int mem, pagemap;
	struct thread thread[THREADS_MAX];
	size_t threads;
	uint8_t * buf;
	/* The mapping at hand. */
	char owner[96];
	bool locked;		/* And left out of core dumps: a secbuf's. */
	size_t * places;
	uint64_t next;		/* Where the place found last ended. */
};

bool
image_allowed(void)
{

	if (geteuid() == 0)
		return (true);
	suite_note("not run as root: memory is not looked at");
	return (false);
}

/* Whether the thread waits for a request: epoll for one event, for ever. */
static bool
waits(pid_t pid, const char * tid)
{
	char * path = text_format("/proc/%d/task/%s/syscall", (int)pid, tid);
	char * text = file_read(path, NULL);
	unsigned long long a[4] = { 0 };
	long nr = -1;

	free(path);
	if (text == NULL || sscanf(text, "%ld 0x%llx 0x%llx 0x%llx 0x%llx",
	    &nr, &a[0], &a[1], &a[2], &a[3]) != 5)
		nr = -1;
	free(text);
#ifdef SYS_epoll_wait
	if (nr == SYS_epoll_wait)
		nr = SYS_epoll_pwait;
#endif
	return (nr == SYS_epoll_pwait && a[2] == 1 && (int)a[3] == -1);
}

bool
image_rest(pid_t pid, unsigned threads)
{
	char * path = text_format("/proc/%d/task", (int)pid);
	unsigned n = 0;

	for (unsigned waited = 0; waited < REST_MS; waited++) {
		DIR * d = opendir(path);
		struct dirent * e;

		n = 0;
		while (d != NULL && (e = readdir(d)) != NULL)
			n += e->d_name[0] != '.' && waits(pid, e->d_name);
		if (d != NULL)
			closedir(d);
		if (n >= threads)
			break;
		sleep_ms(1);
	}
	free(path);
	return (n >= threads);
}

static struct image_owner *
owner_of(struct search * s)
{
	struct image * i = s->out;
	size_t k;

	for (k = 0; k < i->owners; k++)
		if (strcmp(i->owner[k].name, s->owner) == 0)
			return (&i->owner[k]);
	if (i->owners < IMAGE_OWNERS)
		i->owners++;
	else
		k = IMAGE_OWNERS - 1;
	i->owner[k] = (struct image_owner){ .form = "" };
	(void)snprintf(i->owner[k].name, sizeof(i->owner[k].name), "%s",
	    s->owner);
	return (&i->owner[k]);
}

/* For who looks for the cause: where, and what is around it. */
static void
tell(const struct search * s, const uint8_t * p, size_t len, size_t at,
    uint64_t address)
{
	char text[130] = "";
	size_t from = at < 48 ? 0 : at - 48;

	if (getenv("STRONGROOM_TEST_IMAGE") == NULL)
		return;
	for (size_t i = 0; i < 128 && from + i < len; i++)
		text[i] = p[from + i] >= ' ' && p[from + i] <= '~' ?
		    (char)p[from + i] : '.';
	suite_note("  %llx %s: %s", (unsigned long long)address, s->owner,
	    text);
}

/* Look at bytes that were at ${address}. */
static void
look(struct search * s, const uint8_t * p, size_t len, uint64_t address)
{
	struct image_owner * o;
	const char * form = "";
	size_t at = 0;

	for (; needles_next(s->needles, p, len, &at, &form); at++) {
		o = owner_of(s);
		o->bytes++;
		/* Windows of one copy are one after the other. */
		if (address + at > s->next || o->places == 0) {
			tell(s, p, len, at, address + at);
			o->places++;
			++*s->places;
			if (o->form[0] == '\0')
				o->form = form;
		}
		if (address + at + 8 > s->next)
			s->next = address + at + 8;
	}
}

/* Whether the page is in memory, or swapped out. */
static bool
there(const uint64_t entry)
{

	return ((entry >> 62) != 0);
}

/* ${pages} pages from ${from} that are all there. */
static void
look_at_pages(struct search * s, uint64_t from, size_t pages)
{
	size_t kept = 0;

	while (pages != 0) {
		size_t n = pages < CHUNK ? pages : CHUNK;
		ssize_t got = pread(s->mem, s->buf + kept, n * PAGE,
		    (off_t)from);

		if (got <= 0) {
			s->out->hidden++;
			return;
		}
		s->out->seen += (uint64_t)got;
		look(s, s->buf, kept + (size_t)got, from - kept);
		/* What lies over the edge is seen with what follows. */
		if ((size_t)got >= OVERLAP)
			memmove(s->buf, s->buf + kept + (size_t)got - OVERLAP,
			    OVERLAP);
		kept = OVERLAP;
		from += n * PAGE;
		pages -= n;
	}
}

static void
look_at_mapping(struct search * s, uint64_t from, uint64_t to)
{
	size_t all = (size_t)((to - from) / PAGE), run = 0;
	uint64_t entry[512];

	s->out->mappings++;
	s->next = 0;
	for (size_t i = 0; i <= all; i++) {
		size_t n = all - i < COUNTOF(entry) ? all - i :
		    COUNTOF(entry);

		if (i % COUNTOF(entry) == 0 && n != 0 && pread(s->pagemap,
		    entry, n * 8, (off_t)((from / PAGE + i) * 8)) !=
		    (ssize_t)(n * 8))
			memset(entry, 0xff, sizeof(entry));
		if (i < all && there(entry[i % COUNTOF(entry)])) {
			run++;
			continue;
		}
		if (run != 0)
			look_at_pages(s, from + (i - run) * PAGE, run);
		run = 0;
	}
}

/* What a mapping is to whoever reads the table. */
static void
name_mapping(struct search * s, uint64_t from, uint64_t to, const char * path)
{
	const char * file = strrchr(path, '/');

	if (s->locked) {
		(void)snprintf(s->owner, sizeof(s->owner), "locked pages");
		return;
	}
	(void)snprintf(s->owner, sizeof(s->owner), "%.90s", file != NULL ?
	    file + 1 : path[0] != '\0' ? path : from % (64 << 20) == 0 ?
	    "heap of a thread" : "anonymous");
	for (size_t i = 0; i < s->threads; i++)
		if (s->thread[i].stack >= from && s->thread[i].stack < to)
			(void)snprintf(s->owner, sizeof(s->owner),
			    "stack of %s", s->thread[i].name);
}

/* One mapping of smaps: its first line is read, its flags are not. */
static void
take_mapping(struct search * s, FILE * smaps, const char * first)
{
	unsigned long long from, to;
	char path[256] = "", line[512];

	if (sscanf(first, "%llx-%llx %*s %*s %*s %*s %255[^\n]", &from, &to,
	    path) < 2)
		return;
	s->locked = false;
	while (fgets(line, sizeof(line), smaps) != NULL) {
		if (strncmp(line, "VmFlags:", 8) != 0)
			continue;
		s->locked = strstr(line, " lo") != NULL &&
		    strstr(line, " dd") != NULL;
		break;
	}
	/* Of the kernel, and the same for all. */
	if (strcmp(path, "[vvar]") == 0 || strcmp(path, "[vsyscall]") == 0 ||
	    strcmp(path, "[vvar_vclock]") == 0)
		return;
	name_mapping(s, from, to, path);
	s->places = s->locked ? &s->out->held : &s->out->places;
	look_at_mapping(s, from, to);
}

static bool
look_at_mappings(struct search * s)
{
	char * path = text_format("/proc/%d/smaps", (int)s->pid);
	FILE * smaps = fopen(path, "r");
	char line[512];

	free(path);
	if (smaps == NULL)
		return (false);
	while (fgets(line, sizeof(line), smaps) != NULL)
		take_mapping(s, smaps, line);
	fclose(smaps);
	return (true);
}

/* General, floating point and vector registers, as an image has them. */
static void
look_at_registers(struct search * s, struct thread * t)
{
	static const int sets[] = { NT_PRSTATUS, NT_PRFPREG, NT_X86_XSTATE };
	static uint8_t state[STATE_MAX];

	(void)snprintf(s->owner, sizeof(s->owner), "registers of %s",
	    t->name);
	s->places = &s->out->places;
	for (size_t i = 0; i < COUNTOF(sets); i++) {
		struct iovec v = { state, sizeof(state) };

		if (ptrace(PTRACE_GETREGSET, t->tid, (void *)(intptr_t)sets[i],
		    &v) != 0)
			continue;
		s->next = 0;
		look(s, state, v.iov_len, 0);
#ifdef __x86_64__
		if (sets[i] == NT_PRSTATUS)
			t->stack = ((struct user_regs_struct *)(void *)state)->
			    rsp;
#endif
	}
	s->out->threads++;
}

static bool
halt(pid_t tid)
{
	int status;

	return (ptrace(PTRACE_SEIZE, tid, NULL, NULL) == 0 &&
	    ptrace(PTRACE_INTERRUPT, tid, NULL, NULL) == 0 &&
	    waitpid(tid, &status, __WALL) == tid && WIFSTOPPED(status));
}

/* All of them stand still; new ones do not come from those that do. */
static bool
halt_all(struct search * s)
{
	char * path = text_format("/proc/%d/task", (int)s->pid);
	DIR * d = opendir(path);
	struct dirent * e;
	bool good = d != NULL;

	while (good && (e = readdir(d)) != NULL) {
		struct thread * t = &s->thread[s->threads];
		char * comm;

		if (e->d_name[0] == '.')
			continue;
		t->tid = (pid_t)atoi(e->d_name);
		good = s->threads < THREADS_MAX && halt(t->tid);
		if (!good)
			break;
		s->threads++;
		comm = text_format("%s/%s/comm", path, e->d_name);
		char * name = file_read(comm, NULL);
		(void)snprintf(t->name, sizeof(t->name), "%.*s",
		    (int)strcspn(name == NULL ? "" : name, "\n"),
		    name == NULL ? "" : name);
		free(name);
		free(comm);
	}
	if (d != NULL)
		closedir(d);
	free(path);
	return (good);
}

bool
image_search(pid_t pid, const struct needles * n, struct image * out)
{
	char * mem = text_format("/proc/%d/mem", (int)pid);
	char * pagemap = text_format("/proc/%d/pagemap", (int)pid);
	struct search s = { .pid = pid, .needles = n, .out = out };
	bool good;

	*out = (struct image){ .places = 0 };
	must((s.buf = malloc(OVERLAP + CHUNK * PAGE)) != NULL);
	s.mem = open(mem, O_RDONLY | O_CLOEXEC);
	s.pagemap = open(pagemap, O_RDONLY | O_CLOEXEC);
	good = s.mem != -1 && s.pagemap != -1 && halt_all(&s);
	for (size_t i = 0; good && i < s.threads; i++)
		look_at_registers(&s, &s.thread[i]);
	good = good && look_at_mappings(&s) && out->hidden == 0;
	for (size_t i = 0; i < s.threads; i++)
		(void)ptrace(PTRACE_DETACH, s.thread[i].tid, NULL, NULL);
	if (s.mem != -1)
		close(s.mem);
	if (s.pagemap != -1)
		close(s.pagemap);
	free(s.buf);
	free(mem);
	free(pagemap);
	return (good);
}

void
image_note(const struct image * i, const char * what)
{

	suite_note("%-34s %zu places, %zu in locked pages; %u MiB of %u "
	    "mappings, registers of %u threads%s", what, i->places, i->held,
	    (unsigned)(i->seen >> 20), i->mappings, i->threads,
	    i->hidden == 0 ? "" : ", SOME NOT READABLE");
	for (size_t k = 0; k < i->owners; k++)
		suite_note("%-34s   %s: %zu, %zu bytes, %s", "",
		    i->owner[k].name, i->owner[k].places, i->owner[k].bytes,
		    i->owner[k].form);
}
