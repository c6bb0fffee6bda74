/** Members the build adds to classes marked @contract and @contractInterface, and the entry file of a contract. */

import { hasPlaces, headsOf, PLACE_OF, putsOf, tailsOf, takesOf } from './generateRecord.ts'
import { immutableAccessors, immutableSetting, immutablesEnd } from './immutables.ts'
import { allFunctions, chainOf, constructedAlone, constructorOwner } from './inheritance.ts'
import type { ContractModel, FunctionModel, Parameter, StorageField, StorageType } from './model.ts'
import { CONSTRUCTOR_SIGNATURE, selectorAsLoaded } from './selectors.ts'
import { signatureOf } from './solidityTypes.ts'
import { SDK_IMPORT } from './sources.ts'

/** Accessors that stand in the place of a storage field. */
export function fieldAccessors(field: StorageField, target: ContractModel): string {
  if (field.place === 'immutable') return immutableAccessors(field, target)
  const { name, typeText, slot, offset } = field
  const kind = field.place === 'transient' ? 'TransientField' : 'Field'
  const get = `get ${name}(): ${typeText} { return __ts.load${kind}<${typeText}>(${slot}, ${offset}); }`
  const set = isHandle(field.type)
    ? ''
    : ` set ${name}(value: ${typeText}) { __ts.save${kind}<${typeText}>(${slot}, ${offset}, value); }`
  const place = hasPlaces(field.type) ? ` ${PLACE_OF}${name}(): usize { return __ts.slotAt(${slot}); }` : ''
  return get + set + place
}

/** The text before and after a field's initialiser, so that the constructor can run it. */
export function initializerStart(field: StorageField): string {
  const set = field.place === 'immutable' ? immutableSetting(field.name) : `this.${field.name} = `
  return `${initializerName(field)}(): void { ${set}`
}

export function initializerEnd(field: StorageField): string {
  return field.place === 'immutable' ? '); }' : '; }'
}

/** Handlers of the functions declared in this class; a derived contract calls them too. */
export function contractMembers(contract: ContractModel): string {
  const handlers = contract.functions.map((f) => handlerOf(f, valueExpression(contract, f)))
  return ` ${[...handlers, constructionOf(contract)].join(' ')} `
}

/** Members that only the contract has which is built: its entry. */
export function entryMembers(contract: ContractModel): string {
  return `${constructorHandler(contract)} ${dispatcher(contract)} `
}

export function constructorName(contract: ContractModel): string {
  return `__construct_${contract.name}`
}

/** The body of an interface's method: encode, call, decode. */
export function remoteBody(model: FunctionModel): string {
  const { parameters, returns } = model
  const types = parameters.map((p) => p.type)
  const isView = model.mutability === 'view' || model.mutability === 'pure'
  // Apart for those that change nothing, so that what a @view can reach tells the truth.
  const output = `this.${isView ? '__ask' : '__invoke'}(__at, __size)`
  const finish = {
    nothing: `${output};`,
    one: `return __ts.valueIn<${'typeText' in returns ? returns.typeText : ''}>(${output});`,
    many: `return __ts.valuesIn<${'typeText' in returns ? returns.typeText : ''}>(${output});`,
  }[returns.kind]
  return [
    ` { const __heads: i32 = unchecked(${headsOf(parameters)});`,
    `const __size = unchecked(4 + __heads + ${tailsOf(parameters, (i) => parameters[i]?.name ?? '')});`,
    `const __at = __alloc(__size); store<u32>(__at, ${selectorAsLoaded(signatureOf(model.abiName, types))});`,
    'const __start = __at + 4;',
    putsOf(parameters, '__start', (i) => parameters[i]?.name ?? ''),
    `${finish} }`,
  ].join(' ')
}

/** `withValue` and `withGas` of an interface class: they return the object itself, by its own type. */
export function remoteMembers(name: string): string {
  return [
    ` withValue(value: __ts.U256): ${name} { this.__setValue(value); return this; }`,
    `withGas(gas: u64): ${name} { this.__setGas(gas); return this; } `,
  ].join(' ')
}

/** The module's entry file. */
export function entrySource(contract: ContractModel): string {
  const from = contract.file.path.replace(/\.ts$/, '')
  return [
    `import { begin, place } from '${SDK_IMPORT}/runtime'`,
    `import { ${contract.name} } from './${from}'`,
    'export function user_entrypoint(length: i32): i32 {',
    '  const input = begin(length)',
    `  return place<${contract.name}>().__dispatch_${contract.name}(input, length)`,
    '}',
    '',
  ].join('\n')
}

export function isHandle(type: StorageType): boolean {
  return type.kind === 'mapping' || type.kind === 'storageArray' || type.kind === 'storedStruct'
}

function initializerName(field: StorageField): string {
  return `__initialize_${field.name}`
}

function handlerOf(model: FunctionModel, value: string): string {
  const { returns } = model
  const finish = {
    nothing: `${value}; return __ts.finish();`,
    one: `return __ts.finishWith<${'typeText' in returns ? returns.typeText : ''}>(${value});`,
    many: `return __ts.finishWithMany<${'typeText' in returns ? returns.typeText : ''}>(${value});`,
  }[returns.kind]
  return `__call_${model.name}(i: usize, end: usize): i32 { ${guards(model)}${decode(model.parameters)}${finish} }`
}

function guards(model: FunctionModel): string {
  const isView = model.mutability === 'view' || model.mutability === 'pure'
  if (model.mutability !== 'payable' && !model.reentrant) return isView ? '__ts.enterView(); ' : '__ts.enter(); '
  const value = model.mutability === 'payable' ? '' : '__ts.refuseValue(); '
  const reentry = model.reentrant ? '' : '__ts.refuseReentry(); '
  return value + reentry + (isView ? '__ts.beginView(); ' : '')
}

function decode(parameters: readonly Parameter[]): string {
  return `${takesOf(parameters, 'i', (index) => `a${index}`)} `
}

/** The expression a handler computes: the method's call, or the value of a field for its getter. */
function valueExpression(contract: ContractModel, model: FunctionModel): string {
  const field = contract.fields.find((f) => f.node === model.node)
  if (field === undefined) return `this.${model.name}(${model.parameters.map((_, i) => `a${i}`).join(', ')})`
  let expression = `this.${field.name}`
  let type: StorageType = field.type
  model.parameters.forEach((_, i) => {
    if (type.kind === 'mapping') expression += `.get(a${i})`
    // By its sign an element is read where it is, and the others are not.
    else expression += type.kind === 'fixedArray' ? `[__ts.arrayIndex(a${i})]` : `.get(__ts.arrayIndex(a${i}))`
    if (type.kind === 'mapping') type = type.value
    else if (type.kind === 'storageArray' || type.kind === 'fixedArray') type = type.element
  })
  return expression
}

/**
 * Calls the author's constructor with decoded arguments; in the class that names their types, as others may not know them.
 */
function constructionOf(contract: ContractModel): string {
  const model = contract.constructorModel
  if (model === null) return ''
  const passed = model.parameters.map((_, i) => `a${i}`).join(', ')
  const call = `this.${constructorName(contract)}(${passed});`
  return `${argumentsName(contract)}(i: usize, end: usize): void { ${decode(model.parameters)}${call} }`
}

function argumentsName(contract: ContractModel): string {
  return `__arguments_${contract.name}`
}

function constructorHandler(contract: ContractModel): string {
  const owner = constructorOwner(contract)
  const model = owner?.constructorModel ?? null
  const initializers = [...chainOf(contract)]
    .reverse()
    .flatMap((c) => c.fields)
    .filter((field) => field.node.initializer !== null)
    .map((field) => `this.${initializerName(field)}();`)
  return [
    `__create_${contract.name}(i: usize, end: usize): i32 {`,
    model?.payable ? '' : '__ts.refuseValue();',
    '__ts.enterConstructor();',
    ...initializers,
    ...constructedAlone(contract).map((base) => `this.${constructorName(base)}();`),
    owner === null ? '' : `this.${argumentsName(owner)}(i, end);`,
    immutablesEnd(contract),
    'return __ts.finish(); }',
  ].join(' ')
}

function dispatcher(contract: ContractModel): string {
  const cases = [...allFunctions(contract).values()].map((f) => {
    const signature = signatureOf(
      f.abiName,
      f.parameters.map((p) => p.type),
    )
    return `case ${selectorAsLoaded(signature)}: return this.__call_${f.name}(i + 4, i + n);`
  })
  cases.push(`case ${selectorAsLoaded(CONSTRUCTOR_SIGNATURE)}: return this.__create_${contract.name}(i + 4, i + n);`)
  const { receive, fallback } = contract
  const receiveBranch =
    receive === null ? '' : `if (n == 0) { ${guards(receive)}this.${receive.name}(); return __ts.finish(); }`
  return [
    `__dispatch_${contract.name}(i: usize, n: i32): i32 {`,
    `if (n >= 4) { switch (load<u32>(i)) { ${cases.join(' ')} } }`,
    receiveBranch,
    fallback === null ? '__ts.refuseUnknown(); return 1;' : fallbackBranch(fallback),
    '}',
  ].join(' ')
}

function fallbackBranch(fallback: NonNullable<ContractModel['fallback']>): string {
  const call = `this.${fallback.name}(${fallback.takesInput ? '__ts.Bytes.view(i, n)' : ''})`
  const finish = fallback.givesOutput ? `return __ts.finishRaw(${call});` : `${call}; return __ts.finish();`
  return `${guards(fallback)}${finish}`
}
