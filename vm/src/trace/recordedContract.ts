/** The instructions of a contract that were executed, and the ways that its choices went, over all of its frames. */
import { WORDS } from '../binary/module.ts'
import { OP } from '../binary/opcodes.ts'
import { RECORD_CHOICE, RECORD_GROUP } from '../engine/reference/lower.ts'
import type { ReferenceProgram } from '../engine/reference/program.ts'
import { type RecordedCode, recordedCode } from '../engine/reference/recorded.ts'

/** An instruction that was executed. */
export interface ExecutedPlace {
  readonly functionIndex: number
  /** Byte offset in the module. */
  readonly offset: number
  readonly count: number
  /** All of its executions together, with what the host charged for them, and without frames that they began. */
  readonly fuel: number
}

/** An `if`, `br_if`, `br_table` or `select`. */
export interface ExecutedChoice {
  readonly functionIndex: number
  readonly offset: number
  /** How often each way was taken: of a condition, first where it was 0; of a br_table its targets, the default last. */
  readonly ways: readonly number[]
}

export class RecordedContract {
  readonly code: RecordedCode
  readonly #program: ReferenceProgram
  readonly #imports: readonly string[]
  readonly #counts: Float64Array
  /** Fuel of each group beyond what its instructions cost in any case. */
  readonly #dynamic: Float64Array
  readonly #edges: Float64Array
  readonly #entries: Float64Array
  /** Of groups that a trap cut short: how often each instruction ran, by position. */
  readonly #partial = new Map<number, number>()

  constructor(program: ReferenceProgram) {
    this.#program = program
    const { imports } = program.decoded
    this.#imports = imports.flatMap(({ name, description }) => (description.kind === 'function' ? [name] : []))
    this.code = recordedCode(program.lowered)
    this.#counts = new Float64Array(this.code.groups.fuel.length)
    this.#dynamic = new Float64Array(this.#counts.length)
    this.#edges = new Float64Array(this.code.edges)
    this.#entries = new Float64Array(program.lowered.functions.entry.length)
  }

  get importedFunctions(): number {
    return this.#program.decoded.importedFunctions
  }

  /** Null when it has none. */
  functionName(index: number): string | null {
    return this.#program.functionName(index)
  }

  /** Of an imported function, by the import section: a module may call it anything else. */
  importName(index: number): string {
    return this.#imports[index]!
  }

  /** Byte offset in the module of the instruction at a position. */
  offsetAt(position: number): number {
    return this.#program.lowered.offsets[position]!
  }

  entryCost(body: number): number {
    return this.#program.lowered.functions.entryCost[body]!
  }

  enter(body: number): void {
    this.#entries[body]!++
  }

  /** All instructions of a group ran, and cost so much beyond what they cost in any case. */
  ran(group: number, dynamic: number): void {
    this.#counts[group]!++
    this.#dynamic[group]! += dynamic
  }

  /** The instructions of a group ran on so much fuel as far as the one at `stop`, which trapped; their fuel. */
  ranInPart(group: number, stop: number, left: number): number {
    const { lowered } = this.#program
    let spent = 0
    for (let position = this.code.groups.first[group]!; position <= stop; position++) {
      const cost = lowered.costs[position]!
      if (spent + cost > left) break
      spent += cost
      this.#partial.set(position, (this.#partial.get(position) ?? 0) + 1)
    }
    return spent
  }

  /** @returns what {@link unchoose} takes */
  choice(position: number, value: number): number {
    const { code } = this.#program.lowered
    const at = position * WORDS
    const way = code[at + 3] === 1 ? (value === 0 ? 0 : 1) : Math.min(value >>> 0, code[at + 2]!)
    const edge = code[at + 1]! + way
    this.#edges[edge]!++
    return edge
  }

  /** The instruction did not choose after all: there was less fuel than it costs. */
  unchoose(edge: number): void {
    this.#edges[edge]!--
  }

  /** In the order of the module. */
  places(): ExecutedPlace[] {
    const { lowered } = this.#program
    const { groups } = this.code
    const places: ExecutedPlace[] = []
    for (const [group, count] of this.#counts.entries()) {
      const functionIndex = this.importedFunctions + groups.body[group]!
      const end = groups.end[group]!
      const ofEntry = groups.isEntry[group] === 1 ? this.#entryFuel(groups.body[group]!) : 0
      for (let position = groups.first[group]!; position < end; position++) {
        if (this.#isAdded(position)) continue
        const times = count + (this.#partial.get(position) ?? 0)
        if (times === 0) continue
        const dynamic = position === end - 1 ? this.#dynamic[group]! : 0
        const fuel = times * lowered.costs[position]! + dynamic
        places.push({ functionIndex, offset: lowered.offsets[position]!, count: times, fuel })
      }
      if (ofEntry > 0) this.#addEntry(places, functionIndex, groups.first[group]!, ofEntry)
    }
    return places
  }

  /** Every instruction, executed or not. */
  allPlaces(): { readonly functionIndex: number; readonly offset: number }[] {
    const { offsets } = this.#program.lowered
    const { body, first, end } = this.code.groups
    const places: { functionIndex: number; offset: number }[] = []
    for (const [group, start] of first.entries()) {
      const functionIndex = this.importedFunctions + body[group]!
      for (let position = start; position < end[group]!; position++)
        if (!this.#isAdded(position)) places.push({ functionIndex, offset: offsets[position]! })
    }
    return places
  }

  choices(): ExecutedChoice[] {
    const { offsets } = this.#program.lowered
    const choices: ExecutedChoice[] = []
    for (const [edge, { body, position, ways }] of this.code.choices) {
      const taken = [...this.#edges.subarray(edge, edge + ways)]
      if (taken.every((count) => count === 0)) continue
      choices.push({ functionIndex: this.importedFunctions + body, offset: offsets[position]!, ways: taken })
    }
    return choices
  }

  #entryFuel(body: number): number {
    return this.#entries[body]! * this.entryCost(body)
  }

  /** Entering a function costs its locals: its first instruction has that. */
  #addEntry(places: ExecutedPlace[], functionIndex: number, first: number, fuel: number): void {
    const offset = this.#program.lowered.offsets[first]!
    const found = places.findLastIndex((place) => place.functionIndex === functionIndex && place.offset === offset)
    if (found < 0) places.push({ functionIndex, offset, count: 0, fuel })
    else places[found] = { ...places[found]!, fuel: places[found]!.fuel + fuel }
  }

  /** A record, or the end behind a tail call, which stands for no instruction of the module. */
  #isAdded(position: number): boolean {
    const { code, offsets } = this.#program.lowered
    const op = code[position * WORDS]
    if (op === RECORD_GROUP || op === RECORD_CHOICE) return true
    return op === OP.end && position > 1 && offsets[position] === offsets[position - 2]
  }
}
