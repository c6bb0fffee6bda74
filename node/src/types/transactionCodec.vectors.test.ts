/**
 * TransactionTests at London, with Shanghai's limits where it adds one. The exceptions listed below are not about the
 * bytes: execution raises them against the state and the fees (node/src/execution), so decoding accepts those cases.
 */
import { expect, test } from 'vitest'
import { describeVectors } from '../../test/support/vectorFiles.ts'
import { fromHex, toHex } from '../codec/hex.ts'
import { CodecError } from '../codec/rlp.ts'
import { decodeTransaction, encodeTransaction, recoverSender } from './transactionCodec.ts'

interface Vector {
  readonly txbytes: string
  readonly result: Readonly<
    Record<string, { readonly exception?: string; readonly sender?: string; readonly hash?: string }>
  >
}

const RAISED_BY_EXECUTION: ReadonlySet<string> = new Set([
  'TransactionException.INTRINSIC_GAS_TOO_LOW',
  'TransactionException.INITCODE_SIZE_EXCEEDED',
  // Gas limit times price overflows 256 bits: nobody has the balance.
  'TransactionException.GASLIMIT_PRICE_PRODUCT_OVERFLOW',
  'TransactionException.PRIORITY_GREATER_THAN_MAX_FEE_PER_GAS_2',
])

/** The tests' chain is Ethereum, 1; decoding knows no chain, the pool and execution compare the id. */
const TEST_CHAIN = 1n

describeVectors('ethereum-tests/TransactionTests', (files) => {
  const byException = new Map<string, number>()
  for (const file of files.names()) {
    for (const [name, { txbytes, result }] of Object.entries(files.json<Record<string, Vector>>(file))) {
      const expected = result['Shanghai'] ?? result['London']!
      test(`${file}: ${name}: ${expected.exception ?? 'valid'}`, () => {
        const raw = fromHex(txbytes)
        const { exception } = expected
        if (exception !== undefined && !RAISED_BY_EXECUTION.has(exception)) {
          byException.set(exception, (byException.get(exception) ?? 0) + 1)
          expect(() => {
            const { transaction } = decodeTransaction(raw)
            recoverSender(transaction)
            if (transaction.chainId !== null && transaction.chainId !== TEST_CHAIN) {
              expect(exception).toBe('TransactionException.INVALID_CHAINID')
              throw new CodecError('out-of-range', 'chainId', 'of another chain')
            }
          }).toThrow(CodecError)
          return
        }
        const { transaction, hash } = decodeTransaction(raw)
        expect(toHex(encodeTransaction(transaction).raw)).toBe(txbytes)
        const sender = toHex(recoverSender(transaction))
        if (exception === undefined) {
          expect(sender).toBe(expected.sender)
          expect(toHex(hash)).toBe(expected.hash)
        }
      })
    }
  }

  test('every kind of refusal was seen', () => {
    expect(byException.size).toBeGreaterThanOrEqual(30)
  })
})
