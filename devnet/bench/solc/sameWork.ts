/** Whether two contracts that are compared do the same, so far as what compilers and receipts say of them tells. */
import type { Abi, AbiEvent, AbiParameter } from 'viem'
import type { StorageLayout } from '../../../contracts/src/builder/layoutJson.ts'
import type { Called } from './calls.ts'

interface Described {
  readonly abi: Abi
  readonly storageLayout: StorageLayout
}

/** What only one of the two has, of functions, events, errors and places of fields; a sentence each. */
export function differences(left: Described, right: Described): string[] {
  const [here, there] = [traits(left), traits(right)]
  return [
    ...here.filter((trait) => !there.includes(trait)).map((trait) => `only ours: ${trait}`),
    ...there.filter((trait) => !here.includes(trait)).map((trait) => `only solc's: ${trait}`),
  ]
}

/** Addresses of contracts are left out. */
export function sameLogs(left: Called, right: Called): boolean {
  const bare = ({ logs }: Called) => JSON.stringify(logs.map(({ topics, data }) => ({ topics, data })))
  return bare(left) === bare(right)
}

/** Names of arguments are left out: Solidity has none in getters. */
function traits({ abi, storageLayout }: Described): string[] {
  const typesOf = (list: readonly (AbiParameter | AbiEvent['inputs'][number])[]) =>
    list.map((item) => ('indexed' in item && item.indexed ? `indexed ${item.type}` : item.type)).join(', ')
  const members = abi.map((item) => {
    const name = 'name' in item ? item.name : ''
    const outputs = 'outputs' in item ? ` returns (${typesOf(item.outputs)})` : ''
    const mutability = 'stateMutability' in item ? ` ${item.stateMutability}` : ''
    return `${item.type} ${name}(${'inputs' in item ? typesOf(item.inputs) : ''})${mutability}${outputs}`
  })
  const fields = storageLayout.storage.map(({ label, slot, offset, type }) => {
    return `${storageLayout.types[type]!.label} ${label} at byte ${offset} of slot ${slot}`
  })
  return [...members, ...fields]
}
