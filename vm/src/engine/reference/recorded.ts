/** The groups and choices of code that was lowered to be recorded, by the numbers that a recorder is told. */
import { WORDS } from '../../binary/module.ts'
import { OP } from '../../binary/opcodes.ts'
import { CALL_IMPORT, type LoweredModule, RECORD_CHOICE, RECORD_GROUP } from './lower.ts'

export interface RecordedGroups {
  /** Of each group, the function, counted from the first one defined in the module. */
  readonly body: Int32Array
  /** 1 for the group that its function begins with. */
  readonly isEntry: Uint8Array
  /** Positions of its first instruction, and behind its last one. */
  readonly first: Int32Array
  readonly end: Int32Array
  /** The cost of its instructions, but for what the last one costs by sizes or in the host. */
  readonly fuel: Float64Array
  /** The imported function that its last instruction calls; -1 for none. */
  readonly host: Int32Array
}

export interface RecordedChoice {
  readonly body: number
  /** Of the instruction that chooses. */
  readonly position: number
  /** Ways to go on: 2, or those of a br_table with the default last. */
  readonly ways: number
}

export interface RecordedCode {
  readonly groups: RecordedGroups
  /** By the edge of its first way. */
  readonly choices: ReadonlyMap<number, RecordedChoice>
  /** Of all choices together. */
  readonly edges: number
}

/** As long as the code is: a contract may be recorded for each of many transactions. */
const known = new WeakMap<LoweredModule, RecordedCode>()

export function recordedCode(lowered: LoweredModule): RecordedCode {
  const before = known.get(lowered)
  if (before !== undefined) return before
  const found = groupsAndChoices(lowered)
  known.set(lowered, found)
  return found
}

function groupsAndChoices({ code, costs, functions }: LoweredModule): RecordedCode {
  const count = costs.length
  const starts: number[] = []
  for (let position = 0; position < count; position++)
    if (code[position * WORDS] === RECORD_GROUP) starts.push(position)
  const groups = {
    body: new Int32Array(starts.length),
    isEntry: new Uint8Array(starts.length),
    first: new Int32Array(starts.length),
    end: new Int32Array(starts.length),
    fuel: new Float64Array(starts.length),
    host: new Int32Array(starts.length).fill(-1),
  }
  const choices = new Map<number, RecordedChoice>()
  let edges = 0
  let body = -1
  for (const [group, start] of starts.entries()) {
    if (functions.entry[body + 1] === start) {
      body++
      groups.isEntry[group] = 1
    }
    const end = starts[group + 1] ?? count
    groups.body[group] = body
    groups.first[group] = start + 1
    groups.end[group] = end
    for (let position = start + 1; position < end; position++) {
      groups.fuel[group]! += costs[position]!
      const at = position * WORDS
      if (code[at] === RECORD_CHOICE) {
        const ways = code[at + 2]! + 1
        choices.set(code[at + 1]!, { body, position: position + 1, ways })
        edges += ways
      }
    }
    const last = (end - 1) * WORDS
    if (code[last] === CALL_IMPORT || code[last] === OP['memory.grow']) groups.host[group] = code[last + 1]!
  }
  return { groups, choices, edges }
}
