/**
 * From where to where in a module a local is a variable of the author's: for the source map (docs/protocol/artifacts.md,
 * "Names of locals"). A name that is not certain is left out.
 */
import { localStretches } from '@touchstone/vm'
import { walk } from './astNodes.ts'
import { type CallGraph, waysBetween } from './callGraph.ts'
import { type AstNode, parser } from './compiler.ts'
import type { FunctionInstance, Local, Type } from './internals.ts'
import type { LocalUse, LocalUses } from './localUses.ts'
import { fullNames, shortName } from './shortNames.ts'
import { SDK_IMPORT } from './sources.ts'

/** As the source map has it: `x_touchstone_locals`. */
export interface LocalsTable {
  readonly version: 1
  /** For `form` see {@link formOf}; `source` is the place of its file in `sources`, the lines are those of its scope. */
  readonly variables: readonly (readonly [
    name: string,
    type: string,
    form: string,
    source: number,
    first: number,
    last: number,
  ])[]
  /** Function and local, byte offsets of the first and the last instruction at which it is so, place of the variable. */
  readonly stretches: readonly (readonly [
    functionIndex: number,
    local: number,
    from: number,
    to: number,
    variable: number,
  ])[]
}

export interface LocalsOf {
  /** The module as the compiler wrote it, with the whole names of its functions. */
  readonly wasm: Uint8Array
  /** Reads of variables by byte offset. */
  readonly uses: ReadonlyMap<number, LocalUse>
  readonly compilation: LocalUses
  /** Before anything was inlined. */
  readonly graph: Pick<CallGraph, 'sites'>
  readonly sources: readonly string[]
  /** As the author wrote them, by path: the build puts its own code into lines of theirs. */
  readonly texts: ReadonlyMap<string, string>
}

type Variable = LocalsTable['variables'][number]

export function localsTable({ wasm, uses, compilation, graph, sources, texts }: LocalsOf): LocalsTable {
  const variables: Variable[] = []
  const stretches: LocalsTable['stretches'][number][] = []
  const places = new Map<Local, number | null>()
  const placeOf = (use: LocalUse): number | null => {
    const known = places.get(use.local)
    if (known !== undefined) return known
    const found = compilation.isConstant(use.local) ? variableOf(use, sources, texts) : null
    const place = found === null ? null : variables.push(found) - 1
    places.set(use.local, place)
    return place
  }
  const names = fullNames(wasm)
  const ways = waysBetween(graph)
  for (const { functionIndex, stretches: ofFunction } of localStretches(wasm)) {
    const name = names.get(functionIndex)
    if (name === undefined) continue
    /** Where the code of a function may stand twice, the variables of the one are not those of the other. */
    const isThereOnce = ({ internalName }: FunctionInstance) =>
      ways(name, internalName) + (name === internalName ? 1 : 0) === 1
    for (const { local, from, to, gets } of ofFunction) {
      const found = new Set<number>()
      for (const offset of gets) {
        const use = uses.get(offset)
        const place = use === undefined || !isThereOnce(use.owner) ? null : placeOf(use)
        if (place !== null) found.add(place)
      }
      for (const variable of found) stretches.push([functionIndex, local, from, to, variable])
    }
  }
  return { version: 1, variables, stretches }
}

/**
 * Null of what the author did not write, and when its scope is not certain: the function has several of the name, or its
 * value begins later than it does.
 */
function variableOf(
  { local, owner }: LocalUse,
  sources: LocalsOf['sources'],
  texts: LocalsOf['texts'],
): Variable | null {
  const { name, type } = local
  const { declaration } = owner.prototype
  const { source } = declaration.range
  const place = sources.indexOf(source.normalizedPath)
  const found = declarationsOf(declaration, name)
  const [only] = found
  if (only === undefined || found.length > 1 || place < 0) return null
  const { node, scope } = only
  if (node.kind !== parser.NodeKind['Parameter'] && (node as DeclarationNode).initializer === null) return null
  const [first, last] = [source.lineAt(node.range.start), source.lineAt(scope.range.end)]
  const line = texts.get(source.normalizedPath)?.split('\n')[first - 1] ?? ''
  if (!line.split(/[^\w$]+/).includes(name)) return null
  return [name, typeName(type), formOf(type), place, first, last]
}

interface DeclarationNode extends AstNode {
  readonly name: { readonly text: string }
  readonly initializer: AstNode | null
}

/** The declarations of a name in a function, each with what its scope ends with. */
function declarationsOf(declaration: AstNode, name: string): { readonly node: AstNode; readonly scope: AstNode }[] {
  const { VariableDeclaration, Parameter, Block, For, ForOf, Switch } = parser.NodeKind
  const scopes: AstNode[] = []
  const found: AstNode[] = []
  walk(declaration, (node) => {
    if ([Block, For, ForOf, Switch].includes(node.kind)) scopes.push(node)
    if (node.kind !== VariableDeclaration && node.kind !== Parameter) return
    if ((node as DeclarationNode).name.text === name) found.push(node)
  })
  const width = ({ range }: AstNode) => range.end - range.start
  return found.map((node) => {
    const around = scopes.filter(({ range }) => range.start <= node.range.start && range.end >= node.range.end)
    const [scope = declaration] = around.sort((a, b) => width(a) - width(b))
    return { node, scope }
  })
}

function typeName(type: Type): string {
  return shortName(type.toString())
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
