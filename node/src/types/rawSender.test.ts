import { type Random, seededRandom } from '@touchstone/vm/testing/random'
import { describe, expect, test } from 'vitest'
import { addressOfPrivateKey, SECP256K1_HALF_ORDER, SECP256K1_ORDER } from '../crypto/secp256k1.ts'
import { recoverRawSender } from './rawSender.ts'
import { DEV_TRANSACTION_TYPE, type Transaction } from './transaction.ts'
import { encodeTransaction, recoverSender, signTransaction, type UnsignedTransaction } from './transactionCodec.ts'

const privateKey = new Uint8Array(32).fill(7)
const sender = addressOfPrivateKey(privateKey)

/** One of each type in turn, with fields of every length that RLP writes in its own way. */
function transactionOf(kind: number, random: Random): UnsignedTransaction {
  const body = {
    nonce: random.bigint(random.pick([0, 7, 8, 63])),
    gasLimit: random.bigint(40),
    to: random.below(3) === 0 ? null : random.bytes(20),
    value: random.bigint(random.pick([0, 7, 200])),
    data: random.bytes(random.pick([0, 1, 20, 54, 55, 56, 255, 300, 70_000])),
  }
  const price = random.bigint(100)
  const accessList = Array.from({ length: random.below(3) }, () => ({
    address: random.bytes(20),
    storageKeys: Array.from({ length: random.below(4) }, () => random.bytes(32)),
  }))
  const chainId = random.pick([1n, 127n, 31_337n, 2n ** 40n, 2n ** 200n])
  switch (kind) {
    case 0:
      return { type: 0, chainId: null, gasPrice: price, ...body }
    case 1:
      return { type: 0, chainId, gasPrice: price, ...body }
    case 2:
      return { type: 1, chainId, gasPrice: price, accessList, ...body }
    case 3:
      return { type: 2, chainId, maxFeePerGas: price, maxPriorityFeePerGas: price, accessList, ...body }
    default:
      return {
        ...{ type: DEV_TRANSACTION_TYPE, chainId, gasPrice: 0n, accessList: [] },
        ...{ salt: random.bytes(16), from: random.bytes(20), ...body },
      }
  }
}

function senderByDecoding(transaction: Transaction): Uint8Array | null {
  try {
    return recoverSender(transaction)
  } catch {
    return null
  }
}

describe('the sender from the bytes of a transaction', () => {
  test.each(['unprotected', 'of EIP-155', 'of EIP-2930', 'of EIP-1559', 'dev'])('%s', (name) => {
    const kind = ['unprotected', 'of EIP-155', 'of EIP-2930', 'of EIP-1559', 'dev'].indexOf(name)
    const random = seededRandom(kind)
    for (let run = 0; run < 12; run++) {
      const { raw, transaction } = signTransaction(transactionOf(kind, random), privateKey)
      expect(recoverRawSender(raw), `run ${run}`).toEqual(sender)
      // A view within a larger buffer, as transactions come in bundles.
      const bundle = new Uint8Array(raw.length + 20)
      bundle.set(raw, 9)
      expect(recoverRawSender(bundle.subarray(9, 9 + raw.length)), `run ${run}`).toEqual(sender)

      // Numbers of every length, of which not all have a key.
      const r = random.bigint(random.pick([1, 7, 8, 100, 250])) + 1n
      const s = random.bigint(random.pick([1, 7, 8, 100, 250])) + 1n
      const forged = encodeTransaction({ ...transaction, r, s })
      expect(recoverRawSender(forged.raw), `run ${run}, r ${r}, s ${s}`).toEqual(senderByDecoding(forged.transaction))
    }
  })

  test('null for numbers out of range, which nobody decodes', () => {
    const { transaction } = signTransaction(transactionOf(3, seededRandom(1)), privateKey)
    for (const wrong of [{ r: 0n }, { s: 0n }, { r: SECP256K1_ORDER }, { s: 2n ** 256n - 1n }]) {
      expect(recoverRawSender(encodeTransaction({ ...transaction, ...wrong }).raw)).toBeNull()
    }
    expect(recoverRawSender(encodeTransaction({ ...transaction, s: SECP256K1_HALF_ORDER }).raw)).not.toEqual(sender)
  })
})
