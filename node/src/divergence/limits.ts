/** Bounds of looking for where two engines part: it happens while a node waits to stop, so it ends whatever the block is. */

/** Events of one execution that are compared: host calls, what they read and write, and on demand what instructions give. */
export const MAX_COMPARED_EVENTS = 2 ** 24

/** Digests kept of one execution; where more would be needed, each stands for twice as many events. */
export const MAX_CHECKPOINTS = 4_096

/** Events shown before the first that differs. */
export const CONTEXT_EVENTS = 6

/** Accounts' fields and slots that are listed; the others are counted. */
export const MAX_STATE_DIFFERENCES = 16

/** Bytes of modules that are instrumented in one execution; contracts beyond it are heard at their borders only. */
export const MAX_INSTRUMENTED_BYTES = 4 * 1_048_576
