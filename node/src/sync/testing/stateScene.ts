/** For tests of snapshots: a chain whose state has many accounts, two contracts of one code, and storage. */

import { flatTables } from '../../chain/schema.ts'
import { accounts, ETHER, transaction } from '../../chain/testing/fixtures.ts'
import { bigintToBytes } from '../../codec/bytes.ts'
import { toHex } from '../../codec/hex.ts'
import { createAddress } from '../../execution/contractAddress.ts'
import { encodeInitCode } from '../../execution/initCode.ts'
import { command, PUPPET_CODE } from '../../execution/testing/puppet.ts'
import type { KeyValueStore } from '../../runtime/keyValueStore.ts'
import { createMemoryStore } from '../../runtime/memoryStore.ts'
import type { Genesis } from '../../types/genesis.ts'
import type { SenderTransaction } from '../../types/transaction.ts'
import { type CertifiedChain, certifiedChain, certifiedGenesis } from './certifiedChain.ts'

const deployer = accounts[0]!.address
export const contracts = [createAddress(deployer, 0n), createAddress(deployer, 1n)] as const
/** Written in each contract, to the same values, so that both have one storage trie. */
export const SLOTS = 600
const SLOTS_PER_CALL = 60
const PAYMENTS_PER_CALL = 100
const CALLS_PER_BLOCK = 7

export interface StateScene {
  readonly genesis: Genesis
  readonly store: KeyValueStore
  readonly source: CertifiedChain
  /** A block that changes accounts and slots. */
  step(): Promise<void>
}

/**
 * Deploys and fills the contracts in blocks 1 to 3; then one of them pays `crowd` new accounts, 700 a block. Accounts of
 * the genesis would not do: their nodes every node has.
 */
export async function stateScene(crowd: number, store = createMemoryStore()): Promise<StateScene> {
  const genesis = certifiedGenesis
  const source = await certifiedChain({ genesis, store })
  let nonce = 0
  const own = (fields: Parameters<typeof transaction>[2]) => transaction(0, nonce++, { value: 0n, ...fields })
  const call = (contract: number, data: Uint8Array) => own({ to: contracts[contract]!, data, gasLimit: 5_000_000n })
  const block = (transactions: readonly SenderTransaction[]) => source.grow(1, () => transactions)

  const deploy = () => own({ to: null, data: encodeInitCode(PUPPET_CODE, null), gasLimit: 10_000_000n })
  await block([deploy(), deploy()])
  for (const contract of [0, 1]) {
    const calls: SenderTransaction[] = []
    for (let first = 1; first <= SLOTS; first += SLOTS_PER_CALL) {
      const stores = Array.from({ length: SLOTS_PER_CALL }, (_, index) => {
        const slot = BigInt(first + index)
        return command.store(slot, slot % 3n === 0n ? (1n << 250n) + slot : slot)
      })
      calls.push(call(contract, command.sequence(...stores)))
    }
    await block(calls)
  }
  const payments: SenderTransaction[] = []
  for (let first = 0; first < crowd; first += PAYMENTS_PER_CALL) {
    const pay = Array.from({ length: Math.min(PAYMENTS_PER_CALL, crowd - first) }, (_, index) =>
      command.call('call', bigintToBytes(0xc0ffee0000n + BigInt(first + index), 20), new Uint8Array(0), { value: 1n }),
    )
    payments.push(
      own({ to: contracts[1], value: BigInt(pay.length), data: command.sequence(...pay), gasLimit: 4_200_000n }),
    )
  }
  while (payments.length > 0) await block(payments.splice(0, CALLS_PER_BLOCK))
  let steps = 0
  return {
    genesis,
    store,
    source,
    async step() {
      steps += 1
      const slot = BigInt(steps)
      await block([
        call(0, command.sequence(command.store(slot, 0n), command.store(1_000n + slot, slot))),
        own({ to: bigintToBytes(0xbeefn + slot, 20), value: ETHER, gasLimit: 21_000n }),
      ])
    },
  }
}

/** Both flat tables: every account and slot of the head's state. */
export async function flatState(store: KeyValueStore): Promise<readonly string[]> {
  const entries: string[] = []
  for await (const [key, value] of store.range(flatTables)) entries.push(`${toHex(key)} ${toHex(value)}`)
  return entries
}
