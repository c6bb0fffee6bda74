/** Bounds of the debugger. Its memory is that of one execution, whatever the length of a transaction. */

/** Instructions between two looks at whether somebody wants it to stop. */
export const STEPS_BETWEEN_LOOKS = 65_536
/** Steps back that are looked at first for the line before; {@link SEARCH_FACTOR} times as many where it is not there. */
export const SEARCH_STEPS = 16_384
export const SEARCH_FACTOR = 32
/** Host calls that are kept, the last ones. */
export const MAX_HOST_CALLS = 10
/** Bytes of a host call's arguments and results that are kept, and of data of frames that are shown. */
export const MAX_SHOWN_BYTES = 128
/** UTF-16 units of a string in a contract's memory that are shown. */
export const MAX_SHOWN_UNITS = 160
/** Bytes of a refusal's data that are kept: more than errors with names and words have. */
export const MAX_REVERT_DATA = 4_096
/** Failures of frames that are kept of an execution. */
export const MAX_FAULTS = 1_024
/** Functions of a call stack that one answer has. */
export const MAX_STACK_SHOWN = 256
/** Locals, operands, globals or slots that one answer has. */
export const MAX_VARIABLES = 1_024
/** Bytes of memory that one answer has. */
export const MAX_MEMORY_READ = 65_536
/** Instructions that one answer has. */
export const MAX_INSTRUCTIONS = 1_024
export const MAX_BREAKPOINTS = 1_024
/**
 * Processor time that a refusal, or a trace, gives to the place of its failure; requests have their own bound. All gas of
 * a block takes about as long, and a node may tell of more. A clock would end it on a busy machine before it has begun.
 */
export const MAX_FAULT_MS = 20_000
/** How often that is looked at. */
export const LOOK_AT_PROCESSOR_MS = 100
/** After this they hear what they wait for. */
export const SAY_WAITING_MS = 3_000
/** Bytes of a message of an editor, and of what stands before it. */
export const MAX_DAP_MESSAGE_BYTES = 1_048_576
export const MAX_DAP_HEADER_BYTES = 1_024
/** Heap of the thread that executes; contracts have at most 256 pages of memory a frame beside it. */
export const DEBUG_HEAP_MB = 1_024
/** Calls nest to 128 frames of the engine. */
export const DEBUG_STACK_MB = 64
