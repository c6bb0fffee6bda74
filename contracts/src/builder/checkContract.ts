/** Slips that would compile and do something else than their author meant. */

import type { Analysis } from './analyse.ts'
import { isStatic } from './astNodes.ts'
import { NAMED } from './callableNames.ts'
import { closest } from './closest.ts'
import type { ClassNode, DecoratorNode, FieldNode, MethodNode } from './compiler.ts'
import { parser } from './compiler.ts'
import { allFunctions } from './inheritance.ts'
import type { ContractModel } from './model.ts'
import { CONSTRUCTOR_SIGNATURE, selectorAsLoaded } from './selectors.ts'
import { signatureOf } from './solidityTypes.ts'
import type { SourceFile } from './sources.ts'

const { NodeKind, CommonFlags } = parser

export const CLASS_DECORATORS = ['contract', 'contractInterface', 'struct', 'event', 'error', 'returns']
export const METHOD_DECORATORS = ['external', 'view', 'pure', 'payable', 'reentrant', 'receive', 'fallback']
const FIELD_DECORATORS = ['view', 'transient', 'immutable']
/** AssemblyScript's own, which the compiler judges. */
const COMPILER_DECORATORS = ['inline', 'unsafe', 'operator', 'final', 'unmanaged', 'lazy', 'global', 'builtin']

/** A misspelt decorator would be ignored by the compiler, and a function silently not be callable. */
export function checkDecorators(analysis: Analysis, file: SourceFile, node: ClassNode, role: string | null): void {
  checkNames(analysis, file, node.decorators, CLASS_DECORATORS, 'class')
  if (role === null) return
  const methods = role === 'contract' || role === 'contractInterface' ? [...METHOD_DECORATORS, NAMED] : []
  const fields = role === 'contract' ? FIELD_DECORATORS : []
  for (const { kind, decorators } of node.members as readonly (FieldNode | MethodNode)[]) {
    if (kind === NodeKind['FieldDeclaration']) checkNames(analysis, file, decorators, fields, `field of a @${role}`)
    else checkNames(analysis, file, decorators, methods, `method of a @${role}`)
  }
}

export function checkContract(analysis: Analysis, contract: ContractModel): void {
  const { file, node, fields, base } = contract
  for (const member of node.members) {
    if (member.kind !== NodeKind['FieldDeclaration'] || !isStatic(member)) continue
    if ((member.flags & (CommonFlags['Readonly'] as number)) !== 0) continue
    const instead = `write 'static readonly' for a constant, or a field without static for storage`
    analysis.report(file, member.name, `a static field is forgotten when the call ends: ${instead}`)
  }
  for (const field of fields) {
    if (field.node.parameterIndex >= 0) {
      analysis.report(file, field.node, 'declare storage as a field of the class and set it in the constructor')
    }
    for (let c = base; c !== null; c = c.base) {
      if (c.fields.some((other) => other.name === field.name)) {
        analysis.report(file, field.node, `${field.name} is a field of ${c.name} already`)
      }
    }
  }
  const owners = new Map([
    [selectorAsLoaded(CONSTRUCTOR_SIGNATURE), { signature: CONSTRUCTOR_SIGNATURE, name: 'the constructor' }],
  ])
  for (const model of allFunctions(contract).values()) {
    const types = model.parameters.map((parameter) => parameter.type)
    const signature = signatureOf(model.abiName, types)
    const selector = selectorAsLoaded(signature)
    const owner = owners.get(selector)
    if (owner !== undefined) {
      const at = contract.functions.includes(model) ? model.node.name : node.name
      const message =
        signature === owner.signature
          ? `${owner.name} and ${model.name} are both ${signature} to callers; functions of one name differ in parameters`
          : `${signature} and ${owner.signature} have one selector; rename one of them`
      analysis.report(file, at, message)
    }
    owners.set(selector, { signature, name: model.name })
  }
}

function checkNames(
  analysis: Analysis,
  file: SourceFile,
  decorators: readonly DecoratorNode[] | null,
  known: readonly string[],
  what: string,
): void {
  for (const decorator of decorators ?? []) {
    const name = decorator.name.text
    if (known.includes(name) || COMPILER_DECORATORS.includes(name)) continue
    const names = known.length === 0 ? 'none' : known.map((n) => `@${n}`).join(', ')
    const meant = closest(name, known)
    const hint = meant === null ? undefined : `did you mean @${meant}?`
    analysis.report(file, decorator, `@${name} means nothing on a ${what}; there are ${names}`, hint)
  }
}
