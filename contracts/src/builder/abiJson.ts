/** The Solidity JSON ABI of a contract, which viem, ethers and wallets read, made from the model. */
import { abiRecords } from './abiRecords.ts'
import type { CallGraph } from './callGraph.ts'
import { allFunctions, constructorOwner } from './inheritance.ts'
import type { AbiType, ContractModel, FunctionModel, Member, ProgramModel } from './model.ts'

export interface AbiParameter {
  readonly name: string
  readonly type: string
  readonly internalType: string
  readonly components?: readonly AbiParameter[]
  readonly indexed?: boolean
}

export type AbiItem =
  | {
      readonly type: 'function'
      readonly name: string
      readonly inputs: readonly AbiParameter[]
      readonly outputs: readonly AbiParameter[]
      readonly stateMutability: string
    }
  | { readonly type: 'constructor'; readonly inputs: readonly AbiParameter[]; readonly stateMutability: string }
  | {
      readonly type: 'event'
      readonly name: string
      readonly inputs: readonly AbiParameter[]
      readonly anonymous: false
    }
  | { readonly type: 'error'; readonly name: string; readonly inputs: readonly AbiParameter[] }
  | { readonly type: 'receive' | 'fallback'; readonly stateMutability: string }

/** Order as solc's: constructor, errors, events, fallback, functions, receive; by name within a kind. */
export function abiOf(contract: ContractModel, program: ProgramModel, graph: CallGraph): readonly AbiItem[] {
  const constructorModel = constructorOwner(contract)?.constructorModel ?? null
  const items: AbiItem[] = []
  if (constructorModel !== null) {
    const inputs = constructorModel.parameters.map((p) => parameterOf(p.name, p.type))
    items.push({ type: 'constructor', inputs, stateMutability: constructorModel.payable ? 'payable' : 'nonpayable' })
  }
  for (const error of abiRecords(program, 'error', graph)) {
    items.push({ type: 'error', name: error.name, inputs: error.members.map((m) => parameterOf(m.name, m.type)) })
  }
  for (const event of abiRecords(program, 'event', graph)) {
    items.push({ type: 'event', name: event.name, inputs: event.members.map(eventParameter), anonymous: false })
  }
  if (contract.fallback !== null) items.push({ type: 'fallback', stateMutability: contract.fallback.mutability })
  for (const model of [...allFunctions(contract).values()].sort((a, b) => compareText(a.abiName, b.abiName))) {
    items.push({
      type: 'function',
      name: model.abiName,
      inputs: model.parameters.map((p) => parameterOf(p.name, p.type)),
      outputs: outputsOf(model),
      stateMutability: model.mutability,
    })
  }
  if (contract.receive !== null) items.push({ type: 'receive', stateMutability: 'payable' })
  return items
}

/** By code units, so that the order is the same everywhere. */
function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}

function outputsOf(model: FunctionModel): readonly AbiParameter[] {
  const { returns } = model
  if (returns.kind === 'nothing') return []
  if (returns.kind === 'one') return [parameterOf('', returns.type)]
  return returns.record.members.map((member) => parameterOf(member.name, member.type))
}

function eventParameter(member: Member): AbiParameter {
  return { ...parameterOf(member.name, member.type), indexed: member.indexed }
}

function parameterOf(name: string, type: AbiType): AbiParameter {
  const { abi, internal, struct } = namesOf(type)
  const parameter = { name, type: abi, internalType: internal }
  if (struct === null) return parameter
  return { ...parameter, components: struct.members.map((member) => parameterOf(member.name, member.type)) }
}

function namesOf(type: AbiType): { abi: string; internal: string; struct: { members: readonly Member[] } | null } {
  switch (type.kind) {
    case 'value':
      return { abi: type.solidity, internal: type.solidity, struct: null }
    case 'array':
    case 'fixedArray': {
      const element = namesOf(type.element)
      const brackets = type.kind === 'array' ? '[]' : `[${type.length}]`
      return { abi: element.abi + brackets, internal: element.internal + brackets, struct: element.struct }
    }
    case 'struct':
      return { abi: 'tuple', internal: `struct ${type.struct.name}`, struct: type.struct }
    default:
      return { abi: type.kind, internal: type.kind, struct: null }
  }
}
