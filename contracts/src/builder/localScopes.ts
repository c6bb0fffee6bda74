/** The author's local variables: where each is declared, and the places at which its name means it. */
import { walk } from './astNodes.ts'
import { type AstNode, parser } from './compiler.ts'
import type { FunctionInstance, Local, Range, Source, Type } from './internals.ts'
import type { SourceMark } from './localUses.ts'
import { shortName } from './shortNames.ts'
import { SDK_IMPORT } from './sources.ts'

export interface AuthorsVariable {
  readonly local: Local
  readonly owner: FunctionInstance
  readonly type: string
  /** The local has an integer (the form is its type) or a `bool`; or the address of a value: see {@link formOf}. */
  readonly form: string
  readonly source: Source
  /** Whether it is a `const` that is in no local. */
  readonly isConstant: boolean
  /** The value of such a one; null of the others, and where a scope within its own has another variable of its name. */
  readonly constant: bigint | null
  /** Lines of the scope, from 1. */
  readonly first: number
  readonly last: number
  /** Whether its name means it at a place of the source. */
  isInScope(place: Range): boolean
}

interface Declared {
  readonly node: AstNode
  readonly scope: AstNode
}

/**
 * Null of what the author did not write, and when it is not certain which declaration it is.
 *
 * @param reads all that reads it
 * @param texts as the author wrote them, by path: the build puts its own code into lines of theirs
 */
export function authorsVariable(
  local: Local,
  reads: readonly SourceMark[],
  texts: ReadonlyMap<string, string>,
  constant: bigint | null,
): AuthorsVariable | null {
  const { owner } = reads[0]!
  const { declaration } = owner.prototype
  const { source } = declaration.range
  const all = declarationsOf(declaration).get(local.name)
  if (all === undefined) return null
  const found = new Set(reads.map(({ range }) => (range?.source === source ? all.at(range) : null)))
  const [only] = found
  if (found.size !== 1 || only == null || reads.some((read) => read.owner !== owner)) return null
  const { node, scope } = only
  const [first, last] = [source.lineAt(node.range.start), source.lineAt(scope.range.end)]
  const line = texts.get(source.normalizedPath)?.split('\n')[first - 1] ?? ''
  if (!line.split(/[^\w$]+/).includes(local.name)) return null
  const isInScope = (place: Range) => place.source === source && all.at(place) === only
  const of = { type: shortName(local.type.toString()), form: formOf(local.type), source, first, last, isInScope }
  // Its lines are all that debuggers know of its scope, and the other one may be in no table, as nothing reads it.
  const isHidden = all.list.some((other) => other !== only && within(scope, other.scope))
  return { local, owner, ...of, isConstant: constant !== null, constant: isHidden ? null : constant }
}

/** Those of one name in a function. */
class Declarations {
  readonly list: readonly Declared[]
  /** By where they begin, of names that have several: each variable is asked for at each place. */
  readonly #known = new Map<number, Declared | null>()

  constructor(list: readonly Declared[]) {
    this.list = list
  }

  /** The meaning of the name at a place: the declaration of the innermost scope; null where none is, or several are. */
  at({ start }: Range): Declared | null {
    if (this.list.length === 1) return isWhereMeant(this.list[0]!, start) ? this.list[0]! : null
    const known = this.#known.get(start)
    if (known !== undefined) return known
    const found = this.#innermost(start)
    this.#known.set(start, found)
    return found
  }

  #innermost(start: number): Declared | null {
    const here = this.list.filter((one) => isWhereMeant(one, start))
    const [inmost, next] = here.sort((a, b) => width(a.scope) - width(b.scope))
    return inmost === undefined || next?.scope === inmost.scope ? null : inmost
  }
}

function isWhereMeant({ node, scope }: Declared, start: number): boolean {
  return node.range.start <= start && start < scope.range.end
}

const width = ({ range }: AstNode) => range.end - range.start

function within({ range: outer }: AstNode, { range: inner }: AstNode): boolean {
  return outer.start <= inner.start && inner.end <= outer.end
}

/** A function may have many variables, so its tree is walked once. */
const declarations = new WeakMap<AstNode, ReadonlyMap<string, Declarations>>()

/** The declarations in a function by their names, each with what its scope ends with. */
function declarationsOf(declaration: AstNode): ReadonlyMap<string, Declarations> {
  const known = declarations.get(declaration)
  if (known !== undefined) return known
  const { VariableDeclaration, Parameter, Block, For, ForOf, Switch } = parser.NodeKind
  const scopes: AstNode[] = []
  const nodes: AstNode[] = []
  walk(declaration, (node) => {
    if ([Block, For, ForOf, Switch].includes(node.kind)) scopes.push(node)
    if (node.kind === VariableDeclaration || node.kind === Parameter) nodes.push(node)
  })
  const lists = Map.groupBy(
    nodes.map((node) => {
      const around = scopes.filter(({ range }) => range.start <= node.range.start && range.end >= node.range.end)
      const [scope = declaration] = around.sort((a, b) => width(a) - width(b))
      return { node, scope }
    }),
    ({ node }) => (node as AstNode & { readonly name: { readonly text: string } }).name.text,
  )
  const found = new Map(Array.from(lists, ([name, list]) => [name, new Declarations(list)] as const))
  declarations.set(declaration, found)
  return found
}

const SDK_FORMS: Readonly<Record<string, string>> = {
  'math/u256/U256': 'U256',
  'math/i256/I256': 'I256',
  'address/Address': 'Address',
  'bytes/Bytes': 'Bytes',
}
const FIXED_BYTES = /^(?:bytes32|fixedBytes)\/(Bytes\d+)$/

/**
 * The local has an integer (the form is its type) or a `bool`; or the address of a value of the SDK (its class: `U256`,
 * `Address`, `Bytes4`), of a `string`, or of an `object` that is anything else. An author's class of the same name is that.
 */
function formOf(type: Type): string {
  if (!type.isReference) return type.toString()
  const name = type.getClass()?.internalName ?? ''
  if (name === '~lib/string/String') return 'string'
  const sdk = `~lib/${SDK_IMPORT}/`
  const own = name.startsWith(sdk) ? name.slice(sdk.length) : ''
  return SDK_FORMS[own] ?? FIXED_BYTES.exec(own)?.[1] ?? 'object'
}
