/**
 * Several bases of one contract, written `extends Bases<ERC20, Ownable>`. They are put into one line, in which each is the
 * base of the one before it; what two of them both have must be said once more by the contract, as in Solidity, and is
 * refused where only one of them could have it.
 */

import type { Analysis } from './analyse.ts'
import { isConstructor, isStatic, textOf } from './astNodes.ts'
import type { AstNode, ClassNode, MethodNode } from './compiler.ts'
import { parser } from './compiler.ts'
import { chainOf } from './inheritance.ts'
import { joinLines } from './lines.ts'
import type { ContractModel } from './model.ts'
import { interfaceOf } from './overrides.ts'
import type { SourceFile } from './sources.ts'

const { NodeKind, CommonFlags } = parser

/** The name in the SDK after which the bases stand. */
const BASES = 'Bases'

export interface Parents {
  /** As they are written. */
  readonly models: readonly ContractModel[]
  /** Whether they are written as `Bases<...>`. */
  readonly joins: boolean
}

/** The contracts after `extends`; what is none of them is reported. */
export function parentsOf(analysis: Analysis, file: SourceFile, { extendsType, name }: ClassNode): Parents {
  if (extendsType === null) return { models: [], joins: false }
  const joins = analysis.knownName(file, extendsType) === BASES
  const nodes = joins ? (extendsType.typeArguments ?? []) : [extendsType]
  if (nodes.length === 0) {
    analysis.report(file, extendsType, `${BASES} names the contracts to inherit from: ${BASES}<ERC20, Ownable>`)
  }
  const models: ContractModel[] = []
  for (const node of nodes) {
    const model = analysis.baseContract(file, node)
    const text = textOf(file, node)
    if (model === null) analysis.report(file, node, `${text} is not a class marked @contract`)
    else if (models.includes(model)) analysis.report(file, node, `${text} is a base of ${name.text} already`)
    else models.push(model)
  }
  return { models, joins }
}

/** The nodes of the line behind a contract, the nearest first. */
export function basesInLine(analysis: Analysis, file: SourceFile, node: ClassNode, { models }: Parents) {
  const lines = models.map((model) => chainOf(model).map((one) => one.node))
  const joined = joinLines(node, lines)
  if ('line' in joined) return joined.line.slice(1)
  const [one, other] = joined.conflict.map((each) => each.name.text)
  const message = `these bases have no order: ${other} would stand both before and behind ${one}`
  analysis.report(file, node.extendsType ?? node, message, `write the more basic one first: ${BASES}<${one}, ${other}>`)
  return lines[0] ?? []
}

/** Reports what two bases, neither of which is one of the other's, both have. */
export function checkBases(analysis: Analysis, contract: ContractModel): void {
  const { file, node, parents } = contract
  if (parents.length < 2) return
  const at = node.extendsType ?? node
  const bases = chainOf(contract).slice(1)
  const bound = new Map(bases.map((base) => [base, analysis.basesOf(base.node)]))
  const own = membersOf(contract)
  bases.forEach((derived, i) => {
    for (const basic of bases.slice(i + 1)) {
      if (bound.get(derived)?.includes(basic.node) || bound.get(basic)?.includes(derived.node)) continue
      for (const [name, member] of membersOf(derived)) {
        const other = membersOf(basic).get(name)
        if (other === undefined) continue
        const both = `${basic.name} and ${derived.name} both have '${name}'`
        if (!isShared(member, other)) {
          analysis.report(file, at, `${both}: a contract has one, so they cannot be bases of the same one`)
          continue
        }
        const [theirs, more] = [interfaceIn(basic, name), interfaceIn(derived, name)]
        if (theirs !== more) {
          analysis.report(file, at, `${both}, as ${theirs} and as ${more}: they cannot be bases of the same contract`)
        } else if (!own.has(name) && !isSettled(analysis, bases.slice(0, i), name, [derived.node, basic.node])) {
          const hint = `write ${name} in ${contract.name}; super.${name}(...) there is ${derived.name}'s, and super in that the next one's`
          analysis.report(file, at, `${both}, and ${contract.name} does not say which it means`, hint)
        }
      }
      for (const kind of ['receive', 'fallback'] as const) {
        const [one, other] = [ownSpecial(derived, kind), ownSpecial(basic, kind)]
        if (one === null || other === null || ownSpecial(contract, kind) !== null) continue
        if (one.name === other.name) continue
        analysis.report(
          file,
          at,
          `${basic.name} and ${derived.name} both have a @${kind}: write one in ${contract.name}`,
        )
      }
    }
  })
}

/** Whether a base before both, of both, has it. */
function isSettled(analysis: Analysis, before: readonly ContractModel[], name: string, both: readonly ClassNode[]) {
  return before.some(
    (base) => membersOf(base).has(name) && both.every((node) => analysis.basesOf(base.node).includes(node)),
  )
}

function ownSpecial(contract: ContractModel, kind: 'receive' | 'fallback') {
  const model = contract[kind]
  return model !== null && contract.node.members.includes(model.node) ? model : null
}

/** The interface of a member that callers see, or the number of parameters of one that it does not see. */
function interfaceIn(contract: ContractModel, name: string): string {
  const model = contract.functions.find((each) => each.name === name)
  if (model !== undefined) return interfaceOf(model)
  const method = membersOf(contract).get(name) as MethodNode
  return `${name} of ${method.signature.parameters.length} parameters that callers do not see`
}

/** Whether two members of one name are methods of which one may override the other. */
function isShared(...members: readonly AstNode[]): boolean {
  return members.every((member) => {
    if (member.kind !== NodeKind['MethodDeclaration']) return false
    const { flags } = member as MethodNode
    return !isStatic(member as MethodNode) && !OWN_FLAGS.some((flag) => (flags & flag) !== 0)
  })
}

const OWN_FLAGS = ['Private', 'Get', 'Set'].map((name) => CommonFlags[name] as number)

function membersOf({ node }: ContractModel): ReadonlyMap<string, AstNode> {
  const members = node.members.filter(
    (member) => member.kind !== NodeKind['MethodDeclaration'] || !isConstructor(member as MethodNode),
  )
  return new Map(members.filter(({ name }) => name !== undefined).map((member) => [member.name.text, member]))
}
