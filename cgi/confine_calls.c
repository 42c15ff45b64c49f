/* The only user of libseccomp. */

#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>

#include <errno.h>
#include <linux/netlink.h>
#include <sched.h>
#include <seccomp.h>
#include <unistd.h>

#include "cgi/confine.h"
#include "core/log/log.h"

/* What serving takes, and what the C library and the others do beside it. */
static const int allowed[] = {
	/* Descriptors and files; which files is Landlock's to say. */
	SCMP_SYS(read), SCMP_SYS(write), SCMP_SYS(readv), SCMP_SYS(writev),
	SCMP_SYS(pread64), SCMP_SYS(pwrite64), SCMP_SYS(lseek),
	SCMP_SYS(close), SCMP_SYS(open), SCMP_SYS(openat), SCMP_SYS(stat),
	SCMP_SYS(fstat), SCMP_SYS(lstat), SCMP_SYS(newfstatat),
	SCMP_SYS(statx), SCMP_SYS(statfs), SCMP_SYS(fstatfs),
	SCMP_SYS(access), SCMP_SYS(faccessat), SCMP_SYS(faccessat2),
	SCMP_SYS(readlink), SCMP_SYS(readlinkat), SCMP_SYS(getdents64),
	SCMP_SYS(getcwd), SCMP_SYS(fcntl), SCMP_SYS(dup), SCMP_SYS(dup2),
	SCMP_SYS(dup3), SCMP_SYS(pipe2), SCMP_SYS(fsync),
	SCMP_SYS(fdatasync), SCMP_SYS(unlink), SCMP_SYS(unlinkat),
	/* Memory; mmap and mprotect have rules of their own. */
	SCMP_SYS(munmap), SCMP_SYS(mremap), SCMP_SYS(madvise), SCMP_SYS(brk),
	SCMP_SYS(mlock), SCMP_SYS(mlock2), SCMP_SYS(munlock),
	SCMP_SYS(mincore), SCMP_SYS(membarrier),
	/* Threads and time. */
	SCMP_SYS(futex), SCMP_SYS(set_robust_list), SCMP_SYS(get_robust_list),
	SCMP_SYS(rseq), SCMP_SYS(sched_yield), SCMP_SYS(sched_getaffinity),
	SCMP_SYS(sched_getparam), SCMP_SYS(sched_getscheduler),
	SCMP_SYS(exit), SCMP_SYS(exit_group), SCMP_SYS(set_tid_address),
	SCMP_SYS(rt_sigaction), SCMP_SYS(rt_sigprocmask),
	SCMP_SYS(rt_sigreturn), SCMP_SYS(rt_sigtimedwait),
	SCMP_SYS(rt_sigsuspend), SCMP_SYS(rt_sigpending),
	SCMP_SYS(sigaltstack), SCMP_SYS(restart_syscall),
	SCMP_SYS(nanosleep), SCMP_SYS(clock_nanosleep),
	SCMP_SYS(clock_gettime), SCMP_SYS(clock_getres),
	SCMP_SYS(gettimeofday), SCMP_SYS(time),
	/* Who and where we are. */
	SCMP_SYS(getrandom), SCMP_SYS(getpid), SCMP_SYS(gettid),
	SCMP_SYS(getppid), SCMP_SYS(getuid), SCMP_SYS(geteuid),
	SCMP_SYS(getgid), SCMP_SYS(getegid), SCMP_SYS(getgroups),
	SCMP_SYS(getresuid), SCMP_SYS(getresgid), SCMP_SYS(getrlimit),
	SCMP_SYS(getrusage), SCMP_SYS(sysinfo), SCMP_SYS(uname),
	SCMP_SYS(times), SCMP_SYS(getcpu),
	/* Waiting, and connections that are there. */
	SCMP_SYS(epoll_create1), SCMP_SYS(epoll_ctl), SCMP_SYS(epoll_wait),
	SCMP_SYS(epoll_pwait), SCMP_SYS(poll), SCMP_SYS(ppoll),
	SCMP_SYS(select), SCMP_SYS(pselect6), SCMP_SYS(eventfd2),
	SCMP_SYS(timerfd_create), SCMP_SYS(timerfd_settime),
	SCMP_SYS(accept), SCMP_SYS(accept4), SCMP_SYS(connect),
	SCMP_SYS(bind), SCMP_SYS(shutdown), SCMP_SYS(getsockname),
	SCMP_SYS(getpeername), SCMP_SYS(getsockopt), SCMP_SYS(setsockopt),
	SCMP_SYS(sendto), SCMP_SYS(recvfrom), SCMP_SYS(sendmsg),
	SCMP_SYS(recvmsg), SCMP_SYS(sendmmsg), SCMP_SYS(recvmmsg),
};

/* No part of serving, ever: whoever makes one of these is not us. */
static const int deadly[] = {
	SCMP_SYS(execve), SCMP_SYS(execveat), SCMP_SYS(fork),
	SCMP_SYS(vfork), SCMP_SYS(ptrace), SCMP_SYS(process_vm_readv),
	SCMP_SYS(process_vm_writev), SCMP_SYS(bpf), SCMP_SYS(userfaultfd),
	SCMP_SYS(perf_event_open), SCMP_SYS(io_uring_setup),
	SCMP_SYS(add_key), SCMP_SYS(keyctl), SCMP_SYS(request_key),
	SCMP_SYS(mount), SCMP_SYS(umount2), SCMP_SYS(pivot_root),
	SCMP_SYS(chroot), SCMP_SYS(unshare), SCMP_SYS(setns),
	SCMP_SYS(init_module), SCMP_SYS(finit_module),
	SCMP_SYS(kexec_load), SCMP_SYS(personality),
	SCMP_SYS(open_by_handle_at),
};

#define NEW_THREAD	(CLONE_THREAD | CLONE_VM)

/* Argument ${n} is ${value}; of its bits in ${mask}, ${value} alone are set. */
#define IS(n, value)							\
	SCMP_CMP((n), SCMP_CMP_EQ, (scmp_datum_t)(value), 0)
#define MASKED(n, mask, value)						\
	SCMP_CMP((n), SCMP_CMP_MASKED_EQ, (mask), (value))
#define ALLOW(ctx, call, ...)						\
	(seccomp_rule_add_array((ctx), SCMP_ACT_ALLOW, SCMP_SYS(call),	\
	    COUNTOF(((const struct scmp_arg_cmp[]){ __VA_ARGS__ })),	\
	    (const struct scmp_arg_cmp[]){ __VA_ARGS__ }) == 0)

static bool
whole_calls(scmp_filter_ctx ctx)
{

	for (size_t i = 0; i < COUNTOF(allowed); i++) {
		if (seccomp_rule_add(ctx, SCMP_ACT_ALLOW, allowed[i], 0) != 0)
			return (false);
	}
	for (size_t i = 0; i < COUNTOF(deadly); i++) {
		if (seccomp_rule_add(ctx, SCMP_ACT_KILL_PROCESS, deadly[i],
		    0) != 0)
			return (false);
	}
	return (true);
}

/* Connections to databases and providers, names of hosts; nothing raw. */
static bool
sockets(scmp_filter_ctx ctx)
{
	static const unsigned families[] = { AF_UNIX, AF_INET, AF_INET6 };

	for (size_t i = 0; i < COUNTOF(families); i++) {
		if (!ALLOW(ctx, socket, IS(0, families[i]),
		    MASKED(1, 0xf, SOCK_STREAM)) ||
		    !ALLOW(ctx, socket, IS(0, families[i]),
		    MASKED(1, 0xf, SOCK_DGRAM)))
			return (false);
	}
	/* getaddrinfo asks which addresses there are. */
	return (ALLOW(ctx, socket, IS(0, AF_NETLINK), IS(2, NETLINK_ROUTE)) &&
	    ALLOW(ctx, socketpair, IS(0, AF_UNIX)));
}

/* Memory is never written and executed; a mapping does not become code. */
static bool
memory(scmp_filter_ctx ctx)
{

	return (ALLOW(ctx, mmap, MASKED(2, PROT_EXEC, 0)) &&
	    ALLOW(ctx, mmap, MASKED(2, PROT_EXEC | PROT_WRITE, PROT_EXEC)) &&
	    ALLOW(ctx, mprotect, MASKED(2, PROT_EXEC, 0)));
}

/* New threads, but no new processes; signals, but to ourselves. */
static bool
threads(scmp_filter_ctx ctx)
{

	return (ALLOW(ctx, clone, MASKED(0, NEW_THREAD, NEW_THREAD)) &&
	    /* Its flags are out of a filter's sight: the C library then takes
	     * clone. */
	    seccomp_rule_add(ctx, SCMP_ACT_ERRNO(ENOSYS), SCMP_SYS(clone3),
	    0) == 0 &&
	    ALLOW(ctx, tgkill, IS(0, getpid())) &&
	    ALLOW(ctx, prctl, IS(0, PR_SET_NAME)) &&
	    /* To ask for limits, not to set them. */
	    ALLOW(ctx, prlimit64, IS(0, 0), IS(2, 0)) &&
	    ALLOW(ctx, ioctl, IS(1, FIONBIO)) &&
	    ALLOW(ctx, ioctl, IS(1, FIONREAD)));
}

enum sr_error
confine_calls(void)
{
	scmp_filter_ctx ctx = seccomp_init(SCMP_ACT_ERRNO(EPERM));
	int rc = -ENOMEM;

	if (ctx != NULL && whole_calls(ctx) && sockets(ctx) && memory(ctx) &&
	    threads(ctx) &&
	    (rc = seccomp_attr_set(ctx, SCMP_FLTATR_CTL_TSYNC, 1)) == 0 &&
	    (rc = seccomp_attr_set(ctx, SCMP_FLTATR_CTL_OPTIMIZE, 2)) == 0)
		rc = seccomp_load(ctx);
	if (ctx != NULL)
		seccomp_release(ctx);
	if (rc != 0)
		return (sr_fail(SR_E_SANDBOX_FAILED,
		    log_const("step", "seccomp"), log_i64("errno", -rc)));
	return (SR_OK);
}
