/** From parsed sources to the model: contracts, interfaces, structs, events, errors; every rule broken is a problem. */

import { analyseContract, methodModel } from './analyseContract.ts'
import { fieldsOf, isConstructor, textOf } from './astNodes.ts'
import { CLASS_DECORATORS, checkContract, checkDecorators } from './checkContract.ts'
import type { AliasNode, AstNode, ClassNode, FieldNode, MethodNode, ParameterNode, TypeNode } from './compiler.ts'
import { parser } from './compiler.ts'
import type { AbiType, ContractModel, InterfaceModel, Member, ProgramModel, RecordKind, StructModel } from './model.ts'
import { BuildError, type Problem } from './problem.ts'
import { abiTypeOf, storageTypeOf, type TypeScope } from './solidityTypes.ts'
import type { SourceFile } from './sources.ts'
import { problemAt } from './words/reporter.ts'

const { NodeKind } = parser

const RECORD_KINDS: readonly RecordKind[] = ['struct', 'event', 'error', 'returns']

interface ClassEntry {
  readonly file: SourceFile
  readonly node: ClassNode
  readonly role: string
}

/** Finds things by name and collects problems while the model is made. */
export class Analysis implements TypeScope {
  readonly problems: Problem[] = []
  private readonly classes = new Map<string, ClassEntry>()
  private readonly aliases = new Map<string, TypeNode>()
  private readonly records = new Map<string, StructModel | 'open'>()
  private readonly contracts = new Map<string, ContractModel | 'open'>()
  private readonly files: readonly SourceFile[]

  constructor(files: readonly SourceFile[]) {
    this.files = files
    for (const file of files) for (const statement of file.statements) this.register(file, statement)
  }

  run(): ProgramModel {
    const contracts: ContractModel[] = []
    const interfaces: InterfaceModel[] = []
    const records: StructModel[] = []
    for (const [name, entry] of this.classes) {
      if (entry.role === 'contract') {
        const contract = this.contract(name)
        if (contract !== null) contracts.push(contract)
      } else if (entry.role === 'contractInterface') interfaces.push(this.interfaceOf(entry))
      else {
        const record = this.record(name)
        if (record !== null) records.push(record)
      }
    }
    if (this.problems.length > 0) throw new BuildError(this.problems)
    return { files: this.files, contracts, interfaces, records }
  }

  /** @param hint what to write instead */
  report(file: SourceFile, at: AstNode, message: string, hint?: string): void {
    this.problems.push(problemAt(file, at.range, hint === undefined ? { message } : { message, hint }))
  }

  struct(name: string): StructModel | string | null {
    if (this.records.get(name) === 'open') return `${name} contains itself`
    const record = this.record(name)
    return record !== null && record.kind === 'struct' ? record : null
  }

  alias(name: string): TypeNode | null {
    return this.aliases.get(name) ?? null
  }

  /** The ABI type of an annotation; problems are reported and give null. */
  abiType(file: SourceFile, node: TypeNode): AbiType | null {
    const type = abiTypeOf(node, this)
    if (typeof type !== 'string') return type
    this.report(file, node, type)
    return null
  }

  storageType(file: SourceFile, node: TypeNode) {
    const type = storageTypeOf(node, this)
    if (typeof type !== 'string') return type
    this.report(file, node, type)
    return null
  }

  /** The @returns class a type names, or null. */
  returnsRecord(node: TypeNode): StructModel | null {
    const name = node.name?.identifier.text
    const record = name === undefined ? null : this.record(name)
    return record !== null && record.kind === 'returns' ? record : null
  }

  contract(name: string): ContractModel | null {
    const known = this.contracts.get(name)
    if (known === 'open') return null
    if (known !== undefined) return known
    const entry = this.classes.get(name)
    if (entry === undefined || entry.role !== 'contract') return null
    this.contracts.set(name, 'open')
    const model = analyseContract(this, entry.file, entry.node)
    this.contracts.set(name, model)
    checkContract(this, model)
    return model
  }

  private register(file: SourceFile, statement: AstNode): void {
    if (statement.kind === NodeKind['TypeDeclaration']) {
      const alias = statement as AliasNode
      if (alias.typeParameters === null) this.aliases.set(alias.name.text, alias.type)
      return
    }
    if (statement.kind !== NodeKind['ClassDeclaration']) return
    const node = statement as ClassNode
    const roles = (node.decorators ?? []).map((d) => d.name.text).filter((name) => CLASS_DECORATORS.includes(name))
    const [role] = roles
    checkDecorators(this, file, node, role ?? null)
    if (role === undefined) return
    const { text: name } = node.name
    if (roles.length > 1) this.report(file, node.name, `a class is one of @${roles.join(' or @')}, not both`)
    if (node.typeParameters !== null) this.report(file, node.name, `a class marked @${role} cannot be generic`)
    if (this.classes.has(name))
      this.report(file, node.name, `there are two classes ${name} marked for the ABI; rename one`)
    this.classes.set(name, { file, node, role })
  }

  private record(name: string): StructModel | null {
    const known = this.records.get(name)
    const entry = this.classes.get(name)
    if (known === 'open') return null
    if (known !== undefined) return known
    if (entry === undefined || !RECORD_KINDS.includes(entry.role as RecordKind)) return null
    this.records.set(name, 'open')
    const record = this.analyseRecord(entry)
    this.records.set(name, record)
    return record
  }

  private analyseRecord({ file, node, role }: ClassEntry): StructModel {
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
      const indexed = typeNode.name?.identifier.text === 'Indexed'
      if (indexed && kind !== 'event') this.report(file, typeNode, 'only members of an @event can be Indexed')
      if (indexed && (type.kind === 'array' || type.kind === 'struct')) {
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

  private interfaceOf({ file, node }: ClassEntry): InterfaceModel {
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
