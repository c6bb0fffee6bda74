/** The ways in which a derived contract may override its base's functions: Solidity's rules ("Function Overriding"). */

import type { Analysis } from './analyse.ts'
import { isConstructor, isStatic } from './astNodes.ts'
import type { MethodNode } from './compiler.ts'
import { parser } from './compiler.ts'
import { chainOf } from './inheritance.ts'
import type { ContractModel, FunctionModel, Mutability } from './model.ts'
import { canonicalName, signatureOf } from './solidityTypes.ts'

/** An override may keep or tighten the promise to callers: a view promises more than a function that may write. */
const ALLOWED: Readonly<Record<Mutability, readonly Mutability[]>> = {
  nonpayable: ['nonpayable', 'view', 'pure'],
  view: ['view', 'pure'],
  pure: ['pure'],
  payable: ['payable'],
}

export function checkOverrides(analysis: Analysis, contract: ContractModel): void {
  const { base, fallback } = contract
  if (base === null) return
  checkPrivate(analysis, contract)
  const inherited = chainOf(base).flatMap(({ functions }) => functions)
  for (const model of contract.functions) {
    // Of several bases each may have told callers something else.
    for (const overridden of inherited) {
      if (overridden.name === model.name) checkOverride(analysis, contract, model, overridden)
    }
  }
  if (fallback !== null && base.fallback !== null && fallback !== base.fallback) {
    checkMutability(analysis, contract, fallback, base.fallback)
  }
}

/** To the compiler a method of the same name overrides, so the base's own code would run what it cannot know of. */
function checkPrivate(analysis: Analysis, contract: ContractModel): void {
  const bases = chainOf(contract).slice(1)
  for (const own of methodsOf(contract)) {
    const name = own.name.text
    for (const base of bases) {
      const theirs = methodsOf(base).find((method) => method.name.text === name)
      if (theirs === undefined || !(isPrivate(own) || isPrivate(theirs))) continue
      const message = isPrivate(theirs)
        ? `${base.name} has a private method ${name}, which ${contract.name} would override: choose another name`
        : `${name} overrides that of ${base.name}, so it cannot be private`
      analysis.report(contract.file, own.name, message)
    }
  }
}

function methodsOf({ node }: ContractModel): readonly MethodNode[] {
  return node.members.filter(
    (member): member is MethodNode =>
      member.kind === parser.NodeKind['MethodDeclaration'] && !isStatic(member) && !isConstructor(member as MethodNode),
  )
}

function isPrivate({ flags }: MethodNode): boolean {
  return (flags & (parser.CommonFlags['Private'] as number)) !== 0
}

function checkOverride(
  analysis: Analysis,
  contract: ContractModel,
  model: FunctionModel,
  overridden: FunctionModel,
): void {
  checkMutability(analysis, contract, model, overridden)
  const [own, theirs] = [interfaceOf(model), interfaceOf(overridden)]
  if (own !== theirs) {
    analysis.report(contract.file, model.node.name, `an override is ${theirs} as in its base, not ${own}`)
  }
}

function checkMutability(
  analysis: Analysis,
  contract: ContractModel,
  model: FunctionModel,
  overridden: FunctionModel,
): void {
  const allowed = ALLOWED[overridden.mutability]
  if (allowed.includes(model.mutability)) return
  const message = `an override of a ${overridden.mutability} function is ${allowed.join(' or ')}, not ${model.mutability}`
  analysis.report(contract.file, model.node.name, message)
}

/** Parameters and results, as the ABI has them. */
export function interfaceOf({ abiName, parameters, returns }: FunctionModel): string {
  const signature = signatureOf(
    abiName,
    parameters.map(({ type }) => type),
  )
  if (returns.kind === 'nothing') return `${signature}: void`
  const types = returns.kind === 'one' ? [returns.type] : returns.record.members.map(({ type }) => type)
  return `${signature}: ${types.map(canonicalName).join(', ')}`
}
