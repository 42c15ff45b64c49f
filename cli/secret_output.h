#ifndef SR_CLI_SECRET_OUTPUT_H
#define SR_CLI_SECRET_OUTPUT_H

struct compose;
struct secret_meta;

/**
 * secret_json(c, meta):
 * The members of a secret's metadata, with the brace before and not after, so
 * that the caller may add others.
 */
void secret_json(struct compose * c, const struct secret_meta * meta);

#endif /* !SR_CLI_SECRET_OUTPUT_H */
