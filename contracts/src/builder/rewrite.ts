/**
 * The author's files as the compiler gets them for one contract: decorators taken out, storage fields turned into accessors,
 * and what the decorators stand for added at the end of their classes. Each class in the contract's line extends the next;
 * of contracts outside of it only the static members stay, as no object of one is ever made. No line moves.
 */

import { isConstructor, isStatic } from './astNodes.ts'
import { NAMED } from './callableNames.ts'
import { METHOD_DECORATORS } from './checkContract.ts'
import type { ClassNode, DecoratorNode, MethodNode } from './compiler.ts'
import { parser } from './compiler.ts'
import { constructorEdits } from './constructors.ts'
import { applyEdits, type Edit, endOf } from './edits.ts'
import {
  contractMembers,
  entryMembers,
  fieldAccessors,
  initializerEnd,
  initializerStart,
  remoteBody,
  remoteMembers,
} from './generateContract.ts'
import { recordMembers, storedClassOf } from './generateRecord.ts'
import { immutableEdits } from './immutables.ts'
import { chainOf } from './inheritance.ts'
import type { ContractModel, Declared, InterfaceModel, ProgramModel } from './model.ts'
import { Names } from './names.ts'
import { isPart, SDK_IMPORT, type SourceFile } from './sources.ts'
import { storedStructEdits } from './storedStructs.ts'
import { throwEdits } from './throws.ts'

const { NodeKind } = parser

/** The rewritten text of each file, by path. */
export function rewrite(program: ProgramModel, target: ContractModel): ReadonlyMap<string, string> {
  const line = chainOf(target)
  const names = new Names(program.files)
  const texts = new Map<string, string>()
  for (const file of program.files) {
    const edits: Edit[] = [{ start: 0, end: 0, text: `import * as __ts from '${SDK_IMPORT}/runtime'; ` }]
    for (const record of program.records) {
      if (record.file !== file) continue
      edits.push(...withoutDecorators(record.node.decorators), atEnd(record, recordMembers(record)))
      edits.push(insert(record.node.range.end, storedClassOf(record)))
    }
    for (const struct of program.storedStructs) if (struct.file === file) edits.push(...storedStructEdits(struct))
    const strangers: Edit[] = []
    for (const own of program.contracts) {
      if (own.file !== file) continue
      const inLine = line.find(({ node }) => node === own.node)
      if (inLine === undefined) strangers.push(...strangerEdits(own))
      else edits.push(...contractEdits(inLine, target))
    }
    for (const model of program.interfaces) if (model.file === file) edits.push(...interfaceEdits(model))
    const isGone = ({ start, end }: Edit) => strangers.some((gone) => gone.start <= start && end <= gone.end)
    edits.push(...strangers, ...throwEdits(file, names).filter((edit) => !isGone(edit)))
    texts.set(file.path, applyEdits(file.text, edits))
  }
  return texts
}

function contractEdits(contract: ContractModel, target: ContractModel): Edit[] {
  const { node } = contract
  const isTarget = contract === target
  const edits = [...withoutDecorators(node.decorators), ...extendsEdits(contract), ...immutableEdits(contract)]
  for (const field of contract.fields) {
    const { range, initializer } = field.node
    const accessors = fieldAccessors(field, target)
    if (initializer === null) {
      edits.push({ start: range.start, end: range.end, text: accessors })
      continue
    }
    // The initialiser stays where it is, with its lines and comments, in a method made around it.
    edits.push({ start: range.start, end: initializer.range.start, text: `${accessors} ${initializerStart(field)}` })
    edits.push({ start: initializer.range.end, end: range.end, text: initializerEnd(field) })
  }
  for (const member of node.members) {
    if (member.kind !== NodeKind['MethodDeclaration']) continue
    const method = member as MethodNode
    edits.push(
      ...withoutDecorators(
        (method.decorators ?? []).filter((d) => [...METHOD_DECORATORS, NAMED].includes(d.name.text)),
      ),
    )
    if (isConstructor(method)) edits.push(...constructorEdits(contract, method))
  }
  edits.push(atEnd(contract, contractMembers(contract) + (isTarget ? entryMembers(contract) : '')))
  return edits
}

/** The next in the line after `extends`, where the author wrote others. */
function extendsEdits({ base, parents, joins, file, node }: ContractModel): Edit[] {
  const { extendsType } = node
  if (base === null || (!joins && parents[0]?.node === base.node)) return []
  const isThere = base.file === file
  const name = isThere ? base.name : `__base_${base.name}`
  const text = isThere ? '' : `import { ${base.name} as ${name} } from '${importPath(file, base.file)}'; `
  const { start, end } = extendsType?.range ?? { start: node.name.range.end, end: node.name.range.end }
  return [insert(0, text), { start, end, text: extendsType === null ? ` extends ${name} ` : name }]
}

/** How one file imports another: the author's files are below no folder that a part could name, so from above all. */
function importPath(from: SourceFile, to: SourceFile): string {
  const path = to.path.replace(/\.ts$/, '')
  if (isPart(path)) return path.replace(/^~lib\//, '')
  return `./${'../'.repeat(from.path.split('/').length - 1)}${path}`
}

function strangerEdits({ node, file }: ContractModel): Edit[] {
  const { name, extendsType, implementsTypes, members, decorators } = node
  const edits = withoutDecorators(decorators)
  const last = implementsTypes?.at(-1) ?? extendsType
  if (last !== null) edits.push({ start: name.range.end, end: last.range.end, text: '' })
  // A member's range does not have all of its modifiers, so what stands behind the member before goes with it.
  let start = endOf('{', file.text, last?.range.end ?? name.range.end)
  for (const member of members) {
    const end = endOf(';', file.text, member.range.end)
    if (!isStatic(member)) edits.push({ start, end, text: '' })
    start = end
  }
  return edits
}

function interfaceEdits(model: InterfaceModel): Edit[] {
  const { node } = model
  const edits = [...withoutDecorators(node.decorators), ...withoutAbstract(model.file, node)]
  if (!model.extendsOther) edits.push(insert(node.name.range.end, ' extends __ts.RemoteContract'))
  for (const member of model.functions) {
    const method = member.node as MethodNode
    edits.push(...withoutDecorators(method.decorators), ...withoutAbstract(model.file, method))
    edits.push(insert(method.range.end, remoteBody(member)))
  }
  edits.push(atEnd(model, remoteMembers(model.name)))
  return edits
}

function withoutDecorators(decorators: readonly DecoratorNode[] | null): Edit[] {
  return (decorators ?? []).map(({ range }) => ({ start: range.start, end: range.end, text: '' }))
}

/**
 * TypeScript knows methods without a body in abstract classes only, so that an author may write them so for the editor. The
 * class that is made of it has bodies, and objects.
 */
function withoutAbstract({ text }: SourceFile, { decorators, name, range }: ClassNode | MethodNode): Edit[] {
  const start = Math.max(range.start, ...(decorators ?? []).map((decorator) => decorator.range.end))
  const at = /\babstract\b/.exec(text.slice(start, name.range.start))?.index
  return at === undefined ? [] : [{ start: start + at, end: start + at + 'abstract'.length, text: '' }]
}

function atEnd(declared: Declared, text: string): Edit {
  return insert(declared.node.range.end - 1, text)
}

function insert(at: number, text: string): Edit {
  return { start: at, end: at, text }
}
