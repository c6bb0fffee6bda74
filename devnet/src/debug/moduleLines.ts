/** The lines of a module that is debugged: by position in its code, and back. */
import type { LineTable, NamedLocal, SourceVariable, StoppedMachine } from '@touchstone/contracts'
import type { SteppedCode } from '@touchstone/node/rerun'

export interface ModuleSource {
  readonly table: LineTable | null
  /** The folder that files are below; null where it is not known. */
  readonly root: string | null
}

export interface LinePlace {
  readonly file: string
  readonly line: number
  readonly text: string | null
  readonly inside: string | null
}

/** The build puts what it generates (dispatch, encodings) where a class ends: no line that an author wrote. */
const GENERATED = /^[\s)\]};,]*$/

/** Whether an author steps through it: null is the text of a library. */
export function isAuthorsLine(text: string | null): boolean {
  return text !== null && !GENERATED.test(text)
}

/** Of an instruction that no line of the author's is known of. */
export const NO_LINE = -1

const NO_LOCALS: ReadonlyMap<number, readonly NamedLocal[]> = new Map()

export class ModuleLines {
  readonly code: SteppedCode
  readonly source: ModuleSource
  /** By position: a number for each line of the author's, {@link NO_LINE} for none. */
  readonly lineAt: Int32Array
  readonly #positionsOf = new Map<string, number[]>()
  readonly #texts = new Map<string, readonly string[]>()

  constructor(code: SteppedCode, source: ModuleSource) {
    this.code = code
    this.source = source
    this.lineAt = new Int32Array(code.marks.length).fill(NO_LINE)
    if (source.table !== null) this.#fill(source.table)
  }

  /** Whether it can be stepped through line by line. */
  get hasLines(): boolean {
    return this.#positionsOf.size > 0
  }

  /** Positions at which a line begins: the first instruction of each run of it. */
  startsOf(file: string, line: number): readonly number[] {
    return this.#positionsOf.get(keyOf(file, line)) ?? []
  }

  /** The first line from `line` on that code comes from; null where there is none in the file. */
  lineFrom(file: string, line: number): number | null {
    let found: number | null = null
    for (const key of this.#positionsOf.keys()) {
      const [at, ...rest] = key.split(' ')
      const one = Number(at)
      if (rest.join(' ') === file && one >= line && (found === null || one < found)) found = one
    }
    return found
  }

  /** Of what a library has inlined the author's line before it in the function; `inside` then says where it is. */
  placeAt(position: number): LinePlace | null {
    const found = this.source.table?.at(this.code.placeAt(position).offset) ?? null
    const own = this.#ownBefore(position)
    if (own !== null && own !== position) {
      const place = this.source.table!.at(this.code.placeAt(own).offset)!
      const inside = found === null || this.#isOwn(found) ? null : `${found.file}:${found.line}`
      return { ...place, text: this.#textOf(place), inside }
    }
    return found === null ? null : { ...found, text: this.#textOf(found), inside: null }
  }

  /** Null when it has none, in the module or beside it. */
  functionName(functionIndex: number): string | null {
    return this.source.table?.functionName?.(functionIndex) ?? this.code.functionName(functionIndex)
  }

  /** The author's variables by local, where a function stands. */
  localsAt(position: number): ReadonlyMap<number, readonly NamedLocal[]> {
    const place = this.placeAt(position)
    const { functionIndex, offset } = this.code.placeAt(position)
    return (place === null ? null : this.source.table?.localsAt?.(functionIndex, offset, place)) ?? NO_LOCALS
  }

  /** The author's variables whose scope the line is in, and that no local is certain to be: constants, and lost ones. */
  lostAt(position: number): readonly NamedLocal[] {
    const place = this.placeAt(position)
    const here = place === null ? [] : (this.source.table?.scopeAt?.(place) ?? [])
    const lost = new Map<string, NamedLocal>()
    for (const variable of here) {
      const other = lost.get(variable.name)
      const { constant: _, ...unknown } = variable
      // Of a generic function each kind has a constant of its own.
      lost.set(variable.name, other === undefined || other.constant === variable.constant ? variable : unknown)
    }
    for (const { name } of [...this.localsAt(position).values()].flat()) lost.delete(name)
    return [...lost.values()]
  }

  /** Those of debug information, where there is some. */
  variablesAt(position: number, machine: StoppedMachine): readonly SourceVariable[] {
    return this.source.table?.variablesAt?.(this.code.placeAt(position).offset, machine) ?? []
  }

  /** Functions that are inlined there, the innermost first. */
  inlinedAt(position: number): readonly string[] {
    return this.source.table?.inlinedAt?.(this.code.placeAt(position).offset) ?? []
  }

  #fill(table: LineTable): void {
    const numbers = new Map<string, number>()
    let last = NO_LINE
    let lastBody = -1
    for (const position of this.code.positions()) {
      const place = table.at(this.code.placeAt(position).offset)
      if (place === null || !this.#isOwn(place)) continue
      const key = keyOf(place.file, place.line)
      const number = numbers.get(key) ?? numbers.size
      numbers.set(key, number)
      this.lineAt[position] = number
      const body = this.code.bodyAt(position)
      if (number === last && body === lastBody) continue
      last = number
      lastBody = body
      const starts = this.#positionsOf.get(key) ?? []
      this.#positionsOf.set(key, starts)
      starts.push(position)
    }
  }

  /** The last instruction of the author's up to there, in the same function. */
  #ownBefore(position: number): number | null {
    const body = this.code.bodyAt(position)
    for (let at = position; at > 0 && this.code.bodyAt(at) === body; at--) if (this.lineAt[at]! !== NO_LINE) return at
    return null
  }

  #isOwn(place: { readonly file: string; readonly line: number }): boolean {
    return isAuthorsLine(this.#textOf(place))
  }

  #textOf({ file, line }: { readonly file: string; readonly line: number }): string | null {
    return this.#textsOf(file)[line - 1] ?? null
  }

  #textsOf(file: string): readonly string[] {
    const known = this.#texts.get(file) ?? this.source.table?.textOf(file)?.split('\n') ?? []
    this.#texts.set(file, known)
    return known
  }
}

function keyOf(file: string, line: number): string {
  return `${line} ${file}`
}
