# shellcheck shell=bash
# Functions that the scripts share; sourced, after which ROOT is the clone and
# VAR the state folder (STRONGROOM_VAR, default var/ in the clone).

ROOT=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")/.." && pwd -P)
VAR=$(realpath -m -- "${STRONGROOM_VAR:-$ROOT/var}")
LC_ALL=C.UTF-8
# Servers are in sbin, which is not in a user's PATH.
PATH=$PATH:/usr/sbin:/sbin
export LC_ALL PATH

# Set by signal handlers; long steps look at it.
STOP=
# Set while services_hold is in force.
HELD=

say() {
	printf '%s\n' "$*" 2>/dev/null || :
}

# fail MESSAGE…: one line that says what is wrong and what to do; the end.
fail() {
	printf 'strongroom: %s\n' "$*" >&2 || :
	exit 1
}

# as_root COMMAND…: needs sudo for anybody but root.
as_root() {
	if [ "$(id -u)" -eq 0 ]; then
		"$@"
	else
		sudo -n -- "$@"
	fi
}

# reason LOG: the cause in one line, when LOG shows a common one.
reason() {
	local pattern text
	while IFS=@ read -r pattern text; do
		if grep -qiE -- "$pattern" "$1" 2>/dev/null; then
			printf '%s' "$text"
			return
		fi
	done <<-'END'
	no space left on device|disk full|(error number|errcode|errno): 28@the disk is full: free some space and start again
	disk quota exceeded@the disk quota is used up: free some space and start again
	read-only file system@the file system is read-only
	dpkg was interrupted@dpkg was interrupted earlier: run "dpkg --configure -a" as root and start again
	could not get lock@another package manager is running: wait for it to end and start again
	(could not|temporary failure) resolv@the package server's name does not resolve: check the network and start again
	unable to locate package@a package is not in the package sources: is this Debian 12?
	address already in use@the address is in use by another program: stop that one or choose another PORT
	permission denied@a right is missing (permission denied)
	END
	if [ "$(free_mb "$(dirname -- "$1")")" -lt 8 ]; then
		printf 'the disk is full: free some space and start again'
	else
		printf 'see %s' "$1"
	fi
}

# kill_step PID: end a step of ours, which may run under sudo.
kill_step() {
	kill -TERM -- "-$1" 2>/dev/null
	sleep 0.5
	! kill -0 -- "-$1" 2>/dev/null ||
	    as_root kill -TERM -- "-$1" 2>/dev/null || :
}

# step TITLE LOG COMMAND…: a long step, in a process group of its own. Its
# output goes to LOG, a sign of life to the user every ten seconds. A signal
# ends it, unless KEEP is set: then it is waited for. Returns the command's
# status; leaves for good on a signal.
step() {
	local title=$1 log=$2 start=$SECONDS shown=0 pid rc=0
	shift 2
	say "==> $title…"
	set -m
	(umask 022; "$@") >"$log" 2>&1 </dev/null &
	pid=$!
	set +m
	while kill -0 "$pid" 2>/dev/null; do
		sleep 0.2
		if [ -n "$STOP" ]; then
			if [ -n "${KEEP:-}" ]; then
				say "    stopping as soon as this step has ended"
			else
				kill_step "$pid"
			fi
			wait "$pid" 2>/dev/null
			[ -z "$HELD" ] || services_release
			exit 1
		fi
		if [ $(( (SECONDS - start) / 10 )) -gt "$shown" ]; then
			shown=$(( (SECONDS - start) / 10 ))
			say "    … $((SECONDS - start)) s"
		fi
	done
	wait "$pid" || rc=$?
	[ "$rc" -ne 0 ] || [ $((SECONDS - start)) -lt 2 ] ||
	    say "    done in $((SECONDS - start)) s"
	return "$rc"
}

# --- Packages ----------------------------------------------------------------

# packages LIST…: the packages of these lists of scripts/packages.
packages() {
	local list
	for list; do
		awk -v l="$list" '$1 == l { for (i = 2; i <= NF; i++) print $i }' \
		    "$ROOT/scripts/packages"
	done | sort -u
}

# packages_missing LIST…: those that are not installed.
packages_missing() {
	local name
	for name in $(packages "$@"); do
		[ "$(dpkg-query -W -f '${db:Status-Status}' "$name" 2>/dev/null)" \
		    = installed ] || printf '%s\n' "$name"
	done
}

# Packages that would start a service.
SERVICES="lighttpd nginx"
POLICY=/usr/sbin/policy-rc.d
POLICY_SAVED=/usr/sbin/policy-rc.d.before-strongroom
POLICY_MARK='# made by Strongroom while it installs packages'

# services_hold: no package may start a service until services_release.
services_hold() {
	local answer=0
	services_release
	HELD=1
	if [ -x "$POLICY" ]; then
		"$POLICY" lighttpd start >/dev/null 2>&1 || answer=$?
		[ "$answer" -ne 101 ] || return 0
		as_root mv -- "$POLICY" "$POLICY_SAVED" || return 1
	fi
	printf '#!/bin/sh\n%s\nexit 101\n' "$POLICY_MARK" |
	    as_root sh -c "umask 022; cat >$POLICY && chmod 0755 $POLICY"
}

# services_release: put back what services_hold found, now or in a former run
# that was killed.
services_release() {
	HELD=
	if grep -qsF -- "$POLICY_MARK" "$POLICY"; then
		as_root rm -f -- "$POLICY"
	fi
	if [ -e "$POLICY_SAVED" ]; then
		as_root mv -- "$POLICY_SAVED" "$POLICY"
	fi
	return 0
}

# packages_ensure LOGDIR SIZE LIST…: install what is missing of these lists.
packages_ensure() {
	local logs=$1 size=$2 missing name had=
	shift 2
	services_release
	mapfile -t missing < <(packages_missing "$@")
	[ "${#missing[@]}" -gt 0 ] || return 0
	command -v apt-get >/dev/null ||
	    fail "these packages are missing and there is no apt-get: ${missing[*]}"
	if [ "$(id -u)" -ne 0 ]; then
		command -v sudo >/dev/null || fail "packages are missing and there" \
		    "is no sudo; as root: apt-get install ${missing[*]}"
		sudo -n true 2>/dev/null || sudo -v || fail "packages are missing;" \
		    "as root: apt-get install ${missing[*]}"
	fi
	need_space / 1200 "the packages"
	set -- env DEBIAN_FRONTEND=noninteractive apt-get -y -q \
	    -o DPkg::Lock::Timeout=120 --no-install-recommends
	apt_lists_there || packages_update "$logs"
	# The size is that of all of them.
	[ "${#missing[@]}" -gt 5 ] || size="a few MB"
	if ! step "fetching ${#missing[@]} packages and what they need ($size)" \
	    "$logs/fetch.log" as_root "$@" --download-only install "${missing[@]}"
	then
		# Old lists name files that are gone.
		packages_update "$logs"
		step "fetching again" "$logs/fetch.log" \
		    as_root "$@" --download-only install "${missing[@]}" ||
		    fail "packages could not be fetched: $(reason "$logs/fetch.log")"
	fi
	for name in $SERVICES; do
		[ "$(dpkg-query -W -f '${db:Status-Status}' "$name" 2>/dev/null)" \
		    != installed ] || had="$had $name "
	done
	services_hold || fail "cannot write $POLICY"
	if ! KEEP=1 step "installing packages" "$logs/install.log" \
	    as_root "$@" install "${missing[@]}"; then
		services_release
		fail "packages could not be installed: $(reason "$logs/install.log")"
	fi
	services_release
	# We want the programs; their system services were not asked for.
	for name in $SERVICES; do
		case $had in
		*" $name "*) continue ;;
		esac
		[ -e "/etc/init.d/$name" ] || continue
		as_root update-rc.d "$name" disable >/dev/null 2>&1 || :
		[ ! -d /run/systemd/system ] ||
		    as_root systemctl disable "$name" >/dev/null 2>&1 || :
	done
	mapfile -t missing < <(packages_missing "$@")
}

apt_lists_there() {
	compgen -G '/var/lib/apt/lists/*_Packages*' >/dev/null
}

packages_update() {
	step "reading the package lists" "$1/update.log" \
	    as_root apt-get -q -o DPkg::Lock::Timeout=120 update ||
	    fail "the package lists could not be read: $(reason "$1/update.log")"
}

# --- Space, ports ------------------------------------------------------------

# free_mb FOLDER: free space there, in MB.
free_mb() {
	df -Pm -- "$1" 2>/dev/null | awk 'NR == 2 { n = $4 } END { print n + 0 }'
}

# need_space FOLDER MB WHAT: at least that much free, or the end.
need_space() {
	local free
	free=$(free_mb "$1")
	[ "$free" -ge "$2" ] ||
	    fail "the disk of $1 has $free MB free, and $3 need $2 MB:" \
	    "free some space and start again"
}

# port_answers PORT: whether something listens there on this machine.
port_answers() {
	(exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null
}

# http_status PORT PATH: the status of a GET, nothing when there is no answer.
http_status() (
	exec 3<>"/dev/tcp/127.0.0.1/$1" || exit 1
	printf 'GET %s HTTP/1.0\r\nHost: 127.0.0.1\r\n\r\n' "$2" >&3
	read -r -t 20 _ status _ <&3
	printf '%s' "${status:-}"
) 2>/dev/null

# --- The running instance ----------------------------------------------------

# instance_get KEY: from the file that scripts/run keeps while it runs.
instance_get() {
	sed -n "s/^$1=//p" "$VAR/instance" 2>/dev/null
}

# instance_require: the end, unless an instance of VAR runs and is ours.
instance_require() {
	local pid
	[ -e "$VAR" ] || fail "there is no $VAR: start ./scripts/run first"
	[ -r "$VAR" ] && [ -x "$VAR" ] || fail "$VAR belongs to" \
	    "$(stat -c %U -- "$VAR"): use this command as that user"
	pid=$(instance_get pid)
	[ -n "$pid" ] && [ -d "/proc/$pid" ] ||
	    fail "no Strongroom runs on $VAR: start ./scripts/run first"
}
