#ifndef SR_CORE_KEYS_KEYRING_H
#define SR_CORE_KEYS_KEYRING_H

/*
 * The root keys (KEKs): 32 bytes each, numbered, from outside the database.
 * They live in secbufs; each use derives a purpose key with HKDF-SHA256 and
 * wipes it. Immutable after keyring_load, so it may be shared by threads.
 */

#include "core/base/error.h"

struct keyring;
struct secbuf;

#define KEK_LEN			32
#define KEK_CHECK_LEN		32
#define KEYRING_FILE_MAX	((size_t)64 * 1024)

/* Where root keys may come from. At most one of the three may be set. */
struct keyring_sources {
	const char * file;		/* Path, or NULL or "". */
	const char * credentials_dir;	/* $CREDENTIALS_DIRECTORY, or NULL; used
					   when it holds a file root_key. */
	const struct secbuf * value;	/* The lines themselves, or NULL. */
};

/**
 * keyring_load(sources, out):
 * Read version:base64 lines (blank lines and # comments allowed). A file must
 * be a regular file that group and others cannot access, except under
 * credentials_dir. Errors: ROOT_KEY_MISSING, ROOT_KEY_UNREADABLE,
 * ROOT_KEY_PERMISSIONS, ROOT_KEY_MALFORMED, ROOT_KEY_SOURCES_CONFLICT,
 * OUT_OF_MEMORY. Caller frees.
 */
SR_NODISCARD enum sr_error keyring_load(const struct keyring_sources * sources,
    struct keyring ** out);

/** keyring_free(kr): wipe and release; *kr becomes NULL; may be NULL. */
void keyring_free(struct keyring ** kr);

/** keyring_has(kr, version): whether that root key is loaded. */
bool keyring_has(const struct keyring * kr, uint32_t version);

/** keyring_newest(kr): the highest version loaded. At least 1. */
uint32_t keyring_newest(const struct keyring * kr);

/** keyring_count(kr), keyring_version(kr, i): the versions, ascending. */
size_t keyring_count(const struct keyring * kr);
uint32_t keyring_version(const struct keyring * kr, size_t i);

/**
 * keyring_check_value(kr, version, out):
 * A value that tells whether a key is the expected one and nothing about it:
 * HMAC-SHA256 under a key derived for that purpose. Errors: ROOT_KEY_MISMATCH
 * if ${version} is not loaded.
 */
SR_NODISCARD enum sr_error keyring_check_value(const struct keyring * kr,
    uint32_t version, uint8_t out[KEK_CHECK_LEN]);

/**
 * keyring_new_file(path, version):
 * Create ${path} (O_EXCL, mode 0600, synced with its folder) with one new
 * random key. Errors: ROOT_KEY_FILE_EXISTS, OUTPUT_FAILED, RANDOM_UNAVAILABLE.
 */
SR_NODISCARD enum sr_error keyring_new_file(const char * path,
    uint32_t version);

/**
 * keyring_add_to_file(path, version):
 * Append one new random key to the root key file ${path}: another file is
 * written beside it (its name and ".new"), synced, and put in its place, so the
 * former one stays whole whatever happens. Owner and mode stay. ${version}
 * receives the new one's, the next after the newest. Errors: as keyring_load
 * for a file; LIMIT_EXCEEDED (it holds as many as it may); OUTPUT_FAILED;
 * RANDOM_UNAVAILABLE; TRANSACTION_CONFLICT (another is at it).
 */
SR_NODISCARD enum sr_error keyring_add_to_file(const char * path,
    uint32_t * version);

#endif /* !SR_CORE_KEYS_KEYRING_H */
