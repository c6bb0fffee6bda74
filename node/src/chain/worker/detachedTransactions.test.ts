import { expect, test } from 'vitest'
import { decodeTransaction } from '../../types/transactionCodec.ts'
import { accounts, stranger, transaction } from '../testing/fixtures.ts'
import { detachedTransactions } from './detachedTransactions.ts'

const accessList = [{ address: stranger, storageKeys: [new Uint8Array(32)] }]
const sent = transaction(0, 0, { data: Uint8Array.of(1, 2, 3), accessList })

/** As it comes out of a large message. */
function received(bytes: number) {
  const message = new Uint8Array(bytes)
  message.set(sent.raw, 100)
  const envelope = decodeTransaction(message.subarray(100, 100 + sent.raw.length))
  return { ...envelope, sender: accounts[0]!.address }
}

const clonedBytes = (value: unknown, seen = new Set<ArrayBufferLike>()): number => {
  if (value instanceof Uint8Array) {
    if (seen.has(value.buffer)) return 0
    seen.add(value.buffer)
    return value.buffer.byteLength
  }
  if (typeof value !== 'object' || value === null) return 0
  return Object.values(value).reduce((sum, member) => sum + clonedBytes(member, seen), 0)
}

test('a transaction that is a view of a large message is copied out of it, unchanged', () => {
  const large = received(64_000)
  expect(clonedBytes(large)).toBeGreaterThan(64_000)
  const [detached] = detachedTransactions([large])
  expect(detached).toEqual(large)
  expect(clonedBytes(detached)).toBeLessThan(2 * sent.raw.length + 400)
})

test('transactions that fill their message are sent as they are', () => {
  const small = [received(sent.raw.length + 200), sent]
  expect(detachedTransactions(small)).toBe(small)
})
