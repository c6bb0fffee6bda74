/**
 * A module that tells of itself: after each instruction that gives an i32 or i64 it calls the host with the value and the
 * place, and goes on with the value. The rest is the module as it was, so that any engine runs it; imported functions are
 * two more, and functions of the module have indices two higher.
 */
import { encode } from '../binary/encode.ts'
import {
  type ElementSegment,
  type FunctionBody,
  functionTypeOf,
  type InstructionList,
  type Module,
  WORDS,
} from '../binary/module.ts'
import { INSTRUCTIONS, OP, VALUE_TYPES } from '../binary/opcodes.ts'
import type { ValueType } from '../binary/types.ts'

const {
  call: CALL,
  call_indirect: CALL_INDIRECT,
  return_call: RETURN_CALL,
  'select t': SELECT_T,
  'local.get': LOCAL_GET,
  'local.tee': LOCAL_TEE,
  'global.get': GLOBAL_GET,
  'i32.const': I32_CONST,
  'ref.func': REF_FUNC,
} = OP

/** The added imports of the module: `i32` and `i64`, each (value, number of the place) -> value. */
export const TRACE_MODULE = 'trace'

const ADDED_FUNCTIONS = 2
/** Instructions whose first immediate is a function. */
const NAMES_FUNCTION: ReadonlySet<number> = new Set([CALL, RETURN_CALL, REF_FUNC])

/** Where an instruction stands in the module as it was. */
export interface Place {
  readonly functionIndex: number
  /** Byte offset in the module. */
  readonly offset: number
  /** `i64.mul`, `local.get 3`. */
  readonly instruction: string
}

export interface InstrumentedModule {
  readonly bytes: Uint8Array
  /** Of the numbers that the added calls give. */
  place(number: number): Place
}

export function instrument(module: Module): InstrumentedModule {
  const places = new Places(module)
  const shifted = new Shift(module)
  const encoded = encode({
    ...module,
    types: [...module.types, probeType('i32'), probeType('i64')],
    imports: [...module.imports, probe('i32', module.types.length), probe('i64', module.types.length + 1)],
    importedFunctions: module.importedFunctions + ADDED_FUNCTIONS,
    functionTypes: [
      ...module.functionTypes.slice(0, module.importedFunctions),
      module.types.length,
      module.types.length + 1,
      ...module.functionTypes.slice(module.importedFunctions),
    ],
    exports: module.exports.map((one) => (one.kind === 'function' ? { ...one, index: shifted.index(one.index) } : one)),
    start: module.start === null ? null : { ...module.start, functionIndex: shifted.index(module.start.functionIndex) },
    globals: module.globals.map((global) => ({ ...global, init: shifted.list(global.init) })),
    elements: module.elements.map((segment) => shifted.segment(segment)),
    bodies: module.bodies.map((body, i) => withProbes(module, shifted.body(body), i, places)),
    // Names would be off by two; the places carry those of the module as it was.
    customs: [],
  })
  return { bytes: encoded, place: (number) => places.at(number) }
}

function probeType(type: 'i32' | 'i64') {
  return { params: [type, 'i32'] as const, results: [type] as const }
}

function probe(name: 'i32' | 'i64', typeIndex: number) {
  return { module: TRACE_MODULE, name, description: { kind: 'function', typeIndex } as const, offset: 0 }
}

/** Function indices as they are behind two more imports. */
class Shift {
  readonly #imported: number

  constructor({ importedFunctions }: Module) {
    this.#imported = importedFunctions
  }

  index(index: number): number {
    return index < this.#imported ? index : index + ADDED_FUNCTIONS
  }

  list(list: InstructionList): InstructionList {
    const words = list.words.slice(0, list.count * WORDS)
    for (let at = 0; at < words.length; at += WORDS) {
      if (NAMES_FUNCTION.has(words[at]!)) words[at + 2] = this.index(words[at + 2]!)
    }
    return { ...list, words }
  }

  body(body: FunctionBody): FunctionBody {
    return { ...body, code: this.list(body.code) }
  }

  segment(segment: ElementSegment): ElementSegment {
    return {
      ...segment,
      functions: segment.functions?.map((index) => this.index(index)) ?? null,
      expressions: segment.expressions?.map((list) => this.list(list)) ?? null,
    }
  }
}

/** Every place is two words: the function defined in the module, and the instruction in its body. */
class Places {
  readonly #module: Module
  readonly #words: number[] = []

  constructor(module: Module) {
    this.#module = module
  }

  add(body: number, instruction: number): number {
    this.#words.push(body, instruction)
    return this.#words.length / 2 - 1
  }

  at(number: number): Place {
    const body = this.#words[2 * number]!
    const { words } = this.#module.bodies[body]!.code
    const at = this.#words[2 * number + 1]! * WORDS
    return {
      functionIndex: this.#module.importedFunctions + body,
      offset: words[at + 1]!,
      instruction: instructionText(words[at]!, words[at + 2]!),
    }
  }
}

/** With the index that it names, where it names one. */
function instructionText(op: number, a: number): string {
  const { name, immediates } = INSTRUCTIONS[op]!
  const namesIndex = immediates === 'local' || immediates === 'global' || immediates === 'function'
  return namesIndex ? `${name} ${a}` : name
}

function withProbes(module: Module, body: FunctionBody, index: number, places: Places): FunctionBody {
  const { words, count } = body.code
  const locals = [...functionTypeOf(module, module.importedFunctions + index).params, ...body.locals]
  const original = module.bodies[index]!.code.words
  const out: number[] = []
  for (let i = 0; i < count; i++) {
    const at = i * WORDS
    for (let word = 0; word < WORDS; word++) out.push(words[at + word]!)
    const type = resultOf(module, locals, original[at]!, original[at + 2]!)
    if (type === null) continue
    out.push(I32_CONST, 0, places.add(index, i), 0)
    out.push(CALL, 0, module.importedFunctions + (type === 'i32' ? 0 : 1), 0)
  }
  return { ...body, code: { ...body.code, words: Int32Array.from(out), count: out.length / WORDS } }
}

/**
 * The type of what the instruction leaves, when it is one number that the instruction makes or moves. A constant says
 * nothing, and a `select` without a type is told by who uses what it gives.
 */
function resultOf(module: Module, locals: readonly ValueType[], op: number, a: number): 'i32' | 'i64' | null {
  const { signature, cost, feature } = INSTRUCTIONS[op]!
  if (cost === 'constant' || feature === 'float') return null
  switch (op) {
    case LOCAL_GET:
    case LOCAL_TEE:
      return numeric(locals[a])
    case GLOBAL_GET:
      return numeric(module.globalTypes[a]!.type)
    case CALL:
      return single(functionTypeOf(module, a).results)
    case CALL_INDIRECT:
      return single(module.types[a]!.results)
    case SELECT_T:
      return numeric(VALUE_TYPES[a])
    default:
      return signature === null ? null : single(signature.results)
  }
}

function single(results: readonly ValueType[]): 'i32' | 'i64' | null {
  return results.length === 1 ? numeric(results[0]) : null
}

function numeric(type: ValueType | undefined): 'i32' | 'i64' | null {
  return type === 'i32' || type === 'i64' ? type : null
}
