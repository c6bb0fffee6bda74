/**
 * Constructors become methods of other names (a contract's object is made anew for every call), so what the compiler and
 * TypeScript ask of `super(...)` is asked here: a derived contract's constructor runs its base's once, first. One of several
 * bases (`Bases<...>`) has `super()` for TypeScript, which runs nothing, and `construct<Base>(...)` for each base whose
 * constructor takes something, in this contract or in one that extends it; each runs once, as in Solidity.
 */

import type { Analysis } from './analyse.ts'
import { returnsIn, textOf, walk } from './astNodes.ts'
import type { Parents } from './bases.ts'
import type { AstNode, CallNode, ClassNode, IdentifierNode, MethodNode, TypeNode } from './compiler.ts'
import { parser } from './compiler.ts'
import { type Edit, endOf } from './edits.ts'
import { constructorName } from './generateContract.ts'
import { chainOf, constructedAlone, constructorOwner, isAbstract } from './inheritance.ts'
import type { Construction, ContractModel } from './model.ts'
import type { SourceFile } from './sources.ts'

const { NodeKind } = parser

/** The name in the SDK. */
const CONSTRUCT = 'construct'

/** Reports a `super(...)` that is missing, done twice, conditional or too late. */
export function checkConstructor(
  analysis: Analysis,
  file: SourceFile,
  node: ClassNode,
  parents: Parents,
  method: MethodNode,
): void {
  if (method.body === null) return
  const calls = superCalls(method.body)
  const [call, ...more] = calls
  const [base] = parents.models
  if (base === undefined) {
    for (const each of node.extendsType === null ? calls : []) {
      analysis.report(file, each, `${node.name.text} extends no contract, so there is no super to call`)
    }
    return
  }
  const owner = parents.joins ? null : constructorOwner(base)
  const needed = `super(${parametersOf(owner)})`
  if (call === undefined) {
    const why = parents.joins ? 'then construct<Base>(...) for each base' : `the constructor of ${base.name} runs once`
    analysis.report(file, method.name, `write ${needed} first: ${why}`)
    return
  }
  for (const each of more) analysis.report(file, each, `${needed} is called above already; a constructor runs once`)
  const statement = topLevel(method.body).find((each) => expressionOf(each) === call)
  if (statement === undefined) {
    analysis.report(
      file,
      call,
      `${needed} stands for itself at the top of the constructor, in no branch, loop or function`,
    )
    return
  }
  if (owner === null && call.args.length > 0) {
    const message = parents.joins
      ? `of several bases each is constructed by its name: write super(), then construct<${base.name}>(...)`
      : `the constructor of ${base.name} takes nothing: write super()`
    analysis.report(file, call, message)
  }
  const returns = returnsIn(method.body)
  walk(method.body, (each) => {
    if (each.range.start >= call.range.end) return
    if (each.kind === NodeKind['This'] || (each.kind === NodeKind['Super'] && each !== call.expression)) {
      analysis.report(file, each, `'${textOf(file, each)}' cannot be used before ${needed} has run`)
    } else if (returns.has(each)) {
      analysis.report(file, each, `this return would leave out ${needed}`)
    }
  })
}

function parametersOf(owner: ContractModel | null): string {
  return owner?.constructorModel?.parameters.map(({ name }) => name).join(', ') ?? ''
}

/** The bases whose constructors a constructor runs. */
export function constructedBy(
  analysis: Analysis,
  file: SourceFile,
  { models, joins }: Parents,
  { body }: MethodNode,
): readonly Construction[] {
  const made: Construction[] = (body === null ? [] : constructCalls(analysis, file, body)).map((call) => {
    const base = analysis.baseContract(file, baseIn(call))
    return { call, owner: base === null ? null : constructorOwner(base) }
  })
  const [base] = models
  if (base !== undefined && !joins) made.push({ call: null, owner: constructorOwner(base) })
  return made
}

/** Reports one that is conditional, out of order, of something else, or after a return or something of `this`. */
function checkConstructs(analysis: Analysis, contract: ContractModel): void {
  const { file, constructorModel } = contract
  const body = constructorModel?.node.body ?? null
  const made = (constructorModel?.constructs ?? []).filter(({ call }) => call !== null)
  const last = made.at(-1)?.call ?? null
  if (body === null || last === null) return
  const line = chainOf(contract)
  if (!line.some(({ joins }) => joins)) {
    analysis.report(file, last, 'construct<Base>(...) is for one of several bases: here super(...) does it')
    return
  }
  const top = topLevel(body).map(expressionOf)
  let before = line.length
  for (const { call, owner } of made) {
    const at = call as CallNode
    const name = textOf(file, baseIn(at))
    const text = `construct<${name}>(...)`
    const base = analysis.baseContract(file, baseIn(at))
    const place = line.findIndex(({ node }) => node === owner?.node)
    if (base === null) analysis.report(file, at, `${name} is not a class marked @contract`)
    else if (!line.slice(1).some(({ node }) => node === base.node)) {
      analysis.report(file, at, `${name} is no base of ${contract.name}`)
    } else if (owner === null) analysis.report(file, at, `${name} has no constructor`, `leave out ${text}`)
    else if (!top.includes(at)) {
      const where = 'stands for itself at the top of the constructor, in no branch, loop or function'
      analysis.report(file, at, `${text} ${where}`)
    } else if (place > before) {
      const message = `${text} stands after the constructor of ${line[before]?.name}, which comes later in the line`
      analysis.report(file, at, message, 'construct the more basic ones first')
    } else before = place
  }
  const begun = superCalls(body).map(({ expression }) => expression)
  const returns = returnsIn(body)
  walk(body, (each) => {
    if (each.range.start >= last.range.end) return
    if (returns.has(each)) {
      analysis.report(file, each, `this return would leave out construct<${textOf(file, baseIn(last))}>(...)`)
    } else if (each.kind === NodeKind['This'] || (each.kind === NodeKind['Super'] && !begun.includes(each))) {
      analysis.report(file, each, `'${textOf(file, each)}' cannot be used before all bases are constructed`)
    }
  })
}

/** Reports a base that would be constructed twice, or, of a contract that is deployed, never. */
export function checkConstructions(analysis: Analysis, contract: ContractModel): void {
  const { file, node, constructorModel } = contract
  const chain = chainOf(contract)
  checkConstructs(analysis, contract)
  if (!chain.some(({ joins }) => joins)) return
  const at = constructorModel?.node.name ?? node.name
  for (const base of chain) {
    const by = chain.flatMap((each) =>
      (each.constructorModel?.constructs ?? []).filter(({ owner }) => owner?.node === base.node).map(() => each.name),
    )
    if (by.length < 2) continue
    const names = [...new Set(by)].join(' and in that of ')
    const hint = `a base that leaves it to others extends Bases<${base.name}> and calls super()`
    analysis.report(file, at, `${base.name} would be constructed more than once: in the constructor of ${names}`, hint)
  }
  if (isAbstract(contract)) return
  const done = new Set<ClassNode>()
  for (const base of constructedAlone(contract)) {
    for (const each of [base, ...runBy(base)]) done.add(each.node)
    const later = chain.find(
      (each) =>
        each.constructorModel !== null && analysis.basesOf(base.node).includes(each.node) && !done.has(each.node),
    )
    if (later !== undefined) {
      const message = `the constructor of ${base.name} would run before that of ${later.name}, its base`
      analysis.report(file, at, message, `write construct<${base.name}>() behind what constructs ${later.name}`)
    }
    if (base.constructorModel?.parameters.length === 0) continue
    const needed = `construct<${base.name}>(${parametersOf(base)})`
    const where = constructorModel === null ? `a constructor with super() and ${needed}` : needed
    analysis.report(file, at, `write ${where}: ${base.name} is a base of ${contract.name}, and nothing constructs it`)
  }
}

/** The bases whose constructors run within that of a contract. */
function runBy({ constructorModel }: ContractModel): readonly ContractModel[] {
  return (constructorModel?.constructs ?? []).flatMap(({ owner }) => (owner === null ? [] : [owner, ...runBy(owner)]))
}

/** The constructor as a method of another name, and what constructs bases as calls of those of theirs. */
export function constructorEdits(contract: ContractModel, method: MethodNode): Edit[] {
  const { body, name } = method
  const { parents, joins, constructorModel, file } = contract
  if (body === null) return []
  const edits: Edit[] = [
    { start: name.range.start, end: name.range.end, text: constructorName(contract) },
    { start: body.range.start, end: body.range.start, text: ': void ' },
  ]
  const [parent] = parents
  const owner = parent === undefined || joins ? null : constructorOwner(parent)
  for (const call of superCalls(body)) {
    const { range } = call.expression
    if (owner === null) edits.push({ start: call.range.start, end: call.range.end, text: '' })
    else edits.push({ start: range.start, end: range.end, text: `this.${constructorName(owner)}` })
  }
  for (const { call, owner: base } of constructorModel?.constructs ?? []) {
    if (call === null || base === null) continue
    const end = endOf('(', file.text, endOf('>', file.text, baseIn(call).range.end)) - 1
    edits.push({ start: call.range.start, end, text: `this.${constructorName(base)}` })
  }
  return edits
}

function superCalls(body: AstNode): readonly CallNode[] {
  const calls: CallNode[] = []
  walk(body, (node) => {
    if (node.kind !== NodeKind['Call']) return
    const call = node as CallNode
    if (call.expression.kind === NodeKind['Super']) calls.push(call)
  })
  return calls
}

/** Calls of the SDK's `construct`, which stands for nothing that could be compiled. */
function constructCalls(analysis: Analysis, file: SourceFile, body: AstNode): readonly CallNode[] {
  const calls: CallNode[] = []
  walk(body, (node) => {
    if (node.kind !== NodeKind['Call']) return
    const call = node as CallNode
    if (call.expression.kind !== NodeKind['Identifier'] || call.typeArguments?.length !== 1) return
    const identifier = call.expression as IdentifierNode
    if (identifier.text !== CONSTRUCT || !analysis.names.isOfSdk(analysis.names.scope(file), CONSTRUCT)) return
    calls.push(call)
  })
  return calls
}

function baseIn(call: CallNode): TypeNode {
  return call.typeArguments?.[0] as TypeNode
}

function topLevel(body: AstNode): readonly AstNode[] {
  return (body as AstNode & { readonly statements?: readonly AstNode[] }).statements ?? []
}

function expressionOf(statement: AstNode): AstNode | null {
  if (statement.kind !== NodeKind['Expression']) return null
  return (statement as AstNode & { readonly expression: AstNode }).expression
}
