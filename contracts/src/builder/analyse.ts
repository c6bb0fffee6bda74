/** From parsed sources to the model: contracts, interfaces, structs, events, errors; every rule broken is a problem. */

import { analyseContract, methodModel } from './analyseContract.ts'
import { fieldsOf, isConstructor, textOf, walk } from './astNodes.ts'
import { basesInLine, checkBases, type Parents, parentsOf } from './bases.ts'
import { CLASS_DECORATORS, checkContract, checkDecorators } from './checkContract.ts'
import type { AstNode, ClassNode, FieldNode, IdentifierNode, MethodNode, ParameterNode, TypeNode } from './compiler.ts'
import { parser } from './compiler.ts'
import { checkConstructions } from './constructors.ts'
import { checkImmutables } from './immutables.ts'
import { chainOf } from './inheritance.ts'
import { isReservedName } from './knownTypes.ts'
import type {
  AbiType,
  ContractModel,
  InterfaceModel,
  Member,
  ProgramModel,
  RecordKind,
  StoredStructModel,
  StructModel,
} from './model.ts'
import { declaredBy, type Meaning, Names, type Scope, statementsOf } from './names.ts'
import { checkOverrides } from './overrides.ts'
import { BuildError, type Problem, positionAt } from './problem.ts'
import { abiTypeOf, isNumber, LENGTHS, lengthOf, storageTypeOf, type TypeNames } from './solidityTypes.ts'
import { isPart, type SourceFile } from './sources.ts'
import { checkStoredStructs, storedStructOf } from './storedStructs.ts'
import { checkThrows } from './throws.ts'
import { problemAt } from './words/reporter.ts'
import { RESERVED } from './words/reservedNames.ts'

const { NodeKind } = parser

const RECORD_KINDS: readonly RecordKind[] = ['struct', 'event', 'error', 'returns']
/** Of these each file may have its own of a name, as two parts have a Transfer; the ABI has those that a contract makes. */
const SHARING: readonly string[] = ['event', 'error']

export interface ClassEntry {
  readonly file: SourceFile
  readonly node: ClassNode
  readonly role: string
}

/** Finds what names stand for and collects problems while the model is made. */
export class Analysis implements TypeNames {
  readonly problems: Problem[] = []
  readonly names: Names
  readonly #classes = new Map<ClassNode, ClassEntry>()
  readonly #records = new Map<ClassNode, StructModel | StoredStructModel | 'open'>()
  readonly #contracts = new Map<ClassNode, ContractModel | 'open'>()
  readonly #parents = new Map<ClassNode, Parents>()
  /** By the names of a line: a contract among several bases has another base than alone, and other slots. */
  readonly #lines = new Map<string, ContractModel>()
  readonly #files: readonly SourceFile[]

  constructor(files: readonly SourceFile[]) {
    this.#files = files
    this.names = new Names(files)
    for (const file of files) {
      const scope = this.names.scope(file)
      for (const [inner, statement] of statementsOf(scope, file.statements)) this.#register(inner, statement)
    }
  }

  run(): ProgramModel {
    const contracts: ContractModel[] = []
    const interfaces: InterfaceModel[] = []
    const records: StructModel[] = []
    const storedStructs: StoredStructModel[] = []
    for (const [node, entry] of this.#classes) {
      if (entry.role === 'contract') {
        const contract = this.#contract(node)
        if (contract !== null) contracts.push(contract)
      } else if (entry.role === 'contractInterface') interfaces.push(this.#interfaceOf(entry))
      else {
        const record = this.#record(node)
        if (record?.kind === 'stored') storedStructs.push(record)
        else if (record !== null) records.push(record)
      }
    }
    for (const file of this.#files) {
      checkThrows(this, file)
      this.#checkLengths(file)
      if (!isPart(file.path)) this.#checkMembers(file)
    }
    checkStoredStructs(this, this.#files, storedStructs)
    if (this.problems.length > 0) throw new BuildError(this.problems)
    return { files: this.#files, contracts, interfaces, records, storedStructs }
  }

  /** @param hint what to write instead */
  report(file: SourceFile, at: AstNode, message: string, hint?: string): void {
    const problem = problemAt(file, at.range, hint === undefined ? { message } : { message, hint })
    // A contract is looked at once for each line that it stands in.
    const isKnown = this.problems.some(
      (known) =>
        known.file === problem.file &&
        known.line === problem.line &&
        known.column === problem.column &&
        known.message === message,
    )
    if (!isKnown) this.problems.push(problem)
  }

  meaning(scope: Scope, { name }: TypeNode): Meaning {
    return name === undefined ? { kind: 'other' } : this.names.meaning(scope, name)
  }

  struct(node: ClassNode): StructModel | StoredStructModel | string | null {
    if (this.#records.get(node) === 'open') return `${node.name.text} contains itself`
    const record = this.#record(node)
    return record !== null && (record.kind === 'struct' || record.kind === 'stored') ? record : null
  }

  /** The name of the SDK's or the language's type that an annotation stands for, through aliases; null for others. */
  knownName(file: SourceFile, node: TypeNode): string | null {
    const open: TypeNode[] = []
    let meaning = this.meaning(this.names.scope(file), node)
    while (meaning.kind === 'alias' && !open.includes(meaning.node.type)) {
      open.push(meaning.node.type)
      meaning = this.meaning(meaning.scope, meaning.node.type)
    }
    return meaning.kind === 'known' ? meaning.name : null
  }

  /** The ABI type of an annotation; problems are reported and give null. */
  abiType(file: SourceFile, node: TypeNode): AbiType | null {
    const type = abiTypeOf(node, this.names.scope(file), this)
    if (typeof type !== 'string') return type
    this.report(file, node, type)
    return null
  }

  storageType(file: SourceFile, node: TypeNode) {
    const type = storageTypeOf(node, this.names.scope(file), this)
    if (typeof type !== 'string') return type
    this.report(file, node, type)
    return null
  }

  /** The @returns class a type names, or null. */
  returnsRecord(file: SourceFile, node: TypeNode): StructModel | null {
    const meaning = this.meaning(this.names.scope(file), node)
    const record = meaning.kind === 'class' ? this.#record(meaning.node) : null
    return record !== null && record.kind === 'returns' ? record : null
  }

  /** The contract that the name after `extends` stands for, or null. */
  baseContract(file: SourceFile, node: TypeNode): ContractModel | null {
    const meaning = this.meaning(this.names.scope(file), node)
    return meaning.kind === 'class' ? this.#contract(meaning.node) : null
  }

  #contract(node: ClassNode): ContractModel | null {
    const known = this.#contracts.get(node)
    if (known === 'open') return null
    if (known !== undefined) return known
    const entry = this.#classes.get(node)
    if (entry === undefined || entry.role !== 'contract') return null
    this.#contracts.set(node, 'open')
    const parents = parentsOf(this, entry.file, node)
    this.#parents.set(node, parents)
    const model = this.#inLine([node, ...basesInLine(this, entry.file, node, parents)])
    this.#contracts.set(node, model)
    checkContract(this, model)
    checkOverrides(this, model)
    checkBases(this, model)
    checkConstructions(this, model)
    checkImmutables(this, model)
    return model
  }

  /** The first contract of a line, with the rest of it for its bases. */
  #inLine([node, ...rest]: readonly ClassNode[]): ContractModel {
    const key = [node, ...rest].map((each) => each?.name.text).join(' ')
    const known = this.#lines.get(key)
    if (known !== undefined) return known
    const entry = this.#classes.get(node as ClassNode) as ClassEntry
    const { models, joins } = this.#parents.get(entry.node) as Parents
    const base = rest.length === 0 ? null : this.#inLine(rest)
    const model = analyseContract(this, entry.file, entry.node, { models, joins }, base)
    this.#lines.set(key, model)
    return model
  }

  /** All bases of a contract that is analysed. */
  basesOf(node: ClassNode): readonly ClassNode[] {
    const model = this.#contracts.get(node)
    return model === undefined || model === 'open' ? [] : chainOf(model).map((each) => each.node)
  }

  #register(scope: Scope, statement: AstNode): void {
    const { file } = scope
    for (const { name } of declaredBy(statement)) {
      if (isReservedName(name.text) && !this.names.isOfSdk(scope, name.text)) {
        this.report(file, name, `${name.text} is a type of the language or the SDK; choose another name`)
      }
    }
    const [declared] = declaredBy(statement)
    if (declared?.kind !== NodeKind['ClassDeclaration']) return
    const node = declared as ClassNode
    const roles = (node.decorators ?? []).map((d) => d.name.text).filter((name) => CLASS_DECORATORS.includes(name))
    const [role] = roles
    checkDecorators(this, file, node, role ?? null)
    if (role === undefined) return
    const { text: name } = node.name
    if (roles.length > 1) this.report(file, node.name, `a class is one of @${roles.join(' or @')}, not both`)
    if (node.typeParameters !== null) this.report(file, node.name, `a class marked @${role} cannot be generic`)
    if (scope.parent !== null || statement !== node) {
      const where = statement === node ? 'not in a namespace' : 'and not as a default export'
      this.report(file, node.name, `a class marked @${role} stands in a file by its name, ${where}`)
    }
    const others = [...this.#classes.values()].filter((entry) => entry.node.name.text === name)
    const other = others.find((entry) => entry.role !== role || entry.file === file || !SHARING.includes(role))
    if (other !== undefined) {
      const place = `${other.file.path}:${positionAt(other.file.text, other.node.name.range.start).line}`
      this.report(file, node.name, `there is a class ${name} marked @${other.role} already (${place}); rename one`)
    }
    this.#classes.set(node, { file, node, role })
  }

  /** Of arrays that are in memory only, which no field or parameter names. */
  #checkLengths(file: SourceFile): void {
    for (const statement of file.statements) {
      walk(statement, (node) => {
        if (node.kind !== NodeKind['NamedType'] || !isNumber(node as TypeNode)) return
        const { line } = positionAt(file.text, node.range.start)
        const isTold = this.problems.some((known) => known.file === file.path && known.line === line)
        if (!isTold && lengthOf(node as TypeNode) === null) this.report(file, node, LENGTHS)
      })
    }
  }

  /** Members that the build or the SDK adds check nothing: `array.__put(9, value)` writes wherever that is. */
  #checkMembers(file: SourceFile): void {
    for (const statement of file.statements) {
      walk(statement, (node) => {
        if (node.kind !== NodeKind['PropertyAccess']) return
        const { property } = node as AstNode & { readonly property: IdentifierNode }
        if (!property.text.startsWith(RESERVED)) return
        this.report(
          file,
          property,
          `${property.text} is not for contracts: members whose names begin with ${RESERVED} are the build's`,
        )
      })
    }
  }

  #record(node: ClassNode): StructModel | StoredStructModel | null {
    const known = this.#records.get(node)
    const entry = this.#classes.get(node)
    if (known === 'open') return null
    if (known !== undefined) return known
    if (entry === undefined || !RECORD_KINDS.includes(entry.role as RecordKind)) return null
    this.#records.set(node, 'open')
    const record = storedStructOf(this, entry) ?? this.#analyseRecord(entry)
    this.#records.set(node, record)
    return record
  }

  #analyseRecord({ file, node, role }: ClassEntry): StructModel {
    const kind = role as RecordKind
    if (node.extendsType !== null) this.report(file, node.extendsType, `a class marked @${kind} cannot extend another`)
    const written = node.members.find((m) => m.kind === NodeKind['MethodDeclaration'] && isConstructor(m as MethodNode))
    const members: Member[] = []
    // With a constructor, its parameter properties are the members; AssemblyScript lists them among the fields.
    const nodes: readonly (FieldNode | ParameterNode)[] =
      written !== undefined ? (written as MethodNode).signature.parameters : fieldsOf(node)
    for (const member of nodes) {
      const typeNode = member.type
      if (typeNode === null) continue
      const field = written === undefined ? null : ((member as ParameterNode).implicitFieldDeclaration ?? null)
      if (written !== undefined && field === null) {
        this.report(
          file,
          member,
          `write 'public ${member.name.text}' so that the parameter is a field, or leave the constructor out`,
        )
      }
      const type = this.abiType(file, typeNode)
      if (type === null) continue
      const indexed = this.knownName(file, typeNode) === 'Indexed'
      if (indexed && kind !== 'event') this.report(file, typeNode, 'only members of an @event can be Indexed')
      if (indexed && (type.kind === 'array' || type.kind === 'fixedArray' || type.kind === 'struct')) {
        this.report(file, typeNode, 'arrays and structs cannot be Indexed here; index their hash as a Bytes32')
      }
      members.push({ name: member.name.text, typeText: textOf(file, typeNode), type, indexed })
    }
    if (written !== undefined && fieldsOf(node).length !== members.length) {
      this.report(file, node.name, 'with a constructor, all fields must be its parameter properties')
    }
    if (members.filter((m) => m.indexed).length > 3)
      this.report(file, node.name, 'an event has at most 3 Indexed members')
    if (nodes.length === 0 && (kind === 'struct' || kind === 'returns')) {
      this.report(file, node.name, `a class marked @${kind} needs members`)
    }
    return { kind, name: node.name.text, file, node, members, hasConstructor: written !== undefined }
  }

  #interfaceOf({ file, node }: ClassEntry): InterfaceModel {
    const functions = node.members.flatMap((member) => {
      if (member.kind !== NodeKind['MethodDeclaration']) {
        this.report(file, member, 'an interface has methods only')
        return []
      }
      const method = member as MethodNode
      if (method.body !== null) this.report(file, method.name, 'a method of an interface has no body')
      const model = methodModel(this, file, method)
      return model === null ? [] : [model]
    })
    return { name: node.name.text, file, node, functions, extendsOther: node.extendsType !== null }
  }
}

/** @throws BuildError with everything that is wrong. */
export function analyse(files: readonly SourceFile[]): ProgramModel {
  return new Analysis(files).run()
}
