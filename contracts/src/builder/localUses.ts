/**
 * The author's local variables in the module as it is compiled and as it is optimised. The optimiser gives locals other
 * numbers, puts several variables into one and inlines functions, and keeps no name of them; but it keeps where each
 * expression comes from. So each expression of the author's is compiled with a place of its own in the source map, which is
 * put back to the author's afterwards, and what tells which of the source an instruction is, before and after optimisation.
 * No byte of the module depends on it.
 */
import { decode, encode, type SourceMapSegment } from '@jridgewell/sourcemap-codec'
import {
  type Compiler,
  constantOf,
  type ExpressionRef,
  type FunctionInstance,
  type Identifier,
  internals,
  type Local,
  type Method,
  numberOf,
  type Program,
  type Range,
  type Replacement,
  type Source,
  type Type,
} from './internals.ts'
import { isPart } from './sources.ts'

const IDENTIFIER = numberOf(internals.NodeKind, 'Identifier')
const LOCAL_GET = numberOf(internals.ExpressionId, 'LocalGet')
const LOCAL = numberOf(internals.ElementKind, 'Local')
const LOCAL_SET = numberOf(internals.ExpressionId, 'LocalSet')
/** The index of a `const` that is a number to the compiler. */
const NO_LOCAL = -1
/** The file that stands for these places in the compiler's map: no author's can have this name. */
const MARKED_FILE = '~locals'
/** Stands for no place at all. */
const NOWHERE: Range = {
  ...{ start: 0, end: 0 },
  source: { normalizedPath: '', text: '', isLibrary: false, lineAt: () => 1, columnAt: () => 1 },
}

/** An expression or a statement of the author's. */
export interface SourceMark {
  /** Whose code it is. */
  readonly owner: FunctionInstance
  /** Null of what sets a variable where it is declared: the compiler's map has no place for it. */
  readonly range: Range | null
  /** The variable that it reads, or sets. */
  readonly read: Local | null
  readonly written: Local | null
}

type Marked = { -readonly [key in keyof SourceMark]: SourceMark[key] }

/**
 * By the byte offset of an instruction in a module what it is in the source; null of what no author wrote. Offsets between
 * two of them have what the one before has.
 */
export type MarksByOffset = ReadonlyMap<number, SourceMark | null>

/** A map of the compiler's, with the places of the author's and the marks apart. */
export interface TakenMap {
  readonly sourceMap: string
  readonly marks: MarksByOffset
}

/** Of one compilation. */
export class LocalUses {
  readonly #marks: Marked[] = []
  readonly #numbers = new Map<ExpressionRef, number>()
  /** Known of expressions before they get their places. */
  readonly #reads = new Map<ExpressionRef, Local>()
  readonly #settings = new Map<ExpressionRef, Local>()
  readonly #constants = new Map<Local, bigint>()
  #program: Program | null = null
  /** As much of a source as the compiler asks of one for its map: a "line" of it is the number of a mark. */
  readonly #marked = {
    ...{ debugInfoIndex: -1, normalizedPath: MARKED_FILE, internalPath: MARKED_FILE, text: '', isLibrary: false },
    lineAt: (position: number) => position,
    columnAt: () => 1,
  }

  /** The compiler calls it before it compiles. */
  afterInitialize(program: unknown): void {
    this.#program = program as Program
    collections.set(this.#program, this)
  }

  /** And before it writes the map, with the texts of its sources. */
  afterCompile(): void {
    this.#program?.sources.push(this.#marked)
  }

  /** The author's variables that are read somewhere, each with all that reads it. */
  variables(): ReadonlyMap<Local, readonly SourceMark[]> {
    const found = new Map<Local, SourceMark[]>()
    for (const mark of this.#marks) {
      if (mark.read === null) continue
      const list = found.get(mark.read)
      if (list === undefined) found.set(mark.read, [mark])
      else list.push(mark)
    }
    return found
  }

  reads(expression: ExpressionRef, local: Local): void {
    this.#reads.set(expression, local)
    const constant = constantOf(expression)
    if (constant !== null) this.#constants.set(local, constant)
  }

  /** The value of a `const` that the compiler puts in the place of its name, so that no local has it; null of others. */
  constantOf(local: Local): bigint | null {
    return this.#constants.get(local) ?? null
  }

  sets(expression: ExpressionRef, local: Local): void {
    this.#settings.set(expression, local)
  }

  /** The place to give to the compiler for an expression in place of its own; of a range that is null it has none. */
  placeFor(expression: ExpressionRef, owner: FunctionInstance, range: Range | null): Range {
    let number = this.#numbers.get(expression)
    if (number === undefined) {
      const [read, written] = [this.#reads.get(expression) ?? null, this.#settings.get(expression) ?? null]
      number = this.#marks.push({ owner, range, read, written }) - 1
      this.#numbers.set(expression, number)
    } else if (range !== null) this.#marks[number]!.range = range
    return { source: this.#marked, start: number + 1, end: number + 1 }
  }

  /** Of a map as the compiler wrote it. */
  taken(text: string): TakenMap {
    const map = JSON.parse(text) as { readonly sources: readonly string[]; readonly mappings: string }
    const marked = map.sources.indexOf(MARKED_FILE)
    const sources = map.sources.filter((_, i) => i !== marked)
    const marks = new Map<number, SourceMark | null>()
    const segments: SourceMapSegment[] = []
    for (const segment of decode(map.mappings)[0] ?? []) {
      const [offset, source, line, column] = segment
      const mark = source === marked && source !== undefined ? this.#marks[line!]! : null
      marks.set(offset, mark)
      if (source === undefined) segments.push(segment)
      else if (mark === null)
        segments.push([offset, source > marked && marked >= 0 ? source - 1 : source, line!, column!])
      else if (mark.range === null) segments.push([offset])
      else {
        const { source: file, start } = mark.range
        const known = sources.indexOf(file.normalizedPath)
        const place = known >= 0 ? known : sources.push(file.normalizedPath) - 1
        segments.push([offset, place, file.lineAt(start) - 1, file.columnAt() - 1])
      }
    }
    const mappings = encode([segments.filter((segment, i) => !isSamePlace(segment, segments[i - 1]))])
    return { sourceMap: JSON.stringify({ ...map, sources, mappings }), marks }
  }
}

function isSamePlace(one: SourceMapSegment, other: SourceMapSegment | undefined): boolean {
  return other !== undefined && one.length === other.length && one.every((field, i) => i === 0 || field === other[i])
}

const collections = new WeakMap<Program, LocalUses>()

export const LOCAL_USES: readonly Replacement[] = [
  {
    owner: 'Compiler',
    methods: ['compileIdentifierExpression'],
    replace: (original) =>
      function (this: Compiler, node: Identifier, ...rest: [Type, number]) {
        const value: ExpressionRef = original.call(this, node, ...rest)
        const local = ownerOf(this) === null ? null : readBy(this, node, value)
        if (local === null) return value
        collections.get(this.program)?.reads(value, local)
        // The compiler gives a place to what becomes of it, which may be a cast around it.
        this.addDebugLocation(value, node.range)
        return value
      },
  },
  {
    owner: 'Compiler',
    methods: ['makeLocalAssignment'],
    replace: (original) =>
      function (this: Compiler, local: Local, ...rest: [ExpressionRef, Type, boolean]) {
        const value: ExpressionRef = original.call(this, local, ...rest)
        const id = internals.getExpressionId(value)
        const uses = collections.get(this.program)
        if (uses === undefined || ownerOf(this) === null || id !== LOCAL_SET) return value
        uses.sets(value, local)
        this.addDebugLocation(value, NOWHERE)
        return value
      },
  },
  { owner: 'Compiler', methods: ['addDebugLocation'], replace: markedLocation },
]

function markedLocation(original: Method): Method {
  return function (this: Compiler, expression: ExpressionRef, range: Range) {
    const uses = collections.get(this.program)
    const owner = ownerOf(this)
    if (range !== NOWHERE) original.call(this, expression, range)
    if (uses === undefined || owner === null || !isAuthors(range.source)) return
    original.call(this, expression, uses.placeFor(expression, owner, range === NOWHERE ? null : range))
  }
}

/** Null in what is none of the author's, and while the compiler itself inlines: then the caller has the variables. */
function ownerOf({ currentFlow: { sourceFunction, targetFunction } }: Compiler): FunctionInstance | null {
  const isOwn = sourceFunction === targetFunction && isAuthors(sourceFunction.prototype.declaration.range.source)
  return isOwn ? sourceFunction : null
}

function isAuthors({ isLibrary, normalizedPath }: Source): boolean {
  return !isLibrary || isPart(normalizedPath)
}

/** The variable of the function that is compiled which an expression reads. */
function readBy({ currentFlow }: Compiler, node: Identifier, value: ExpressionRef): Local | null {
  if (node.kind !== IDENTIFIER || !isAuthors(node.range.source)) return null
  const local = currentFlow.lookup(node.text)
  if (local?.kind !== LOCAL) return null
  const { index } = local as Local
  if (index === NO_LOCAL) return constantOf(value) === null ? null : (local as Local)
  if (internals.getExpressionId(value) !== LOCAL_GET) return null
  return index === internals.getLocalGetIndex(value) ? (local as Local) : null
}
