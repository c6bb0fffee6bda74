/**
 * Methods that nobody can call: `public add()` without a mark looks callable from outside to who knows Solidity, and is not.
 */

import { isConstructor, isStatic, walk } from './astNodes.ts'
import { METHOD_DECORATORS } from './checkContract.ts'
import type { AstNode, IdentifierNode, MethodNode } from './compiler.ts'
import { parser } from './compiler.ts'
import { allFunctions, chainOf } from './inheritance.ts'
import type { ContractModel, ProgramModel } from './model.ts'
import type { Problem } from './problem.ts'
import { problemAt } from './words/reporter.ts'

const { NodeKind, CommonFlags } = parser

/** A method with one of these is no function to the outside, or says itself that it is not for callers. */
const OTHER_FLAGS = ['Private', 'Protected', 'Get', 'Set', 'Abstract'].map((name) => CommonFlags[name] as number)

/**
 * The mistakes in methods of contracts that have no mark and that nothing in the program names. Only names are looked at:
 * one that some other method has too is taken as called.
 */
export function uncalledMethods(program: ProgramModel): readonly Problem[] {
  const used = usedNames(program)
  return program.contracts.flatMap((contract) => {
    const callable = specialNames(contract)
    return contract.node.members.flatMap((member) => {
      if (member.kind !== NodeKind['MethodDeclaration']) return []
      const method = member as MethodNode
      const { text: name } = method.name
      if (used.has(name) || callable.has(name) || !looksCallable(method)) return []
      const message = `nobody can call ${name}: it is not marked @external, and nothing in these contracts calls it`
      const hint = `write @external (or @view, @pure, @payable) before ${name} to let callers in, or private to keep it`
      return [problemAt(contract.file, method.name.range, { message, hint })]
    })
  })
}

function looksCallable(method: MethodNode): boolean {
  if (isConstructor(method) || isStatic(method) || method.typeParameters !== null) return false
  if (OTHER_FLAGS.some((flag) => (method.flags & flag) !== 0)) return false
  // Operators are called by their sign.
  return !(method.decorators ?? []).some(
    ({ name }) => METHOD_DECORATORS.includes(name.text) || name.text === 'operator',
  )
}

/** Names under which a contract's dispatcher calls, which an override need not be marked for. */
function specialNames(contract: ContractModel): ReadonlySet<string> {
  const names = new Set(allFunctions(contract).keys())
  for (const { receive, fallback } of chainOf(contract)) {
    for (const model of [receive, fallback]) if (model !== null) names.add(model.name)
  }
  return names
}

/** Everything that stands after a dot. */
function usedNames({ files }: ProgramModel): ReadonlySet<string> {
  const names = new Set<string>()
  for (const statement of files.flatMap((file) => file.statements)) {
    walk(statement, (node) => {
      if (node.kind !== NodeKind['PropertyAccess']) return
      names.add((node as AstNode & { property: IdentifierNode }).property.text)
    })
  }
  return names
}
