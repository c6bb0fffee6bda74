/**
 * The layout of the memory of a machine, and the numbers it leaves with. The core is compiled with these addresses
 * in it (vm/core); changing one means making the core again.
 *
 *   0 to 63          the state of an execution that is not running, below
 *   from 1 024 on    one program: function headers, globals, tables, code (program.ts)
 *   then             frames
 *   then             the memory of the contract, last, so that it can grow
 *
 * Everything but the last is out of the contract's reach: each access it makes is compared with the size of its memory
 * before it is added to where that begins.
 */

/** Where to go on, and the frame: addresses. */
export const PC = 0
export const FP = 4
/** Bytes of stack in use, by the rule of metering/stackHeight.ts. */
export const DEPTH = 8
/** Why the core came back: one of the numbers below. */
export const LEFT = 12
/** Fuel left, 64 bits; below 0 after a charge that it could not pay. */
export const FUEL = 16
/** Where the contract's memory begins. */
export const MEMORY = 24
/** Most bytes of stack. */
export const STACK_BUDGET = 28
/** Bytes of the contract's memory, 64 bits. */
export const MEMORY_SIZE = 32
/** No frame may end above it. */
export const FRAMES_END = 40
/** Of a call without room for its frame: the header of the callee, and where a direct call comes back to; 0 for others. */
export const CALLEE = 44
export const AFTER = 60
/** Instruction `exit`, to which handlers jump that leave; and `done`, to which the first frame returns, after its charge. */
export const EXIT = 48
export const DONE_CHARGE = 52
export const DONE = 56

export const PROGRAM = 1024

/**
 * A header of a function: entry, bytes of its frame, where in it locals begin that are cleared and where its record is,
 * which ends them; charges of fuel and of stack, type.
 */
export const HEADER_BYTES = 32
export const HEADER = { entry: 0, frame: 4, firstLocal: 8, record: 12, fuel: 16, stack: 24, type: 28 } as const
/**
 * The frame of a function that is not lowered in this machine: no room has it, so that a call comes back. Frames begin below
 * 2^31.
 */
export const NOT_LOWERED = 0x7fff_ffff

/** A record stands in each frame: where its caller goes on, its caller's frame, its caller's depth. */
export const RECORD_BYTES = 16

export const LEFT_DONE = 0
/** A charge could not be paid. It may go on once there is more. */
export const LEFT_FUEL = 1
export const LEFT_IMPORT = 2
/** A call through a table of a function that is not the instance's own. */
export const LEFT_FOREIGN = 3
export const LEFT_OUTSIDE = 4
/** There is no room for the frame of a callee: it is not lowered yet. The rule of the stack excludes any other reason. */
export const LEFT_FRAMES = 5
/** From here on: the trap of that place in {@link TRAPS}. */
export const LEFT_TRAP = 16

export const TRAPS = [
  'unreachable',
  'float',
  'integer-divide-by-zero',
  'integer-overflow',
  'out-of-bounds-memory',
  'undefined-element',
  'uninitialized-element',
  'indirect-call-type-mismatch',
  'stack-exhausted',
] as const
