/** A chain in dev mode for tests, and what its controller signs. */
import { expect } from 'vitest'
import { keccak256 } from '../../crypto/keccak.ts'
import { addressOfPrivateKey } from '../../crypto/secp256k1.ts'
import { DEV_ADDRESS } from '../../execution/dev/devStorage.ts'
import { type DevOperation, encodeOperations } from '../../execution/dev/operations.ts'
import type { Genesis } from '../../types/genesis.ts'
import { DEV_TRANSACTION_TYPE, type SenderTransaction } from '../../types/transaction.ts'
import { DEV_SALT_BYTES, signTransaction, type UnsignedTransaction } from '../../types/transactionCodec.ts'
import { CHAIN_ID, genesis } from './fixtures.ts'

export const controllerKey = new Uint8Array(32).fill(0x7d)
export const controller = addressOfPrivateKey(controllerKey)
export const devGenesis: Genesis = { ...genesis, dev: { controller } }

type DevFields = Extract<UnsignedTransaction, { type: typeof DEV_TRANSACTION_TYPE }>

/** By the file of tests, as several share this process: what one makes is the same whatever ran before it. */
const made = new Map<string, number>()

function nextSalt(): Uint8Array {
  const file = expect.getState().testPath ?? ''
  const count = (made.get(file) ?? 0) + 1
  made.set(file, count)
  return keccak256(Uint8Array.of(count & 0xff, count >> 8)).slice(0, DEV_SALT_BYTES)
}

/**
 * Signed by the controller unless another key is given; a message without value from the dev account to nobody unless
 * said otherwise.
 */
export function devTransaction(fields: Partial<DevFields>, key = controllerKey): SenderTransaction {
  const unsigned: DevFields = {
    type: DEV_TRANSACTION_TYPE,
    chainId: CHAIN_ID,
    salt: nextSalt(),
    from: controller,
    nonce: 0n,
    gasLimit: 1_000_000n,
    to: new Uint8Array(20).fill(0x66),
    value: 0n,
    data: new Uint8Array(0),
    gasPrice: 0n,
    accessList: [],
    ...fields,
  }
  return { ...signTransaction(unsigned, key), sender: addressOfPrivateKey(key) }
}

/** As {@link devTransaction}, of operations. */
export function operate(...operations: readonly DevOperation[]): SenderTransaction {
  return devTransaction({ to: DEV_ADDRESS, data: encodeOperations(operations) })
}
