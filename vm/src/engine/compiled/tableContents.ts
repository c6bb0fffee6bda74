/**
 * The contents of tables, as far as they can be told without running the module. V8 has one message for a call of an
 * empty entry and one of a function of another type; where a table never changes, its contents often tell which it must
 * have been. Elsewhere the index has to be kept before every call, which costs time.
 */

import type { Module } from '../../binary/module.ts'
import { OP } from '../../binary/opcodes.ts'
import type { ValidatedModule } from '../../validate/validateModule.ts'

const { 'i32.const': I32_CONST } = OP

/** Why a call through a table fails when its index is in the table. */
export type Verdict = 'empty' | 'other-type' | 'unknown'

interface Contents {
  /** Each by the first index of its kind. */
  readonly types: ReadonlySet<number>
  readonly full: boolean
}

export class TableContents {
  private readonly module: Module
  /** Per table; null when it may change or cannot be told. */
  private readonly contents: readonly (Contents | null)[]
  private readonly verdicts = new Map<number, Verdict>()
  /** First index of each type; a module may hold thousands, equal or not. */
  private readonly firstOfKind = new Map<string, number>()

  /** `open`: other instances may change the tables. */
  constructor({ module, functions }: ValidatedModule, open: boolean) {
    this.module = module
    const fixed = !open && module.tables.length > 0 && !functions.some(({ changesTables }) => changesTables)
    this.contents = module.tables.map((_, table) => (fixed ? this.contentsOf(table) : null))
  }

  verdict(typeIndex: number, table: number): Verdict {
    const contents = this.contents[table]!
    if (contents === null) return 'unknown'
    const key = typeIndex * this.contents.length + table
    let verdict = this.verdicts.get(key)
    if (verdict === undefined) {
      const { types } = contents
      const others = types.size > 1 || (types.size === 1 && !types.has(this.canonical(typeIndex)))
      verdict = !others ? 'empty' : contents.full ? 'other-type' : 'unknown'
      this.verdicts.set(key, verdict)
    }
    return verdict
  }

  private canonical(typeIndex: number): number {
    const { params, results } = this.module.types[typeIndex]!
    const kind = `${params.join()}:${results.join()}`
    const first = this.firstOfKind.get(kind)
    if (first !== undefined) return first
    this.firstOfKind.set(kind, typeIndex)
    return typeIndex
  }

  private contentsOf(table: number): Contents | null {
    const { module } = this
    const types = new Set<number>()
    const filled = new Uint8Array(module.tables[table]!.min)
    for (const { mode, functions } of module.elements) {
      if (mode.kind !== 'active' || mode.index !== table) continue
      const { words, count } = mode.start
      if (functions === null || count !== 2 || words[0] !== I32_CONST) return null
      const start = words[2]! >>> 0
      filled.fill(1, start, start + functions.length)
      for (const index of functions) types.add(this.canonical(module.functionTypes[index]!))
    }
    return { types, full: !filled.includes(0) }
  }
}
