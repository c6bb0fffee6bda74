/** The code of a contract that is stepped over: where instructions stand, what they are, and which are watched. */

import { functionTypeOf, type Module, WORDS } from '../binary/module.ts'
import { localNames } from '../binary/names.ts'
import { OP } from '../binary/opcodes.ts'
import type { ValueType } from '../binary/types.ts'
import { CALL_IMPORT, STEP } from '../engine/reference/lower.ts'
import type { ReferenceProgram } from '../engine/reference/program.ts'
import { instructionText } from '../inspect/codeText.ts'
import { operandTypesAt } from '../validate/validateFunction.ts'

/** Bits of a mark. Where another frame may begin the stepper is always told, so that it knows where its callers stand. */
const CALLS_OUT = 1
const WATCHED = 2

/** An instruction of the deployed module. */
export interface CodePlace {
  readonly functionIndex: number
  /** Byte offset in the module. */
  readonly offset: number
}

export class SteppedCode {
  readonly program: ReferenceProgram
  readonly marks: Uint8Array
  readonly #module: Module
  readonly #imports: readonly string[]
  readonly #localNames: (functionIndex: number) => ReadonlyMap<number, string>
  /** Operand types by position; a debugger looks at the same few again and again. */
  readonly #types = new Map<number, readonly (ValueType | null)[]>()

  constructor(program: ReferenceProgram) {
    const { lowered, decoded } = program
    this.program = program
    this.#module = decoded
    this.#localNames = localNames(decoded)
    this.#imports = decoded.imports.flatMap(({ name, description }) => (description.kind === 'function' ? [name] : []))
    this.marks = new Uint8Array(lowered.offsets.length)
    for (const position of this.positions()) if (this.#callsOut(position)) this.marks[position - 1] = CALLS_OUT
  }

  /** Of instructions, as the stepper is told them. */
  *positions(): Generator<number> {
    const { code, offsets } = this.program.lowered
    for (let position = 0; position < offsets.length; position++) if (code[position * WORDS] !== STEP) yield position
  }

  /** Those of a function, counted from the first one defined in the module. */
  *positionsOf(body: number): Generator<number> {
    const { code, functions, offsets } = this.program.lowered
    const end = functions.entry[body + 1] ?? offsets.length
    for (let at = functions.entry[body]!; at < end; at++) if (code[at * WORDS] !== STEP) yield at
  }

  get importedFunctions(): number {
    return this.#module.importedFunctions
  }

  get functionCount(): number {
    return this.#module.bodies.length
  }

  /** The host function that the instruction calls, by the name under which it is imported; null for none. */
  importAt(position: number): string | null {
    const { code } = this.program.lowered
    const op = code[position * WORDS]
    const calls = op === CALL_IMPORT || (op === OP['memory.grow'] && code[position * WORDS + 1]! >= 0)
    return calls ? (this.#imports[code[position * WORDS + 1]!] ?? null) : null
  }

  /** The function defined in the module that the instruction is in, counted from the first one. */
  bodyAt(position: number): number {
    const { entry } = this.program.lowered.functions
    let low = 0
    let high = entry.length
    while (low < high) {
      const middle = (low + high) >> 1
      if (entry[middle]! <= position) low = middle + 1
      else high = middle
    }
    return low - 1
  }

  placeAt(position: number): CodePlace {
    return {
      functionIndex: this.importedFunctions + this.bodyAt(position),
      offset: this.program.lowered.offsets[position]!,
    }
  }

  /** Null when it has none. */
  functionName(functionIndex: number): string | null {
    return this.program.functionName(functionIndex)
  }

  /** From the module's own names; few modules have them on a chain. */
  localName(functionIndex: number, local: number): string | null {
    return this.#localNames(functionIndex).get(local) ?? null
  }

  localTypes(body: number): readonly ValueType[] {
    const { params } = functionTypeOf(this.#module, this.importedFunctions + body)
    return [...params, ...this.#module.bodies[body]!.locals]
  }

  parameterCount(body: number): number {
    return functionTypeOf(this.#module, this.importedFunctions + body).params.length
  }

  /** Types of the operands before the instruction, the topmost last; null where nothing tells. */
  operandTypes(position: number): readonly (ValueType | null)[] {
    const known = this.#types.get(position)
    if (known !== undefined) return known
    const body = this.bodyAt(position)
    const found = this.#instructionAt(body, this.program.lowered.offsets[position]!)
    const all = new Uint8Array(this.#module.functionTypes.length).fill(1)
    const context = { module: this.#module, declared: all, addressTaken: all }
    const types =
      found === null
        ? []
        : operandTypesAt(
            context,
            this.program.limits,
            this.importedFunctions + body,
            this.#module.bodies[body]!,
            found,
          ).slice()
    if (this.#types.size >= MAX_KNOWN_TYPES) this.#types.clear()
    this.#types.set(position, types)
    return types
  }

  /** In the words of the text format. */
  textAt(position: number): string {
    const { code } = this.#module.bodies[this.bodyAt(position)]!
    const found = this.#instructionAt(this.bodyAt(position), this.program.lowered.offsets[position]!)
    return found === null ? '' : instructionText(code.words, found, code.labels)
  }

  /** Of those beyond them nothing is said; all others are as they were. */
  watch(positions: Iterable<number>): void {
    for (let at = 0; at < this.marks.length; at++) this.marks[at]! &= ~WATCHED
    for (const position of positions) this.marks[position - 1]! |= WATCHED
  }

  isWatched(position: number): boolean {
    return (this.marks[position - 1]! & WATCHED) !== 0
  }

  #callsOut(position: number): boolean {
    const op = this.program.lowered.code[position * WORDS]
    return this.importAt(position) !== null || op === OP.call_indirect || op === OP.return_call_indirect
  }

  /** Offsets of instructions ascend in a body. */
  #instructionAt(body: number, offset: number): number | null {
    const { words, count } = this.#module.bodies[body]!.code
    let low = 0
    let high = count
    while (low < high) {
      const middle = (low + high) >> 1
      if (words[middle * WORDS + 1]! < offset) low = middle + 1
      else high = middle
    }
    return low < count && words[low * WORDS + 1] === offset ? low : null
  }
}

const MAX_KNOWN_TYPES = 1_024
