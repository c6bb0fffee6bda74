/**
 * How much a compiler may have to remember of one function: at each of its control points, a value for each of its locals
 * and each operand on the stack. V8's optimising compiler keeps such a list of the locals for every block and branch,
 * and for a loop makes each local that it assigns a value of its own; its baseline compiler keeps one of locals and
 * operands for every block that is branched to. So time and memory follow the sum of the lists, which the size of a
 * body does not bound: 64 KiB with a thousand locals took 0.6 GB, and blocks inside each other with operands under them
 * would. The limit is on the sum (`controlValues` in limits.ts).
 */
import { OP } from '../binary/opcodes.ts'

const {
  block: BLOCK,
  else: ELSE,
  br: BR,
  br_table: BR_TABLE,
  return_call_indirect: RETURN_CALL_INDIRECT,
  'memory.grow': MEMORY_GROW,
  'memory.init': MEMORY_INIT,
} = OP

/** 1 for blocks, branches, calls and what an engine that meters puts a check on. */
const CONTROL_POINT = Uint8Array.from({ length: 256 }, (_, op) => {
  const structure = op >= BLOCK && op <= ELSE
  const leaves = op >= BR && op <= RETURN_CALL_INDIRECT
  // memory.init to table.fill.
  const bulk = op >= MEMORY_INIT
  return structure || leaves || op === MEMORY_GROW || bulk ? 1 : 0
})

/** Blocks, branches, calls, and what an engine that meters puts a check on; a `br_table` besides by its targets. */
export function isControlPoint(op: number): boolean {
  return CONTROL_POINT[op] === 1
}

/** The control points of an instruction, reachable or not: itself, and a `br_table` its targets besides, the default too. */
export function pointsOf(op: number, b: number): number {
  if (CONTROL_POINT[op] === 0) return 0
  return op === BR_TABLE ? b + 2 : 1
}
