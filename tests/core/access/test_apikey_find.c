#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>

#include "core/vault/secret.h"
#include "tests/core/access/api_keys.h"

static void
a_key_admits_its_scopes_in_its_projects(void)
{
	const struct api_key_request limited = { .name = "a",
	    .scopes = "secrets:write", .projects = P1 };
	const struct api_key_request all = { .name = "b",
	    .scopes = "secrets:write" };
	struct api_key key;
	struct sr_id p1, p2;

	fresh();
	CU_ASSERT_FATAL(sr_id_parse(P1, &p1) && sr_id_parse(P2, &p2));
	ASSERT_ERR_FATAL(make(&limited, NULL, &key, NULL), SR_OK);
	ASSERT_ERR(api_key_admits(h.store.db, &key, KEY_SCOPE_SECRETS_WRITE,
	    &p1), SR_OK);
	ASSERT_ERR(api_key_admits(h.store.db, &key, KEY_SCOPE_SECRETS_WRITE,
	    &p2), SR_E_API_KEY_PROJECT_FORBIDDEN);
	ASSERT_ERR(api_key_admits(h.store.db, &key, KEY_SCOPE_SECRETS_WRITE,
	    &sr_id_nil), SR_E_API_KEY_PROJECT_FORBIDDEN);
	ASSERT_ERR(api_key_admits(h.store.db, &key, KEY_SCOPE_SECRETS_READ,
	    &p1), SR_E_API_KEY_SCOPE_MISSING);
	ASSERT_ERR(api_key_admits(h.store.db, &key, KEY_SCOPE_NONE, &p1),
	    SR_E_API_KEY_SCOPE_MISSING);
	ASSERT_ERR_FATAL(make(&all, NULL, &key, NULL), SR_OK);
	ASSERT_ERR(api_key_admits(h.store.db, &key, KEY_SCOPE_SECRETS_WRITE,
	    &p2), SR_OK);
	ASSERT_ERR(api_key_admits(h.store.db, &key, KEY_SCOPE_SECRETS_WRITE,
	    &sr_id_nil), SR_OK);
}

static void
what_is_no_key_is_invalid_and_an_old_one_is_expired(void)
{
	static const char * const texts[] = { "", "x", "sr" "k_",
	    "sr" "k_pGKCFCqy7IUyZdF9ZegW0sH1rzVBoqCWrOBLK75ZnGY02sF1l" };
	const struct api_key_request request = { .name = "a",
	    .scopes = READS, .expires_at = "2099-01-01" };
	struct disclosed * token;
	struct secbuf * text;
	struct api_key key;

	fresh();
	ASSERT_ERR(api_key_find(h.store.db, NULL, &key), SR_E_API_KEY_INVALID);
	for (size_t i = 0; i < COUNTOF(texts); i++) {
		text = house_secret(texts[i]);
		ASSERT_ERR(api_key_find(h.store.db, text, &key),
		    SR_E_API_KEY_INVALID);
		secbuf_free(&text);
	}
	ASSERT_ERR_FATAL(make(&request, &token, &key, NULL), SR_OK);
	ASSERT_ERR(find(token, &key), SR_OK);
	CU_ASSERT_FATAL(house_do(&h, "UPDATE api_key SET expires_at ="
	    " UTC_TIMESTAMP(6) - INTERVAL 1 SECOND"));
	ASSERT_ERR(find(token, &key), SR_E_API_KEY_EXPIRED);
	disclosed_free(&token);
}

static void
its_use_is_noted_once_a_minute(void)
{
	const struct api_key_request request = { .name = "a",
	    .scopes = READS };
	struct disclosed * token;
	struct api_key key;
	sr_time first;

	fresh();
	ASSERT_ERR_FATAL(make(&request, &token, &key, NULL), SR_OK);
	CU_ASSERT_EQUAL(key.last_used_at, SR_TIME_NONE);
	ASSERT_ERR(find(token, &key), SR_OK);
	first = key.last_used_at;
	CU_ASSERT_NOT_EQUAL(first, SR_TIME_NONE);
	ASSERT_ERR(find(token, &key), SR_OK);
	CU_ASSERT_EQUAL(key.last_used_at, first);
	CU_ASSERT_FATAL(house_do(&h, "UPDATE api_key SET last_used_at ="
	    " last_used_at - INTERVAL 61 SECOND"));
	ASSERT_ERR(find(token, &key), SR_OK);
	CU_ASSERT(key.last_used_at >= first);
	CU_ASSERT(house_sql_is(&h, "1", "SELECT last_used_at >"
	    " UTC_TIMESTAMP(6) - INTERVAL 30 SECOND FROM api_key"));
	disclosed_free(&token);
}

struct seen {
	char names[64];
	struct sr_id last;
	unsigned n;
};

static enum sr_error
note_name(const struct api_key * key, void * cookie)
{
	struct seen * s = cookie;

	size_t n = strlen(s->names);

	(void)snprintf(s->names + n, sizeof(s->names) - n, "%s", key->name);
	s->last = key->id;
	s->n++;
	return (SR_OK);
}

static enum sr_error
stop(const struct api_key * key, void * cookie)
{
	(void)key;
	(void)cookie;
	return (SR_E_LIMIT_EXCEEDED);
}

static void
keys_are_listed_newest_first_by_page(void)
{
	static const char * const names[] = { "a", "b", "c", "d", "e" };
	struct seen s = { .n = 0 };

	fresh();
	for (size_t i = 0; i < COUNTOF(names); i++)
		ASSERT_ERR_FATAL(make(&(struct api_key_request){
		    .name = names[i], .scopes = READS }, NULL, NULL, NULL),
		    SR_OK);
	ASSERT_ERR(api_key_list(h.store.db, NULL, 3, note_name, &s), SR_OK);
	CU_ASSERT_STRING_EQUAL(s.names, "edc");
	ASSERT_ERR(api_key_list(h.store.db, &s.last, 3, note_name, &s), SR_OK);
	CU_ASSERT_STRING_EQUAL(s.names, "edcba");
	ASSERT_ERR(api_key_list(h.store.db, NULL, 3, stop, NULL),
	    SR_E_LIMIT_EXCEEDED);
}

/* Each look that began after the revocation was answered must fail. */
struct looker {
	const struct disclosed * token;
	atomic_bool revoked;
	atomic_uint ready, late;
};

static void *
keep_looking(void * cookie)
{
	struct looker * l = cookie;
	struct store mine;
	struct api_key key;
	enum sr_error err = SR_OK;
	bool after;

	if (house_thread(&h, &mine) != 0)
		return (NULL);
	while (err == SR_OK) {
		after = atomic_load(&l->revoked);
		err = api_key_find(mine.db, disclosed_value(l->token), &key);
		if (after && err == SR_OK)
			atomic_fetch_add(&l->late, 1);
		atomic_fetch_add(&l->ready, 1);
	}
	if (err != SR_E_API_KEY_REVOKED)
		suite_note("looking ended with %s", sr_error_name(err));
	house_thread_end(&mine);
	return (NULL);
}

static void
a_revoked_key_stops_at_once(void)
{
	const struct api_key_request request = { .name = "a",
	    .scopes = READS };
	struct looker l = { .token = NULL };
	struct disclosed * token;
	struct api_key key;
	pthread_t thread[4];
	size_t i;

	for (unsigned round = 0; round < 10; round++) {
		fresh();
		ASSERT_ERR_FATAL(make(&request, &token, &key, NULL), SR_OK);
		l.token = token;
		atomic_store(&l.revoked, false);
		atomic_store(&l.ready, 0);
		for (i = 0; i < COUNTOF(thread); i++)
			CU_ASSERT_FATAL(pthread_create(&thread[i], NULL,
			    keep_looking, &l) == 0);
		while (atomic_load(&l.ready) < 8)
			(void)sched_yield();
		ASSERT_ERR(api_key_revoke(&h.store, &owner, &key.id, &key),
		    SR_OK);
		atomic_store(&l.revoked, true);
		for (i = 0; i < COUNTOF(thread); i++)
			(void)pthread_join(thread[i], NULL);
		disclosed_free(&token);
	}
	CU_ASSERT_EQUAL(atomic_load(&l.late), 0);
}

static enum sr_error
store_as(const struct actor * actor, const char * name, const char * value)
{
	struct secbuf * b = house_secret(value);
	const struct secret_write w = { .scope = "instance", .name = name,
	    .value = b };
	enum sr_error err;

	err = secret_put(&h.store, actor, &w, NULL, NULL);
	secbuf_free(&b);
	return (err);
}

/* A request that was let in before the commit changes nothing after it. */
static void
what_a_revoked_key_began_is_not_done(void)
{
	const struct api_key_request request = { .name = "ci",
	    .scopes = "secrets:write" };
	struct actor program = actor_of(&h, ACTOR_API_KEY);
	struct api_key key;

	fresh();
	ASSERT_ERR_FATAL(make(&request, NULL, &key, NULL), SR_OK);
	program.id = key.id;
	ASSERT_ERR(store_as(&program, "late/one",
	    "a-value-in-good-time-1"), SR_OK);
	ASSERT_ERR(api_key_revoke(&h.store, &owner, &key.id, &key), SR_OK);
	ASSERT_ERR(store_as(&program, "late/one",
	    "a-value-that-is-late-2"), SR_E_API_KEY_REVOKED);
	ASSERT_ERR(store_as(&program, "late/two",
	    "a-value-that-is-late-3"), SR_E_API_KEY_REVOKED);
	CU_ASSERT(house_sql_is(&h, "late/one\t1", "SELECT name, key_version"
	    " FROM secret_ref WHERE name LIKE 'late/%'"));
	CU_ASSERT(house_sql_is(&h, "2", "SELECT COUNT(*) FROM audit_event"
	    " WHERE actor_kind = 'api_key' AND error_type ="
	    " 'api_key_revoked'"));
}

static void
scopes_have_names(void)
{
	enum key_scope scope, parsed;

	for (unsigned bit = 1; bit <= KEY_SCOPE_LAST; bit <<= 1) {
		scope = (enum key_scope)bit;
		CU_ASSERT(key_scope_parse(key_scope_name(scope), &parsed));
		CU_ASSERT_EQUAL(parsed, scope);
	}
	CU_ASSERT_STRING_EQUAL(key_scope_name(KEY_SCOPE_NONE), "");
	CU_ASSERT_FALSE(key_scope_parse("", &parsed));
	CU_ASSERT_FALSE(key_scope_parse(NULL, &parsed));
}

static const struct suite_test tests[] = {
	TEST(a_key_admits_its_scopes_in_its_projects),
	TEST(what_is_no_key_is_invalid_and_an_old_one_is_expired),
	TEST(its_use_is_noted_once_a_minute),
	TEST(keys_are_listed_newest_first_by_page),
	TEST(a_revoked_key_stops_at_once),
	TEST(what_a_revoked_key_began_is_not_done),
	TEST(scopes_have_names),
};
SUITE_MAIN("core/access/apikey_find", tests, api_keys_open, api_keys_close)
