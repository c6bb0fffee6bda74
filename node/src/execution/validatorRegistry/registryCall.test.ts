/** The cost of a call of the registry for the node, against its price for the caller. */
import { describe, expect, it } from 'vitest'
import { keyOf } from '../../codec/bytes.ts'
import { fromHex } from '../../codec/hex.ts'
import type { Message } from '../message.ts'
import type { TransactionContext } from '../transactionContext.ts'
import { initialRegistry } from './registry.ts'
import { REGISTRY_CALL_GAS, REGISTRY_READ_WORD_GAS, runRegistry } from './registryCall.ts'
import { changedWords, registryWords, writeWords } from './registryStorage.ts'

const VALIDATORS = 100
/** validators() */
const INPUT = fromHex('0xca1e7819')

function scene() {
  const slots = new Map<string, Uint8Array>()
  let reads = 0
  const state = {
    storage(_: Uint8Array, slot: Uint8Array) {
      reads += 1
      return slots.get(keyOf(slot)) ?? new Uint8Array(32)
    },
    setStorage: (_: Uint8Array, slot: Uint8Array, word: Uint8Array) => slots.set(keyOf(slot), word),
  } as unknown as TransactionContext['state']
  const validators = Array.from({ length: VALIDATORS }, (_, seed) => ({
    publicKey: new Uint8Array(32).fill(seed),
    power: 1n,
    feeRecipient: new Uint8Array(20).fill(seed),
    operator: new Uint8Array(20).fill(seed),
  }))
  writeWords(state, changedWords(state, initialRegistry(validators)!))
  const words = registryWords(state)!
  const run = (gas: bigint) => {
    reads = 0
    const message = { input: INPUT, gas, value: 0n, isStatic: true, kind: 'call' } as Message
    const result = runRegistry({ state, block: { number: 1n } } as TransactionContext, message)
    return { result, reads }
  }
  return { run, price: REGISTRY_CALL_GAS + REGISTRY_READ_WORD_GAS * BigInt(words), words }
}

describe('a call of the validator registry', () => {
  it('reads nothing but its price when the caller cannot pay it', () => {
    const { run, price } = scene()
    for (const gas of [0n, price - 1n]) {
      expect(run(gas)).toEqual({ result: expect.objectContaining({ kind: 'failure', gasLeft: 0n }), reads: 1 })
    }
  })

  it('reads each word it is paid for', () => {
    const { run, price, words } = scene()
    const { result, reads } = run(price)
    expect(result).toMatchObject({ kind: 'success', gasLeft: 0n })
    // The length twice: for the price, and with the rest.
    expect(reads).toBe(words + 1)
  })
})
