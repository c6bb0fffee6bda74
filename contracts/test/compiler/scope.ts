/** The names a program being made can use, and how much more it may grow. */

import { type Random, seededRandom } from '@touchstone/vm/testing/random'
import type {
  ArrayDeclaration,
  Declaration,
  Expression,
  ObjectDeclaration,
  Place,
  ProgramFunction,
  StructDeclaration,
} from './program.ts'
import { INTEGERS, type Native, type ValueType } from './types.ts'

/** Small types come often: they are where a compiler has to think. */
const TYPES: readonly ValueType[] = [
  ...INTEGERS,
  ...(['i8', 'i16', 'u8', 'u16', 'i8', 'i16', 'u8', 'i32', 'u32', 'bool', 'bool', 'U256', 'U256', 'I256'] as const),
]

/** `bound` is a power of two. */
export type MakeIndex = (type: 'i32' | 'u8', bound: number, mayMiss: boolean) => Expression

interface Local extends Declaration {
  readonly constant: boolean
}

export class Scope {
  readonly random: Random
  /** Names of a program, so that many make one file. */
  readonly prefix: string
  readonly globals: (Declaration & { initial: bigint })[] = []
  readonly objects: ObjectDeclaration[] = []
  readonly arrays: ArrayDeclaration[] = []
  readonly stored: Declaration[] = []
  readonly structs: StructDeclaration[] = []
  readonly mappings: Declaration[] = []
  readonly functions: ProgramFunction[] = []
  /** Names around the place where the program is made, innermost last. */
  locals: Local[] = []
  /** In the contract's function, not in one beside it: `this` and the arrays are there. */
  inContract = false
  loops = 0
  breakable = 0
  /** Expressions that may still be made. */
  budget = 0
  #names = 0

  constructor(seed: number) {
    this.random = seededRandom(seed)
    this.prefix = `_${seed}_`
  }

  name(letter: string): string {
    return `${letter}${this.prefix}${this.#names++}`
  }

  type(): ValueType {
    return this.random.pick(TYPES)
  }

  native(): Native {
    for (;;) {
      const type = this.type()
      if (type !== 'U256' && type !== 'I256') return type
    }
  }

  chance(percent: number): boolean {
    return this.random.below(100) < percent
  }

  /** A value of up to 256 bits of any size and sign, often near a power of two. */
  number(bits: number): bigint {
    const value = this.random.bigint(bits)
    return this.chance(40) ? -value : value
  }

  /** Places of a type; `index` makes the index of an array or the key of a mapping, which may miss or not. */
  places(type: ValueType, index: MakeIndex, toWrite: boolean): Place[] {
    const places: Place[] = []
    for (const local of this.locals) {
      if (local.type === type && !(toWrite && local.constant)) places.push({ kind: 'variable', type, name: local.name })
    }
    for (const { name, type: t } of this.globals) if (t === type) places.push({ kind: 'variable', type, name })
    for (const object of this.objects) {
      for (const f of object.fields)
        if (f.type === type) places.push({ kind: 'field', type, object: object.name, name: f.name })
    }
    if (!this.inContract) return places
    for (const { name, type: t } of this.stored) if (t === type) places.push({ kind: 'stored', type, name })
    for (const { name, fields } of this.structs) {
      for (const [i, t] of fields.entries()) {
        if (t === type) places.push({ kind: 'stored', type, name: `${name}.f${i}` })
      }
    }
    // Written to beyond its end, an array grows.
    for (const { name, type: t, values, isStatic } of this.arrays) {
      if (t === type)
        places.push({ kind: 'element', type, array: name, index: index('i32', values.length, isStatic || !toWrite) })
    }
    for (const { name, type: t } of this.mappings) {
      if (t === type) places.push({ kind: 'mapped', type, name, key: index('u8', 4, false) })
    }
    return places
  }
}
