import { Common, Hardfork, Mainnet } from '@ethereumjs/common'
import { createTxFromRLP } from '@ethereumjs/tx'
import { type Random, seededRandom } from '@touchstone/vm/testing/random'
import { Transaction as EthersTransaction } from 'ethers'
import { privateKeyToAccount } from 'viem/accounts'
import { describe, expect, test } from 'vitest'
import { bigintToMinimalBytes, concatBytes } from '../codec/bytes.ts'
import { fromHex, toHex } from '../codec/hex.ts'
import { CodecError, decodeRlp, encodeRlp, type RlpItem } from '../codec/rlp.ts'
import { addressOfPrivateKey, SECP256K1_ORDER } from '../crypto/secp256k1.ts'
import type { Transaction } from './transaction.ts'
import {
  decodeTransaction,
  effectiveGasPrice,
  encodeTransaction,
  legacyV,
  MAX_TRANSACTION_NONCE,
  maxFeePerGas,
  recoverSender,
  signTransaction,
  type UnsignedTransaction,
} from './transactionCodec.ts'

const PRIVATE_KEY = fromHex('0xac0974bec39a17e36ba4a6b4d238ff944bacb478cbed5efcae784d7bf4f2ff80')
const SENDER = addressOfPrivateKey(PRIVATE_KEY)
const CHAIN_ID = 31337n
const common = new Common({ chain: { ...Mainnet, chainId: Number(CHAIN_ID) }, hardfork: Hardfork.London })

function randomTransaction(random: Random): UnsignedTransaction {
  const body = {
    // ethers keeps nonces in doubles.
    nonce: random.bigint(52),
    gasLimit: 21000n + random.bigint(40),
    to: random.below(4) === 0 ? null : random.bytes(20),
    value: random.bigint(200),
    data: random.bytes(random.pick([0, 1, 4, 55, 56, 300])),
  }
  const accessList = Array.from({ length: random.below(3) }, () => ({
    address: random.bytes(20),
    storageKeys: Array.from({ length: random.below(3) }, () => random.bytes(32)),
  }))
  const price = random.bigint(100)
  switch (random.below(4)) {
    case 0:
      return { type: 0, chainId: CHAIN_ID, gasPrice: price, ...body }
    case 1:
      return { type: 0, chainId: null, gasPrice: price, ...body }
    case 2:
      return { type: 1, chainId: CHAIN_ID, gasPrice: price, accessList, ...body }
    default:
      return {
        type: 2,
        chainId: CHAIN_ID,
        maxFeePerGas: price,
        maxPriorityFeePerGas: price / 3n,
        accessList,
        ...body,
      }
  }
}

test('random transactions agree with @ethereumjs/tx and ethers in bytes, hash and sender', () => {
  for (let seed = 0; seed < 60; seed++) {
    const unsigned = randomTransaction(seededRandom(seed))
    const { raw, hash, transaction } = signTransaction(unsigned, PRIVATE_KEY)
    expect(decodeTransaction(raw), `seed ${seed}`).toEqual({ raw, hash, transaction })
    expect(recoverSender(transaction)).toEqual(SENDER)

    const theirs = createTxFromRLP(raw, { common })
    expect(toHex(theirs.hash()), `seed ${seed}`).toBe(toHex(hash))
    expect(toHex(theirs.getSenderAddress().bytes)).toBe(toHex(SENDER))
    expect(theirs.nonce).toBe(transaction.nonce)
    expect(theirs.value).toBe(transaction.value)

    const ethers = EthersTransaction.from(toHex(raw))
    expect(ethers.hash).toBe(toHex(hash))
    expect(ethers.from?.toLowerCase()).toBe(toHex(SENDER))
  }
})

test('what viem signs is what we sign', async () => {
  const viem = privateKeyToAccount(toHex(PRIVATE_KEY))
  const to = '0x70997970c51812dc3a010c7d01b50e0d17dc79c8' as const
  const shared = { chainId: 31337, nonce: 3, gas: 21000n, to, value: 7n, data: '0x1234' } as const
  const texts = [
    await viem.signTransaction({ ...shared, type: 'legacy', gasPrice: 5n }),
    await viem.signTransaction({
      ...shared,
      type: 'eip2930',
      gasPrice: 5n,
      accessList: [{ address: to, storageKeys: [`0x${'22'.repeat(32)}`] }],
    }),
    await viem.signTransaction({ ...shared, type: 'eip1559', maxFeePerGas: 5n, maxPriorityFeePerGas: 1n }),
  ]
  for (const [type, text] of texts.entries()) {
    const { transaction } = decodeTransaction(fromHex(text))
    expect(transaction.type).toBe(type)
    expect(toHex(signTransaction(transaction, PRIVATE_KEY).raw)).toBe(text)
  }
})

describe('refusals name the field', () => {
  const sign = (unsigned: UnsignedTransaction) => signTransaction(unsigned, PRIVATE_KEY)
  const base = { nonce: 1n, gasLimit: 21000n, to: new Uint8Array(20), value: 1n, data: new Uint8Array(0) }
  const legacy = sign({ type: 0, chainId: CHAIN_ID, gasPrice: 1n, ...base })
  const accessList = sign({ type: 1, chainId: CHAIN_ID, gasPrice: 1n, accessList: [], ...base })
  const feeMarket = sign({
    type: 2,
    chainId: CHAIN_ID,
    maxFeePerGas: 1n,
    maxPriorityFeePerGas: 1n,
    accessList: [],
    ...base,
  })

  /** The transaction with one item of its list replaced. */
  function replaced({ raw, transaction }: { raw: Uint8Array; transaction: Transaction }, index: number, item: RlpItem) {
    const body = transaction.type === 0 ? raw : raw.subarray(1)
    const items = [...(decodeRlp(body) as RlpItem[])]
    items[index] = item
    const list = encodeRlp(items)
    return transaction.type === 0 ? list : concatBytes(Uint8Array.of(transaction.type), list)
  }

  const TOO_BIG = bigintToMinimalBytes(1n << 256n)
  test.each([
    ['no bytes', new Uint8Array(0), 'rlp-truncated', ''],
    [
      'nonce beyond EIP-2681',
      replaced(legacy, 0, bigintToMinimalBytes(MAX_TRANSACTION_NONCE + 1n)),
      'out-of-range',
      'nonce',
    ],
    ['nonce with zeros', replaced(legacy, 0, Uint8Array.of(0, 1)), 'leading-zeros', 'nonce'],
    ['gas price', replaced(legacy, 1, TOO_BIG), 'out-of-range', 'gasPrice'],
    ['gas limit', replaced(legacy, 2, bigintToMinimalBytes(1n << 64n)), 'out-of-range', 'gasLimit'],
    ['recipient', replaced(legacy, 3, new Uint8Array(19)), 'wrong-length', 'to'],
    ['recipient list', replaced(legacy, 3, []), 'wrong-shape', 'to'],
    ['value', replaced(legacy, 4, TOO_BIG), 'out-of-range', 'value'],
    ['data list', replaced(legacy, 5, []), 'wrong-shape', 'data'],
    ['v 0', replaced(legacy, 6, new Uint8Array(0)), 'bad-signature', 'v'],
    ['v 26', replaced(legacy, 6, Uint8Array.of(26)), 'bad-signature', 'v'],
    ['v 35, chain 0', replaced(legacy, 6, Uint8Array.of(35)), 'bad-signature', 'v'],
    ['r 0', replaced(legacy, 7, new Uint8Array(0)), 'bad-signature', 'r'],
    ['r at the order', replaced(legacy, 7, bigintToMinimalBytes(SECP256K1_ORDER)), 'bad-signature', 'r'],
    ['s above half', replaced(legacy, 8, bigintToMinimalBytes(SECP256K1_ORDER / 2n + 1n)), 'bad-signature', 's'],
    ['parity 2', replaced(feeMarket, 9, Uint8Array.of(2)), 'out-of-range', 'yParity'],
    ['priority fee', replaced(feeMarket, 2, TOO_BIG), 'out-of-range', 'maxPriorityFeePerGas'],
    ['max fee', replaced(feeMarket, 3, TOO_BIG), 'out-of-range', 'maxFeePerGas'],
    ['access list string', replaced(accessList, 7, new Uint8Array(0)), 'wrong-shape', 'accessList'],
    ['access list entry', replaced(accessList, 7, [[]]), 'wrong-shape', 'accessList[0]'],
    [
      'access list address',
      replaced(accessList, 7, [[new Uint8Array(19), []]]),
      'wrong-length',
      'accessList[0].address',
    ],
    [
      'access list key',
      replaced(accessList, 7, [
        [new Uint8Array(20), []],
        [new Uint8Array(20), [new Uint8Array(32), new Uint8Array(31)]],
      ]),
      'wrong-length',
      'accessList[1].storageKeys[1]',
    ],
    ['too few items', encodeRlp([]), 'wrong-shape', ''],
    ['a byte after the end', concatBytes(legacy.raw, Uint8Array.of(0)), 'rlp-trailing-bytes', ''],
    ['type 0 with its byte', concatBytes(Uint8Array.of(0), legacy.raw), 'unsupported-type', 'type'],
  ])('%s', (_, raw, code, field) => {
    let error: unknown
    try {
      decodeTransaction(raw)
    } catch (thrown) {
      error = thrown
    }
    expect(error).toBeInstanceOf(CodecError)
    expect((error as CodecError).code).toBe(code)
    expect((error as CodecError).field).toBe(field === '' ? 'transaction' : `transaction.${field}`)
  })

  test('types that exist elsewhere are refused by name', () => {
    expect(() => decodeTransaction(Uint8Array.of(3, 0xc0))).toThrow('type 3 (blob transaction, EIP-4844)')
    expect(() => decodeTransaction(Uint8Array.of(4, 0xc0))).toThrow('type 4 (set-code transaction, EIP-7702)')
    expect(() => decodeTransaction(Uint8Array.of(0x7e, 0xc0))).toThrow('type 0x7e is not supported')
  })

  test('the largest nonce is accepted', () => {
    const bytes = replaced(legacy, 0, bigintToMinimalBytes(MAX_TRANSACTION_NONCE))
    expect(decodeTransaction(bytes).transaction.nonce).toBe(2n ** 64n - 2n)
  })
})

test('fees as EIP-1559 has them', () => {
  const rest = { nonce: 0n, gasLimit: 0n, to: null, value: 0n, data: new Uint8Array(0), chainId: 1n, accessList: [] }
  const capped = { type: 2, maxFeePerGas: 100n, maxPriorityFeePerGas: 10n, ...rest } as const
  expect(effectiveGasPrice(capped, 50n)).toBe(60n)
  expect(effectiveGasPrice(capped, 90n)).toBe(100n)
  expect(effectiveGasPrice(capped, 95n)).toBe(100n)
  expect(maxFeePerGas(capped)).toBe(100n)
  const { accessList: _, ...legacyRest } = rest
  expect(effectiveGasPrice({ type: 0, gasPrice: 70n, ...legacyRest }, 50n)).toBe(70n)
  expect(maxFeePerGas({ type: 0, gasPrice: 70n, ...legacyRest })).toBe(70n)
})

test('v of a legacy signature', () => {
  const unsigned = {
    type: 0,
    nonce: 0n,
    gasPrice: 0n,
    gasLimit: 0n,
    to: null,
    value: 0n,
    data: new Uint8Array(0),
  } as const
  const signed = { ...unsigned, r: 1n, s: 1n }
  expect(legacyV({ ...signed, chainId: null, yParity: 0 })).toBe(27n)
  expect(legacyV({ ...signed, chainId: null, yParity: 1 })).toBe(28n)
  expect(legacyV({ ...signed, chainId: 1n, yParity: 0 })).toBe(37n)
  expect(legacyV({ ...signed, chainId: 31337n, yParity: 1 })).toBe(62710n)
})

test('ten thousand damaged or random byte strings decode to themselves or to a CodecError', () => {
  let accepted = 0
  const samples = Array.from(
    { length: 20 },
    (_, seed) => signTransaction(randomTransaction(seededRandom(seed)), PRIVATE_KEY).raw,
  )
  for (let seed = 0; seed < 10_000; seed++) {
    const random = seededRandom(seed)
    let raw = random.below(5) === 0 ? random.bytes(random.below(200)) : random.pick(samples).slice()
    for (let i = random.below(3); i > 0 && raw.length > 0; i--) raw[random.below(raw.length)] = random.below(256)
    if (random.below(10) === 0) raw = raw.subarray(0, random.below(raw.length + 1))
    try {
      const { transaction } = decodeTransaction(raw)
      accepted++
      expect(toHex(encodeTransaction(transaction).raw), `seed ${seed}`).toBe(toHex(raw))
    } catch (error) {
      expect(error, `seed ${seed}`).toBeInstanceOf(CodecError)
    }
  }
  expect(accepted).toBeGreaterThan(1000)
})
