/** A class marked @contract: its storage, its functions, its constructor. */

import type { Analysis } from './analyse.ts'
import { fieldsOf, isConstructor, isStatic, textOf } from './astNodes.ts'
import type { Parents } from './bases.ts'
import { callableName, checkNamed } from './callableNames.ts'
import { METHOD_DECORATORS } from './checkContract.ts'
import type { ClassNode, FieldNode, MethodNode, ParameterNode } from './compiler.ts'
import { parser } from './compiler.ts'
import { checkConstructor, constructedBy } from './constructors.ts'
import { IMMUTABLE_START } from './immutables.ts'
import type {
  AbiType,
  ContractModel,
  FieldPlace,
  FunctionModel,
  LayoutCursor,
  Mutability,
  Parameter,
  Returns,
  StorageField,
  StorageType,
} from './model.ts'
import { isExported } from './names.ts'
import { isStorable, notStorable } from './solidityTypes.ts'
import type { SourceFile } from './sources.ts'
import { place } from './storageLayout.ts'

const { NodeKind, CommonFlags } = parser

const START: LayoutCursor = { slot: 0, offset: 0 }
const STARTS: ContractModel['ends'] = { storage: START, transient: START, immutable: IMMUTABLE_START }
/** The parser's numbers for kinds of parameters. */
const OPTIONAL = 1
const REST = 2

const ARTICLES = { transient: 'a @transient', immutable: 'an @immutable' } as const

/** @param base the next in the line that the contract stands in */
export function analyseContract(
  analysis: Analysis,
  file: SourceFile,
  node: ClassNode,
  parents: Parents,
  base: ContractModel | null,
): ContractModel {
  if (!isExported(node)) {
    analysis.report(file, node.name, `write 'export class ${node.name.text}': the build imports the contract`)
  }
  const getters: FunctionModel[] = []
  const fields: StorageField[] = []
  const ends: Record<FieldPlace, LayoutCursor> = { ...(base?.ends ?? STARTS) }
  for (const field of fieldsOf(node)) {
    const decorators = decoratorsOf(field)
    if (field.type === null) continue
    const type = analysis.storageType(file, field.type)
    if (type === null) continue
    if (!isStorable(type)) analysis.report(file, field.type, notStorable(type))
    const marks = (['transient', 'immutable'] as const).filter((mark) => decorators.includes(mark))
    if (marks.length > 1) analysis.report(file, field, 'a field is @transient or @immutable, not both')
    const [kept = 'storage'] = marks
    if (kept !== 'storage' && type.kind !== 'value') {
      analysis.report(file, field.type, `${ARTICLES[kept]} field has a value type (bool, integer, Address, BytesN)`)
    }
    const { slot, offset, next } = place(ends[kept], type)
    ends[kept] = next
    fields.push({
      name: field.name.text,
      node: field,
      type,
      typeText: textOf(file, field.type),
      place: kept,
      slot,
      offset,
    })
    if (decorators.includes('view')) {
      const getter = getterOf(analysis, file, field, type)
      if (getter !== null) getters.push(getter)
    }
  }
  const functions = [...getters]
  let constructorModel: ContractModel['constructorModel'] = null
  let receive: ContractModel['receive'] = base?.receive ?? null
  let fallback: ContractModel['fallback'] = base?.fallback ?? null
  for (const member of node.members) {
    if (member.kind !== NodeKind['MethodDeclaration']) continue
    const method = member as MethodNode
    const decorators = decoratorsOf(method)
    checkNamed(analysis, file, method, METHOD_DECORATORS)
    if (isConstructor(method)) {
      const payable = decorators.includes('payable')
      checkConstructor(analysis, file, node, parents, method)
      const constructs = constructedBy(analysis, file, parents, method)
      constructorModel = { node: method, payable, parameters: parametersOf(analysis, file, method), constructs }
      continue
    }
    if (!decorators.some((name) => METHOD_DECORATORS.includes(name))) continue
    checkAccess(analysis, file, method, decorators)
    const isReceive = decorators.includes('receive')
    const isFallback = decorators.includes('fallback')
    const reads = decorators.find((name) => name === 'view' || name === 'pure')
    if ((isReceive || isFallback) && reads !== undefined) {
      analysis.report(file, method.name, `@receive and @fallback cannot be @${reads}, as in Solidity`)
    }
    const model = isFallback || isReceive ? specialModel(method, decorators) : methodModel(analysis, file, method)
    if (model === null) continue
    if (isReceive) receive = receiveModel(analysis, file, method, model)
    else if (isFallback) fallback = fallbackModel(analysis, file, method, model)
    else functions.push(model)
  }
  return {
    name: node.name.text,
    file,
    node,
    base,
    parents: parents.models,
    joins: parents.joins,
    fields,
    ends,
    functions,
    constructorModel,
    receive,
    fallback,
  }
}

/** The model of a method that others may call; null when its types are wrong. */
export function methodModel(analysis: Analysis, file: SourceFile, node: MethodNode): FunctionModel | null {
  const decorators = decoratorsOf(node)
  const chosen = (['pure', 'view', 'payable'] as const).filter((name) => decorators.includes(name))
  if (chosen.length > 1) analysis.report(file, node.name, `a function is one of @${chosen.join(' or @')}, not both`)
  const mutability: Mutability = chosen[0] ?? 'nonpayable'
  if (node.typeParameters !== null) analysis.report(file, node.name, 'a function called from outside cannot be generic')
  const parameters = parametersOf(analysis, file, node)
  const returns = returnsOf(analysis, file, node)
  if (returns === null || parameters.length !== node.signature.parameters.length) return null
  const reentrant = decorators.includes('reentrant')
  const abiName = callableName(analysis, file, node)
  return { name: node.name.text, abiName, node, mutability, reentrant, parameters, returns }
}

function decoratorsOf(node: FieldNode | MethodNode): readonly string[] {
  return (node.decorators ?? []).map((decorator) => decorator.name.text)
}

/** A method that others may call is public, and has one mark that says so. */
function checkAccess(analysis: Analysis, file: SourceFile, node: MethodNode, decorators: readonly string[]): void {
  const { name, flags } = node
  if (isStatic(node)) analysis.report(file, name, 'a static method cannot be called from outside')
  for (const accessor of ['Get', 'Set']) {
    if ((flags & (CommonFlags[accessor] as number)) === 0) continue
    analysis.report(file, name, `an accessor cannot be called from outside: leave out '${accessor.toLowerCase()}'`)
  }
  if (decorators.includes('inline')) {
    analysis.report(file, name, 'a function called from outside is called, not inlined: leave out @inline')
  }
  for (const hidden of ['Private', 'Protected']) {
    if ((flags & (CommonFlags[hidden] as number)) === 0) continue
    const [marked] = decorators.filter((decorator) => METHOD_DECORATORS.includes(decorator))
    const access = hidden.toLowerCase()
    analysis.report(
      file,
      name,
      `@${marked} makes ${name.text} callable by everyone, ${access} by few: write one of them`,
    )
  }
  const reads = decorators.find((decorator) => decorator === 'view' || decorator === 'pure')
  if (reads !== undefined && decorators.includes('external')) {
    analysis.report(file, name, `a function marked @${reads} can be called from outside already; leave @external out`)
  }
  const double = decorators.find((decorator, i) => decorators.indexOf(decorator) !== i)
  if (double !== undefined) analysis.report(file, name, `@${double} is written twice`)
}

/** A caller encodes every parameter, so none can be left to the function. */
function checkParameter(analysis: Analysis, file: SourceFile, parameter: ParameterNode): void {
  const { name, initializer, parameterKind } = parameter
  const all = 'callers from outside pass every parameter, and the ABI knows no others'
  if (initializer !== null) {
    analysis.report(file, parameter, `${name.text} cannot have a default value: ${all}; write a second function`)
  } else if (parameterKind === OPTIONAL) {
    analysis.report(file, parameter, `${name.text} cannot be optional: ${all}; write a second function`)
  } else if (parameterKind === REST) {
    analysis.report(file, parameter, `...${name.text} cannot be: ${all}; take an array`)
  }
}

function parametersOf(analysis: Analysis, file: SourceFile, node: MethodNode): readonly Parameter[] {
  return node.signature.parameters.flatMap((parameter) => {
    checkParameter(analysis, file, parameter)
    const type = analysis.abiType(file, parameter.type)
    return type === null ? [] : [{ name: parameter.name.text, typeText: textOf(file, parameter.type), type }]
  })
}

function returnsOf(analysis: Analysis, file: SourceFile, node: MethodNode): Returns | null {
  const { returnType } = node.signature
  if (returnType.name?.identifier.text === 'void') return { kind: 'nothing' }
  const typeText = textOf(file, returnType)
  const record = analysis.returnsRecord(file, returnType)
  if (record !== null) return { kind: 'many', record, typeText }
  const type = analysis.abiType(file, returnType)
  return type === null ? null : { kind: 'one', type, typeText }
}

/** Solidity's getter of a public variable: mapping keys and array indexes become parameters. */
function getterOf(analysis: Analysis, file: SourceFile, field: FieldNode, type: StorageType): FunctionModel | null {
  const parameters: Parameter[] = []
  let value = type
  let typeNode = field.type
  while (value.kind === 'mapping' || value.kind === 'storageArray' || value.kind === 'fixedArray') {
    const [first, second] = typeNode?.typeArguments ?? []
    if (first === undefined) break
    if (value.kind === 'mapping') {
      parameters.push({ name: '', typeText: textOf(file, first), type: value.key })
      value = value.value
      typeNode = second ?? null
    } else {
      // As in Solidity the index is a uint256; an index beyond i32 is out of bounds anyway.
      parameters.push({ name: '', typeText: '__ts.U256', type: { kind: 'value', solidity: 'uint256', width: 32 } })
      value = value.element
      typeNode = first
    }
  }
  if (typeNode === null || value.kind === 'mapping' || value.kind === 'storageArray' || value.kind === 'fixedArray') {
    analysis.report(file, field, 'name mapping and array types directly in a field with a getter, not by an alias')
    return null
  }
  if (value.kind === 'storedStruct') {
    const message = `${value.struct.name} has a mapping or an array in storage, so it has no getter`
    analysis.report(file, field, message, 'leave out @view, and write a @view method that gives the members you want')
    return null
  }
  if (value.kind === 'struct' && value.struct.members.some((member) => member.type.kind === 'fixedArray')) {
    const message = `${value.struct.name} has an array among its members, which Solidity's getter leaves out`
    analysis.report(file, field, message, 'leave out @view, and write a @view method that gives what you want')
    return null
  }
  const typeText = textOf(file, typeNode)
  // As in Solidity, the getter of a struct returns its members one by one.
  const returns: Returns =
    value.kind === 'struct'
      ? { kind: 'many', record: value.struct, typeText }
      : { kind: 'one', type: value as AbiType, typeText }
  const { text: name } = field.name
  return { name, abiName: name, node: field, mutability: 'view', reentrant: false, parameters, returns }
}

function specialModel(node: MethodNode, decorators: readonly string[]): FunctionModel {
  const mutability: Mutability =
    decorators.includes('payable') || decorators.includes('receive') ? 'payable' : 'nonpayable'
  const reentrant = decorators.includes('reentrant')
  const { text: name } = node.name
  return { name, abiName: name, node, mutability, reentrant, parameters: [], returns: { kind: 'nothing' } }
}

function receiveModel(analysis: Analysis, file: SourceFile, node: MethodNode, model: FunctionModel): FunctionModel {
  const isPlain = node.signature.parameters.length === 0 && node.signature.returnType.name?.identifier.text === 'void'
  if (!isPlain) analysis.report(file, node.name, '@receive is a method without parameters that returns void')
  return model
}

function fallbackModel(analysis: Analysis, file: SourceFile, node: MethodNode, model: FunctionModel) {
  const [input, ...more] = node.signature.parameters
  for (const parameter of node.signature.parameters) checkParameter(analysis, file, parameter)
  const output = analysis.knownName(file, node.signature.returnType)
  const isPlain = more.length === 0 && (input === undefined || analysis.knownName(file, input.type) === 'Bytes')
  if (!isPlain || (output !== 'void' && output !== 'Bytes')) {
    analysis.report(file, node.name, '@fallback takes nothing or Bytes (the whole input) and returns void or Bytes')
  }
  return { ...model, takesInput: input !== undefined, givesOutput: output === 'Bytes' }
}
