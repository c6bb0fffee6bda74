/** Functions inside functions that use what belongs to the outer one: told at the inner function. */

import type { AstNode, IdentifierNode } from '../compiler.ts'
import { parser } from '../compiler.ts'
import type { SourceFile } from '../sources.ts'
import type { Tell } from './reporter.ts'
import { visitFile } from './tree.ts'

const { NodeKind } = parser

const HINT = 'write a for loop, or put the values that it needs into fields of the contract'

interface Scope {
  readonly node: AstNode
  readonly names: Set<string>
  /** Whether `this` is an object here. */
  readonly isMethod: boolean
}

/** Identifiers under these keys name members, labels and the like. */
const NO_VARIABLE = new Set(['name', 'names', 'property', 'label', 'identifier'])

export function checkClosures(file: SourceFile, tell: Tell): void {
  const scopes = new Map<AstNode, Scope>()
  visitFile(file, (node, parents) => {
    if (isFunction(node)) scopes.set(node, { node, names: new Set(), isMethod: isMethod(node) })
    const declares =
      node.kind === NodeKind['VariableDeclaration'] ||
      node.kind === NodeKind['Parameter'] ||
      node.kind === NodeKind['FunctionDeclaration']
    if (!declares) return
    const owner = parents.findLast((parent) => scopes.has(parent))
    const name = (node as AstNode & { name: IdentifierNode }).name.text
    if (owner !== undefined && !isTypeOnly(parents, owner)) scopes.get(owner)?.names.add(name)
  })
  const told = new Set<AstNode>()
  visitFile(file, (node, parents, key) => {
    const isThis = node.kind === NodeKind['This']
    if (!isThis && (node.kind !== NodeKind['Identifier'] || NO_VARIABLE.has(key))) return
    const around = parents.flatMap((parent) => scopes.get(parent) ?? [])
    const inner = around.at(-1)
    if (inner === undefined || around.length < 2 || told.has(inner.node)) return
    const name = isThis ? 'this' : (node as IdentifierNode).text
    const owner = around.findLast((scope) => (isThis ? scope.isMethod : scope.names.has(name)))
    if (owner === undefined || owner === inner) return
    told.add(inner.node)
    tell(headOf(file, inner.node), {
      message: `closures are not there: this function uses ${isThis ? '"this"' : `"${name}"`} of the function around it`,
      hint: HINT,
    })
  })
}

function isFunction(node: AstNode): boolean {
  return node.kind === NodeKind['FunctionDeclaration'] || isMethod(node)
}

function isMethod(node: AstNode): boolean {
  return node.kind === NodeKind['MethodDeclaration']
}

/** Parameters of a function's type, such as `(a: u8) => void`, declare nothing; those of its own signature do. */
function isTypeOnly(parents: readonly AstNode[], owner: AstNode): boolean {
  const signature = (owner as AstNode & { signature?: AstNode }).signature
  const type = parents.findLast((parent) => parent.kind === NodeKind['FunctionType'])
  return type !== undefined && type !== signature && parents.indexOf(type) > parents.indexOf(owner)
}

/** The function up to the end of its parameters: what comes after may be long. */
function headOf(file: SourceFile, node: AstNode): { start: number; end: number } {
  const { start, end } = node.range
  const arrow = file.text.slice(start, end).indexOf('=>')
  const line = file.text.indexOf('\n', start)
  const stop = arrow >= 0 ? start + arrow + 2 : end
  return { start, end: line >= 0 ? Math.min(stop, line) : stop }
}
