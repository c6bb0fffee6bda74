/**
 * The author's local variables in the optimised module. The optimiser gives locals other numbers, puts several variables
 * into one and inlines functions, and keeps no name of them; but it keeps where each expression comes from. So each read
 * of a variable is compiled with a place of its own in the source map, which is put back to the author's afterwards, and
 * what tells in the module which local was read for which variable. No byte of the module depends on it.
 */
import { decode, encode, type SourceMapSegment } from '@jridgewell/sourcemap-codec'
import {
  type Compiler,
  type ExpressionRef,
  type FunctionInstance,
  type Identifier,
  internals,
  type Local,
  type Method,
  type Node,
  numberOf,
  type Program,
  type Range,
  type Replacement,
  type Type,
} from './internals.ts'
import { isPart } from './sources.ts'

const IDENTIFIER = numberOf(internals.NodeKind, 'Identifier')
const LOCAL_GET = numberOf(internals.ExpressionId, 'LocalGet')
const LOCAL = numberOf(internals.ElementKind, 'Local')
/** The file that stands for these places in the compiler's map: no author's can have this name. */
const MARKED_FILE = '~locals'

/** A read of a variable. */
export interface LocalUse {
  readonly local: Local
  /** Whose variable it is. */
  readonly owner: FunctionInstance
}

interface MarkedUse extends LocalUse {
  range: Range
}

/** Of one compilation. */
export class LocalUses {
  readonly #uses: MarkedUse[] = []
  readonly #numbers = new Map<ExpressionRef, number>()
  #program: Program | null = null
  readonly #assignments = new Map<Local, number>()
  readonly #parameters = new Set<Local>()
  /** As much of a source as the compiler asks of one for its map: a "line" of it is the number of a use. */
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

  /** Whether nothing is written to it but what its declaration, or the caller, gives it. */
  isConstant(local: Local): boolean {
    return (this.#assignments.get(local) ?? 0) <= (this.#parameters.has(local) ? 0 : 1)
  }

  assigned(local: Local): void {
    this.#assignments.set(local, (this.#assignments.get(local) ?? 0) + 1)
  }

  read(expression: ExpressionRef, use: MarkedUse): void {
    this.#numbers.set(expression, this.#uses.push(use) - 1)
    const { thisType, parameterTypes } = use.owner.signature
    if (use.local.index < parameterTypes.length + (thisType === null ? 0 : 1)) this.#parameters.add(use.local)
  }

  /** The place to give to the compiler for an expression in place of its own; null for its own. */
  placeFor(expression: ExpressionRef, range: Range): Range | null {
    const number = this.#numbers.get(expression)
    if (number === undefined) return null
    this.#uses[number]!.range = range
    return { source: this.#marked, start: number + 1, end: number + 1 }
  }

  /** The compiler's map with the author's places, and the uses by byte offset in the module. */
  taken(text: string): { readonly sourceMap: string; readonly uses: ReadonlyMap<number, LocalUse> } {
    const map = JSON.parse(text) as { readonly sources: readonly string[]; readonly mappings: string }
    const marked = map.sources.indexOf(MARKED_FILE)
    if (marked < 0) return { sourceMap: text, uses: new Map() }
    const sources = map.sources.filter((_, i) => i !== marked)
    const uses = new Map<number, LocalUse>()
    const segments = (decode(map.mappings)[0] ?? []).map((segment): SourceMapSegment => {
      const [offset, source, line, column] = segment
      if (source === undefined) return segment
      if (source !== marked) return [offset, source > marked ? source - 1 : source, line!, column!]
      const use = this.#uses[line!]!
      uses.set(offset, use)
      const { source: file, start } = use.range
      const known = sources.indexOf(file.normalizedPath)
      const place = known >= 0 ? known : sources.push(file.normalizedPath) - 1
      return [offset, place, file.lineAt(start) - 1, file.columnAt() - 1]
    })
    return { sourceMap: JSON.stringify({ ...map, sources, mappings: encode([segments]) }), uses }
  }
}

const collections = new WeakMap<Program, LocalUses>()

export const LOCAL_USES: readonly Replacement[] = [
  {
    owner: 'Compiler',
    methods: ['compileIdentifierExpression'],
    replace: (original) =>
      function (this: Compiler, node: Node, ...rest: [Type, number]) {
        const value: ExpressionRef = original.call(this, node, ...rest)
        const use = useOf(this, node, value)
        if (use !== null) collections.get(this.program)?.read(value, use)
        return value
      },
  },
  {
    owner: 'Compiler',
    methods: ['makeLocalAssignment'],
    replace: (original) =>
      function (this: Compiler, local: Local, ...rest: [ExpressionRef, Type, boolean]) {
        collections.get(this.program)?.assigned(local)
        return original.call(this, local, ...rest)
      },
  },
  { owner: 'Compiler', methods: ['addDebugLocation'], replace: markedLocation },
]

function markedLocation(original: Method): Method {
  return function (this: Compiler, expression: ExpressionRef, range: Range) {
    original.call(this, expression, range)
    const marked = collections.get(this.program)?.placeFor(expression, range) ?? null
    if (marked !== null) original.call(this, expression, marked)
  }
}

/** Null of what is no variable of the function that is compiled, or of none of the author's. */
function useOf({ currentFlow }: Compiler, node: Node, value: ExpressionRef): MarkedUse | null {
  const { isLibrary, normalizedPath } = node.range.source
  if (node.kind !== IDENTIFIER || (isLibrary && !isPart(normalizedPath))) return null
  if (internals.getExpressionId(value) !== LOCAL_GET) return null
  // Of functions that the compiler itself inlines, the caller has the variables, each time others.
  if (currentFlow.sourceFunction !== currentFlow.targetFunction) return null
  const local = currentFlow.lookup((node as Identifier).text)
  if (local?.kind !== LOCAL || (local as Local).index !== internals.getLocalGetIndex(value)) return null
  return { local: local as Local, owner: currentFlow.sourceFunction, range: node.range }
}
