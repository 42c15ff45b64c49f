# shellcheck shell=bash
# scripts/deb-check's walk through the site, its loss and its return; sourced.
# shellcheck disable=SC2154 # IN, SITE, WORK and OLD are deb-check's.

OWNER=owner@example.org
PASSWORD='correct horse battery staple'
KEPT=(root.key database.password strongroom.conf)

# --- A person, in a browser ---------------------------------------------------

browser() {
	curl -s --max-time 30 -b "$WORK/jar" -c "$WORK/jar" "$@"
}

# part XPATH: of the page that is open.
part() {
	xmllint --html --xpath "$1" "$WORK/page.html" 2>/dev/null
}

# submit PATH FORM NAME=VALUE…: open the page, fill in the form, send it with
# its hidden fields. Whether the answer leads on.
submit() {
	local path=$1 form="//form[@id='$2']" action field fields=()
	shift 2
	browser -o "$WORK/page.html" "$SITE$path"
	action=$(part "string($form/@action)")
	while read -r field; do
		fields+=(--data-urlencode "$field")
	done < <(part "$form//input[@type='hidden']" | grep -o '<input[^>]*>' |
	    sed -n 's/.*name="\([^"]*\)".*value="\([^"]*\)".*/\1=\2/p')
	for field; do
		fields+=(--data-urlencode "$field")
	done
	[ "$(browser -o "$WORK/page.html" -w '%{http_code}' \
	    -H "Origin: $SITE" "${fields[@]}" "$SITE${action:-$path}")" = 303 ]
}

signed_in() {
	[ "$(browser -o "$WORK/page.html" -w '%{http_code}' \
	    "$SITE/settings/security")" = 200 ]
}

sign_in() {
	submit /login login-form "login[email]=$OWNER" \
	    "login[password]=$PASSWORD" && signed_in
}

# --- A program ----------------------------------------------------------------

# api PATH [OPTION…]: with the key; what is answered.
api() {
	local path=$1
	shift
	curl -s --max-time 30 -H "Authorization: Bearer $KEY" \
	    -H 'Content-Type: application/json' "$@" "$SITE/api/v1$path"
}

put() {
	printf '%s\n' "$2" | inside strongroom secret put --scope instance \
	    --name "$1"
}

# What a run finds in its environment, as nobody would see it.
value_of_a_run() {
	# shellcheck disable=SC2016 # The run's own shell.
	inside strongroom run --project deb-check -- \
	    sh -c 'printf %s "$KEPT" | sha256sum | cut -c 1-64'
}

# --- What it is for -----------------------------------------------------------

walk_through_it() {
	local link project
	rm -f -- "$WORK/jar"
	link=$(inside strongroom owner link) || fail "no set-up link"
	check "the set-up link leads to set-up" [ "$(browser -o /dev/null \
	    -w '%{http_code}' "$link")" = 303 ]
	check "the owner is made on the page" submit /setup setup-form \
	    "setup[email]=$OWNER" "setup[password]=$PASSWORD" \
	    "setup[password_confirmation]=$PASSWORD"
	check "the owner signs in" sign_in
	check "assets are served" [ "$(http_status "$PORT" \
	    /assets/strongroom.css)" = 200 ]
	check "a secret is stored on the page" submit /settings/security \
	    settings-security-secret-form "security_secret[scope]=instance" \
	    "security_secret[name]=check/page" \
	    "security_secret[value]=a-value-of-the-page-77ab"
	check "a secret is stored" put check/kept a-value-of-the-check-1c0e
	check "and another" put check/gone a-value-that-is-revoked-90f2
	check "one is rotated" inside sh -c 'echo a-newer-value-of-the-check-d4 |
	    strongroom secret rotate --scope instance --name check/kept'
	check "one is revoked" inside strongroom secret revoke --scope instance \
	    --name check/gone --yes
	KEY=$(inside strongroom apikey create --name deb/check --json --scope \
	    secrets:read,secrets:write,secrets:resolve,runs:write,audit:read |
	    sed -n 's/.*"key":"\([^"]*\)".*/\1/p')
	project=$(api /projects -d '{"slug":"deb-check","name":"Check"}' |
	    sed -n 's/.*"id":"\([^"]*\)".*/\1/p')
	check "a project is bound to it" grep -q '"KEPT"' <<<"$(api \
	    "/projects/$project/bindings/KEPT" -X PUT \
	    -d '{"scope":"instance","name":"check/kept"}')"
	value_of_a_run >"$WORK/value"
	check "a run finds the value" [ "$(cat "$WORK/value")" = "$(printf %s \
	    a-newer-value-of-the-check-d4 | sha256sum | cut -c 1-64)" ]
	inside strongroom secret list --json >"$WORK/secrets"
	api '/secrets?limit=200' >"$WORK/secrets.api"
	check "command and API list them" grep -q check/page "$WORK/secrets" \
	    "$WORK/secrets.api"
	check "doctor finds nothing wrong" inside strongroom doctor
}

the_same_as_before() {
	inside strongroom secret list --json >"$WORK/secrets.now"
	cmp "$WORK/secrets" "$WORK/secrets.now" &&
	    inside strongroom audit verify --database
}

# --- Lost, but for a backup ---------------------------------------------------

chain() {
	sql "SELECT id, chain_seq, action, HEX(mac) FROM strongroom.audit_event
	    WHERE action <> 'RESTORE' ORDER BY id"
}

# The workers have signed all rows, and their log says which head that makes.
head_of_all() {
	local i
	for ((i = 0; i < 150; i++)); do
		[ "$(sql 'SELECT count(*) FROM strongroom.audit_pending')" != 0 ] ||
		    ! grep -q audit_checkpoint "$WORK/worker.log" || return 0
		sleep 0.2
	done
	return 1
}

lose_it_and_restore() {
	start_it
	inside strongroom audit key >"$IN/srv/strongroom.pub"
	check "the audit is exported" inside strongroom audit export \
	    --out /srv/before.xml
	check "heads are in the log" head_of_all
	check "it is backed up while it works" inside strongroom backup \
	    /srv/strongroom.backup
	stop worker
	stop web
	chain >"$WORK/chain"
	grep audit_checkpoint "$WORK/worker.log" >"$IN/srv/heads.log"
	rm -rf -- "$WORK/kept"
	mkdir -p -- "$WORK/kept"
	mv -- "${KEPT[@]/#/$IN/etc/strongroom/}" "$WORK/kept/"
	check "it is purged with all that it had" apt purge strongroom
	check "no file, unit or link stays" nothing_stays \
	    '^\./(srv/|run/strongroom$|run/strongroom/)'
	check "no user stays" nobody_stays
	sql "DROP DATABASE strongroom; DROP USER strongroom_worker@localhost" ||
	    fail "the database could not be dropped"
	rm -rf -- "$IN/run/strongroom" "$IN/run/credentials"
	bring_it_back
}

nobody_stays() {
	! grep -q strongroom "$IN/etc/passwd" "$IN/etc/group" "$IN/etc/shadow"
}

bring_it_back() {
	check "it installs again on nothing" apt install /old.deb
	database_user
	cp -- "${KEPT[@]/#/$WORK/kept/}" "$IN/etc/strongroom/"
	inside chown root:strongroom "${KEPT[@]/#//etc/strongroom/}"
	inside chmod 0640 "${KEPT[@]/#//etc/strongroom/}"
	check "an empty database is migrated" inside strongroom migrate
	check "it is restored" inside strongroom restore --pubkey \
	    /srv/strongroom.pub --heads /srv/heads.log /srv/strongroom.backup
	chain >"$WORK/chain.now"
	check "the chain is the same" cmp "$WORK/chain" "$WORK/chain.now"
	check "so is the list of secrets" the_same_as_before
	start_it
	check "the session has ended" not_signed_in
	check "the owner signs in again" sign_in
	check "the key is held" grep -q api_key_held <<<"$(api /secrets)"
	check "it is confirmed" inside strongroom apikey confirm --all
	api '/secrets?limit=200' >"$WORK/secrets.api.now"
	check "the API lists the same" cmp "$WORK/secrets.api" \
	    "$WORK/secrets.api.now"
	value_of_a_run >"$WORK/value.now"
	check "the value is the same" cmp "$WORK/value" "$WORK/value.now"
	check "the audit is exported again" inside strongroom audit export \
	    --out /srv/after.xml
	check "it is proved by the former key and heads" inside strongroom \
	    audit verify /srv/after.xml --pubkey /srv/strongroom.pub \
	    --heads /srv/heads.log
	check "so is the former export" inside strongroom audit verify \
	    /srv/before.xml --pubkey /srv/strongroom.pub --heads /srv/heads.log
	check "each former event is in it" former_events
	check "doctor finds nothing wrong with it" inside strongroom doctor
}

not_signed_in() {
	! signed_in
}

# Ids of events, of either export.
events() {
	grep -oE '<event [^>]*' "$IN/srv/$1.xml" |
	    grep -oE ' id="[0-9a-f-]{36}"' | sort
}

former_events() {
	events before >"$WORK/events" && events after >"$WORK/events.now" &&
	    [ -s "$WORK/events" ] &&
	    [ -z "$(comm -23 "$WORK/events" "$WORK/events.now")" ]
}
