#ifndef SR_CLI_STACK_WIPE_H
#define SR_CLI_STACK_WIPE_H

/**
 * stack_wipe(): what functions that have returned left on the stack, such as
 * the eight bytes of a window that was hashed, which are all of a short value.
 */
void stack_wipe(void);

#endif /* !SR_CLI_STACK_WIPE_H */
