#ifndef SR_CORE_KEYS_KEYRING_INTERNAL_H
#define SR_CORE_KEYS_KEYRING_INTERNAL_H

/* For keyring*.c and seal*.c alone. */

#include "core/keys/keyring.h"

#define KEYRING_MAX	64	/* Root keys loaded at a time. */

struct keyring {
	size_t n;
	uint32_t version[KEYRING_MAX];	/* Ascending. */
	struct secbuf * keys;		/* n times KEK_LEN bytes. */
};

/* Uses of a KEK; the strings are in seal.FORMAT. */
enum kek_use { KEK_WRAP_DEK, KEK_WRAP_SYSTEM_KEY, KEK_CHECK_VALUE };

/**
 * keyring_derive(kr, version, use, out):
 * HKDF the purpose key into a new secbuf; caller frees. Errors:
 * ROOT_KEY_MISMATCH (not loaded), OUT_OF_MEMORY.
 */
SR_NODISCARD enum sr_error keyring_derive(const struct keyring * kr,
    uint32_t version, enum kek_use use, struct secbuf ** out);

/**
 * keyring_parse(text, out):
 * Read the lines of a root key file. Errors: ROOT_KEY_MALFORMED, OUT_OF_MEMORY.
 */
SR_NODISCARD enum sr_error keyring_parse(const struct secbuf * text,
    struct keyring ** out);

/**
 * keyring_read_file(path, credential, out):
 * The bytes of a root key file, whose mode is checked unless it is a
 * credential. Errors: ROOT_KEY_UNREADABLE, ROOT_KEY_PERMISSIONS,
 * ROOT_KEY_MALFORMED (too large), OUT_OF_MEMORY.
 */
SR_NODISCARD enum sr_error keyring_read_file(const char * path,
    bool credential, struct secbuf ** out);

/**
 * keyring_write_fd(fd, text) / keyring_sync_folder(path):
 * All of the bytes; the folder that ${path} is in. False: errno says why.
 */
SR_NODISCARD bool keyring_write_fd(int fd, const struct secbuf * text);
SR_NODISCARD bool keyring_sync_folder(const char * path);

/**
 * keyring_new_line(head, version, out):
 * ${head} and a line with a new random key, in a new secbuf. Errors:
 * RANDOM_UNAVAILABLE, OUT_OF_MEMORY.
 */
SR_NODISCARD enum sr_error keyring_new_line(const struct secbuf * head,
    uint32_t version, struct secbuf ** out);

#endif /* !SR_CORE_KEYS_KEYRING_INTERNAL_H */
