/**
 * Fields marked @immutable: value types that the constructor sets once, and that nothing changes after. The chain stores
 * code as it was sent, so they are kept beside the mark that the constructor has run (storage slot
 * keccak256("stylus_constructor")): as many as fit in that slot itself, the others in words of their own, packed as
 * Solidity packs storage. A call reads each word at most once. The slot has a tag of the contract, too: code that runs on
 * the storage of another contract, as behind a proxy, finds no such tag and reverts, instead of taking zeros for values.
 */

import type { Analysis } from './analyse.ts'
import { isConstructor, returnsIn, walk } from './astNodes.ts'
import type { AstNode, IdentifierNode, MethodNode } from './compiler.ts'
import { parser } from './compiler.ts'
import type { Edit } from './edits.ts'
import { chainOf, isAbstract } from './inheritance.ts'
import type { ContractModel, LayoutCursor, StorageField } from './model.ts'
import { hashText } from './selectors.ts'
import { isPart } from './sources.ts'

const { NodeKind, Token } = parser as typeof parser & { readonly Token: Readonly<Record<string, number>> }

/** Behind the byte that says that the constructor has run, and the four of the tag. */
export const IMMUTABLE_START: LayoutCursor = { slot: 0, offset: 5 }
/** The SDK has memory for the words of so many, and a bit for each. */
const MAX_IMMUTABLES = 64
/** The part whose code runs on the storage of a proxy. */
const BEHIND_PROXY = 'Upgradeable'

interface Assignment extends AstNode {
  readonly operator: number
  readonly left: AstNode
  readonly right: AstNode
}

/** Those of a contract and of its bases, the bases' first: in the order of their places. */
export function immutablesOf(contract: ContractModel): readonly StorageField[] {
  return [...chainOf(contract)].reverse().flatMap(ownImmutables)
}

function ownImmutables({ fields }: ContractModel): readonly StorageField[] {
  return fields.filter(({ place }) => place === 'immutable')
}

/** Reports an immutable field that is not set exactly once, too late, or elsewhere; and one that no proxy would have. */
export function checkImmutables(analysis: Analysis, contract: ContractModel): void {
  const all = immutablesOf(contract)
  if (all.length === 0) return
  const { file, node, name } = contract
  const own = ownImmutables(contract)
  for (const member of node.members) {
    if (member.kind !== NodeKind['MethodDeclaration'] || (member as MethodNode).body === null) continue
    const isOwn = (field: string) => isConstructor(member as MethodNode) && own.some((each) => each.name === field)
    walk(member, (at) => {
      const written = writtenField(at)
      if (written === null || isOwn(written) || !all.some((field) => field.name === written)) return
      const owner = chainOf(contract).find((each) => ownImmutables(each).some((field) => field.name === written))
      analysis.report(file, at, `${written} is @immutable: only the constructor of ${owner?.name} sets it`)
    })
  }
  for (const field of own) checkSettings(analysis, contract, field)
  const [first] = own
  if (first !== undefined && all.length > MAX_IMMUTABLES) {
    analysis.report(file, first.node, `${name} has ${all.length} @immutable fields; allowed: ${MAX_IMMUTABLES}`)
  }
  const upgradeable = chainOf(contract).some((each) => each.name === BEHIND_PROXY && isPart(each.file.path))
  if (!upgradeable || isAbstract(contract)) return
  for (const field of all) {
    const message = `${field.name} is @immutable, and ${name} runs on the storage of its proxy, where that is never set`
    const at = own.includes(field) ? field.node : node.name
    analysis.report(file, at, message, 'leave out @immutable and set the field in initialize, or write static readonly')
  }
}

function checkSettings(analysis: Analysis, contract: ContractModel, { name, node: field }: StorageField): void {
  const { file, constructorModel } = contract
  const body = constructorModel?.node.body ?? null
  const [setting] = body === null ? [] : settingsIn(body, name)
  const writes: AstNode[] = []
  if (body !== null) walk(body, (at) => writtenField(at) === name && writes.push(at))
  const example = `this.${name} = …`
  if (field.initializer !== null) {
    for (const at of writes) analysis.report(file, at, `${name} is @immutable and has its value where it is declared`)
    return
  }
  if (setting === undefined || body === null) {
    const where = constructorModel === null ? 'a constructor' : 'the constructor'
    analysis.report(file, field, `${name} is @immutable, and nothing sets it`, `write ${example} in ${where}`)
    return
  }
  for (const at of writes) {
    if (at.range.start < setting.range.end) continue
    analysis.report(file, at, `${name} is @immutable and is set above already`)
  }
  if (!topLevel(body).some((statement) => expressionOf(statement) === setting)) {
    const message = `${name} is @immutable: ${example} stands for itself at the top of the constructor`
    analysis.report(file, setting, message, 'not in a branch, a loop, a function or another expression')
    return
  }
  const returns = returnsIn(body)
  walk(body, (at) => {
    if (at.range.start >= setting.range.end) return
    if (returns.has(at)) analysis.report(file, at, `this return would leave out ${example}`)
    else if (fieldIn(at) === name && at !== setting.left) {
      analysis.report(file, at, `${name} is read before ${example} has set it`)
    }
  })
}

/** Plain assignments to a field in a constructor, in the order of the text. */
function settingsIn(body: AstNode, name: string): readonly Assignment[] {
  const found: Assignment[] = []
  walk(body, (node) => {
    if (node.kind !== NodeKind['Binary']) return
    const assignment = node as Assignment
    if (assignment.operator === Token['Equals'] && fieldIn(assignment.left) === name) found.push(assignment)
  })
  return found.sort((a, b) => a.range.start - b.range.start)
}

/** The name in `this.name`. */
function fieldIn(node: AstNode): string | null {
  if (node.kind !== NodeKind['PropertyAccess']) return null
  const { expression, property } = node as AstNode & { expression: AstNode; property: IdentifierNode }
  return expression.kind === NodeKind['This'] ? property.text : null
}

/** The field that an expression writes to: `this.a = 1`, `this.a += 1`, `this.a++`. */
function writtenField(node: AstNode): string | null {
  if (node.kind === NodeKind['Binary']) {
    const { operator, left } = node as Assignment
    return ASSIGNMENTS.has(operator) ? fieldIn(left) : null
  }
  if (node.kind !== NodeKind['UnaryPrefix'] && node.kind !== NodeKind['UnaryPostfix']) return null
  const { operator, operand } = node as AstNode & { operator: number; operand: AstNode }
  return operator === Token['Plus_Plus'] || operator === Token['Minus_Minus'] ? fieldIn(operand) : null
}

/** `=`, `+=` and the like. */
const ASSIGNMENTS: ReadonlySet<number> = new Set(
  Object.entries(Token).flatMap(([name, token]) => {
    const compares = /^(?:Equals_Equals|Exclamation|LessThan_Equals$|GreaterThan_Equals$)/.test(name)
    return /(?:^|_)Equals$/.test(name) && !compares ? [token] : []
  }),
)

function topLevel(body: AstNode): readonly AstNode[] {
  return (body as AstNode & { readonly statements?: readonly AstNode[] }).statements ?? []
}

function expressionOf(statement: AstNode): AstNode | null {
  if (statement.kind !== NodeKind['Expression']) return null
  return (statement as AstNode & { readonly expression: AstNode }).expression
}

/** The getter that stands in the place of the field, and the method that only the constructor calls. */
export function immutableAccessors({ name, typeText, slot, offset }: StorageField, target: ContractModel): string {
  const all = immutablesOf(target)
  const index = all.findIndex((field) => field.name === name)
  const sharing = all.reduce((mask, field, i) => (field.slot === slot ? mask | (1n << BigInt(i)) : mask), 0n)
  const place = `${slot}, ${offset}, ${index}`
  return [
    `get ${name}(): ${typeText} {`,
    `return __ts.loadImmutable<${typeText}>(${place}, 0x${sharing.toString(16)}, ${tagOf(target)}); }`,
    `${settingName(name)}(value: ${typeText}): void { __ts.setImmutable<${typeText}>(${place}, value); }`,
  ].join(' ')
}

function settingName(name: string): string {
  return `__immutable_${name}`
}

/** The text up to the value. */
export function immutableSetting(name: string): string {
  return `this.${settingName(name)}(`
}

/** Edits that make of `this.name = value` in a constructor the call that sets it. */
export function immutableEdits(contract: ContractModel): Edit[] {
  const body = contract.constructorModel?.node.body ?? null
  if (body === null) return []
  return ownImmutables(contract).flatMap(({ name }) =>
    settingsIn(body, name).flatMap(({ left, right, range }) => [
      { start: left.range.start, end: right.range.start, text: immutableSetting(name) },
      { start: range.end, end: range.end, text: ')' },
    ]),
  )
}

/** The end of the constructor: all words are stored. */
export function immutablesEnd(contract: ContractModel): string {
  const last = immutablesOf(contract).at(-1)
  if (last === undefined) return ''
  const others = Array.from({ length: last.slot }, (_, i) => `__ts.storeImmutables(${i + 1}, ${tagOf(contract)});`)
  return [`__ts.storeFirstImmutables(${tagOf(contract)});`, ...others].join(' ')
}

/** Four bytes, as a little-endian load gives them, that tell a contract and its immutable fields from others. */
function tagOf(contract: ContractModel): string {
  const fields = immutablesOf(contract).map(({ name, type }) => `${type.kind === 'value' ? type.solidity : ''} ${name}`)
  const text = `${contract.file.path}:${contract.name}(${fields.join(',')})`
  const view = new DataView(hashText(text).buffer)
  // A slot that is not set is zeros.
  return `0x${(view.getUint32(0, true) || 1).toString(16)}`
}
