/** The contracts of the chain itself, by address. */
import { keyOf } from '../../codec/bytes.ts'
import { runRegistry } from '../validatorRegistry/registryCall.ts'
import { REGISTRY_ADDRESS } from '../validatorRegistry/registryInterface.ts'
import { arbitrumContracts } from './arbitrum/arbitrumContracts.ts'
import type { NativeContract } from './nativeContract.ts'

const registry: NativeContract = { name: 'the validator registry', run: runRegistry }

const contracts: ReadonlyMap<string, NativeContract> = new Map([
  [keyOf(REGISTRY_ADDRESS), registry],
  ...arbitrumContracts.map(({ address, contract }) => [keyOf(address), contract] as const),
])

/** Their first bytes: all other addresses are told from them without a look at the table. */
const firstBytes: ReadonlySet<number | undefined> = new Set(
  [...contracts.keys()].map((key) => Number.parseInt(key.slice(0, 2), 16)),
)

export function findNative(address: Uint8Array): NativeContract | undefined {
  return firstBytes.has(address[0]) ? contracts.get(keyOf(address)) : undefined
}
