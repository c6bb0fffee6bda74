/**
 * Types of a rewritten module. The original types keep their indices, with floats as integers of the same width (a
 * float is never computed with, see policy `trap`). Functions that carry the counters get two parameters and a result
 * more: fuel left (i64, also the last result) and stack bytes left (i32).
 *
 * Calls through tables compare types, so functions that may be in a table all carry both, and types that only floats
 * tell apart must stay apart: such a type gets further parameters, an i32 for each integer and an i64 for each float of
 * the original, between two funcrefs. No type ends like this unless it was made here.
 */
import type { FunctionType, ValueType } from '../../binary/types.ts'

export class Signatures {
  readonly types: FunctionType[]
  readonly #original: readonly FunctionType[]
  readonly #known = new Map<string, number>()
  readonly #inTables = new Map<number, number>()
  readonly #carried = new Map<number, number>()

  constructor(types: readonly FunctionType[]) {
    this.#original = types
    this.types = types.map(eraseFloats)
  }

  indexOf(params: readonly ValueType[], results: readonly ValueType[]): number {
    const key = `${letters(params)}:${letters(results)}`
    let index = this.#known.get(key)
    if (index === undefined) {
      index = this.types.push({ params, results }) - 1
      this.#known.set(key, index)
    }
    return index
  }

  /** The type of a function that carries counters as told. */
  carrying(typeIndex: number, fuel: boolean, stack: boolean): number {
    if (!fuel && !stack) return typeIndex
    const key = typeIndex * 4 + (fuel ? 2 : 0) + (stack ? 1 : 0)
    let index = this.#carried.get(key)
    if (index === undefined) {
      index = this.#makeCarrying(typeIndex, fuel, stack)
      this.#carried.set(key, index)
    }
    return index
  }

  #makeCarrying(typeIndex: number, fuel: boolean, stack: boolean): number {
    const { params, results } = this.types[typeIndex]!
    const more: ValueType[] = []
    if (fuel) more.push('i64')
    if (stack) more.push('i32')
    return this.indexOf([...params, ...more], fuel ? [...results, 'i64'] : results)
  }

  /** The type of functions in tables. */
  inTable(typeIndex: number): number {
    let index = this.#inTables.get(typeIndex)
    if (index === undefined) {
      const { params, results } = this.types[typeIndex]!
      index = this.indexOf([...params, 'i64', 'i32', ...this.markers(typeIndex)], [...results, 'i64'])
      this.#inTables.set(typeIndex, index)
    }
    return index
  }

  /** Parameters that keep a type with floats apart; none for other types. */
  markers(typeIndex: number): readonly ValueType[] {
    const { params, results } = this.#original[typeIndex]!
    const all = [...params, ...results]
    if (!all.some(isFloat)) return []
    return ['funcref', ...all.map((type): ValueType => (isFloat(type) ? 'i64' : 'i32')), 'funcref']
  }
}

const LETTERS: Readonly<Record<ValueType, string>> = { i32: 'i', i64: 'l', f32: 'f', f64: 'd', funcref: 'r' }

function letters(types: readonly ValueType[]): string {
  let text = ''
  for (const type of types) text += LETTERS[type]
  return text
}

export function isFloat(type: ValueType): boolean {
  return type === 'f32' || type === 'f64'
}

export function eraseFloat(type: ValueType): ValueType {
  return type === 'f32' ? 'i32' : type === 'f64' ? 'i64' : type
}

function eraseFloats({ params, results }: FunctionType): FunctionType {
  return { params: params.map(eraseFloat), results: results.map(eraseFloat) }
}
