/**
 * How much an optimising compiler may have to remember of one function: at each of its control points, a value for each of
 * its locals. V8's keeps such a list for every block and branch, and for a loop makes each local that it assigns a value
 * of its own, so both its time and its memory follow the product, which the size of a body does not bound: a body of 64
 * KiB with a thousand locals took it 0.6 GB. The limit is on the product (`controlValues` in limits.ts).
 */
import { type InstructionList, WORDS } from '../binary/module.ts'

/** `memory.init`, the first of the instructions on ranges of memory and tables; engines put a check on each. */
const FIRST_BULK = 0xe8

/** Blocks, branches, calls, and what an engine that meters puts a check on; a `br_table` besides by its targets. */
export function isControlPoint(op: number): boolean {
  // block, loop, if, else; br to return_call_indirect; memory.grow; memory.init to table.fill.
  return (op >= 0x02 && op <= 0x05) || (op >= 0x0c && op <= 0x13) || op === 0x40 || op >= FIRST_BULK
}

/** Control points of a body, reachable or not: instructions that are one, and the targets of each `br_table`, default and all. */
export function controlPoints({ words, count, labels }: InstructionList): number {
  let points = labels.length
  for (let at = 0; at < count * WORDS; at += WORDS) if (isControlPoint(words[at]!)) points++
  return points
}
