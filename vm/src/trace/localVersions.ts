/** Which value a local has at each instruction: what tells where a name is true (contracts/src/builder/localsTable.ts). */
import { decode } from '../binary/decode.ts'
import { type FunctionBody, functionTypeOf, type InstructionList, WORDS } from '../binary/module.ts'
import { OP } from '../binary/opcodes.ts'
import { DEFAULT_LIMITS, type Limits } from '../limits.ts'

/** An optimiser may have turned their operands round: it keeps whether one is zero, and not what it is. */
const ASK_TRUTH: ReadonlySet<number> = new Set([OP.if, OP.br_if, OP.select, OP['i32.eqz'], OP['i64.eqz']])
/** Of an instruction that control does not come to. */
export const NOT_REACHED = -1
/** Where values from several branches meet, until the place at which they do is passed. */
const MANY = -2

/** An instruction that reads or sets a local. */
export interface LocalAccess {
  readonly position: number
  readonly local: number
}

export interface LocalGet extends LocalAccess {
  /** Whether the next instruction asks whether it is zero, and no more. */
  readonly asksTruth: boolean
}

/**
 * The locals of a function. A version of one is a value as far as it can be told without running the code: each setting
 * makes a new one, and so does each place at which several meet (the end of a block that branches lead to, the beginning of
 * a loop in which it is set). Numbers of versions are of one module, all of them different.
 */
export class LocalVersions {
  readonly functionIndex: number
  /** Byte offset in the module by position. */
  readonly offsets: readonly number[]
  readonly #code: InstructionList
  readonly #locals: number
  readonly #number: () => number
  #changes: readonly Change[] | null = null

  constructor(functionIndex: number, { code }: FunctionBody, locals: number, number: () => number) {
    this.functionIndex = functionIndex
    this.#code = code
    this.#locals = locals
    this.#number = number
    this.offsets = Array.from({ length: code.count }, (_, position) => code.words[position * WORDS + 1]!)
  }

  /** The version that a local has before the instruction at a position, or {@link NOT_REACHED}. */
  at(local: number, position: number): number {
    this.#changes ??= changesOf(this.#code, this.#locals, this.#number)
    const { positions, versions } = this.#changes[local]!
    let [low, high] = [0, positions.length - 1]
    while (low < high) {
      const middle = (low + high + 1) >>> 1
      if (positions[middle]! <= position) low = middle
      else high = middle - 1
    }
    return versions[low]!
  }

  /** An arm, a block, a loop or the function ends there, or the other arm begins: what follows is reached otherwise, too. */
  endsAt(position: number): boolean {
    const op = this.#code.words[position * WORDS]
    return op === OP.end || op === OP.else
  }

  gets(): readonly LocalGet[] {
    const { words } = this.#code
    return this.#accesses(new Set([OP['local.get']])).map((access) => ({
      ...access,
      asksTruth: ASK_TRUTH.has(words[(access.position + 1) * WORDS] ?? OP.end),
    }))
  }

  sets(): readonly LocalAccess[] {
    return this.#accesses(new Set([OP['local.set'], OP['local.tee']]))
  }

  #accesses(ops: ReadonlySet<number>): LocalAccess[] {
    const { words, count } = this.#code
    const found: LocalAccess[] = []
    for (let position = 0; position < count; position++)
      if (ops.has(words[position * WORDS]!)) found.push({ position, local: words[position * WORDS + 2]! })
    return found
  }
}

/**
 * Of each function of a module; nothing is worked out before a version is asked for.
 *
 * @param limits by default those of the chain; a module that is not optimised may need more
 * @throws ValidationError when it is no module, or beyond them
 */
export function localVersions(bytes: Uint8Array, limits: Limits = DEFAULT_LIMITS): readonly LocalVersions[] {
  const module = decode(bytes, { floats: 'trap', limits })
  let last = NOT_REACHED
  const number = () => ++last
  return module.bodies.map((body, i) => {
    const functionIndex = module.importedFunctions + i
    const locals = functionTypeOf(module, functionIndex).params.length + body.locals.length
    return new LocalVersions(functionIndex, body, locals, number)
  })
}

/** Of one local: from which positions on it has which version, ascending. */
interface Change {
  readonly positions: number[]
  readonly versions: number[]
}

/** Versions of all locals; null where control does not come to. */
type State = Int32Array | null

interface Open {
  readonly isLoop: boolean
  /** Of the branches to its end. */
  met: State
  /** Of an `if`, what its other arm begins with. */
  other: State
}

function changesOf({ words, count, labels }: InstructionList, locals: number, number: () => number): Change[] {
  const changes = Array.from({ length: locals }, (): Change => ({ positions: [0], versions: [number()] }))
  let state: State = Int32Array.from(changes, ({ versions }) => versions[0]!)
  const open: Open[] = [{ isLoop: false, met: null, other: null }]
  const setIn = settingsOfLoops(words, count)
  const branch = (depth: number) => {
    const target = open.at(-1 - depth)
    if (target !== undefined && !target.isLoop) target.met = together(target.met, state)
  }
  for (let position = 0; position < count; position++) {
    const [op, a, b] = [words[position * WORDS]!, words[position * WORDS + 2]!, words[position * WORDS + 3]!]
    let next: State = state
    if (op === OP.block) open.push({ isLoop: false, met: null, other: null })
    else if (op === OP.if) open.push({ isLoop: false, met: null, other: state })
    else if (op === OP.loop) {
      open.push({ isLoop: true, met: null, other: null })
      next = renumbered(state, setIn.get(position) ?? new Set(), number)
    } else if (op === OP.else) {
      const here = open.at(-1)!
      here.met = together(here.met, state)
      next = here.other
      here.other = null
    } else if (op === OP.end) {
      const { met, other } = open.pop()!
      // An `if` without another arm goes on with what it began with.
      next = numbered(together(together(met, other), state), number)
    } else if (op === OP['local.set'] || op === OP['local.tee']) next = renumbered(state, new Set([a]), number)
    else if (op === OP.br || op === OP.br_if) branch(a)
    else if (op === OP.br_table) for (let i = 0; i <= b; i++) branch(labels[a + i]!)
    if (ENDS.has(op)) next = null
    if (next !== state) note(changes, position + 1, state, next)
    state = next
  }
  return changes
}

/** After them comes nothing. */
const ENDS: ReadonlySet<number> = new Set([
  ...[OP.unreachable, OP.br, OP.br_table, OP.return, OP.return_call, OP.return_call_indirect],
])

function note(changes: readonly Change[], position: number, before: State, after: State): void {
  for (const [local, { positions, versions }] of changes.entries()) {
    const version = after === null ? NOT_REACHED : after[local]!
    if (before !== null && version === before[local]) continue
    positions.push(position)
    versions.push(version)
  }
}

/** Of states that meet, {@link MANY} where they differ. */
function together(one: State, other: State): State {
  if (one === null || other === null) return one ?? other
  return one.map((version, local) => (version === other[local] ? version : MANY))
}

function numbered(state: State, number: () => number): State {
  return state?.map((version) => (version === MANY ? number() : version)) ?? null
}

function renumbered(state: State, locals: ReadonlySet<number>, number: () => number): State {
  if (state === null || locals.size === 0) return state
  const next = state.slice()
  for (const local of locals) next[local] = number()
  return next
}

/** The locals that are set in each loop, by the position at which it begins. */
function settingsOfLoops(words: Int32Array, count: number): ReadonlyMap<number, ReadonlySet<number>> {
  const loops = new Map<number, Set<number>>()
  const open: (Set<number> | null)[] = []
  for (let position = 0; position < count; position++) {
    const op = words[position * WORDS]
    if (op === OP.loop) {
      const found = new Set<number>()
      loops.set(position, found)
      open.push(found)
    } else if (op === OP.block || op === OP.if) open.push(null)
    else if (op === OP.end) open.pop()
    else if (op === OP['local.set'] || op === OP['local.tee'])
      for (const loop of open) loop?.add(words[position * WORDS + 2]!)
  }
  return loops
}
