import { createBlockFromRLP } from '@ethereumjs/block'
import { Common, Hardfork, Mainnet } from '@ethereumjs/common'
import { seededRandom } from '@touchstone/vm/testing/random'
import { describe, expect, test } from 'vitest'
import { concatBytes } from '../codec/bytes.ts'
import { fromHex, toHex } from '../codec/hex.ts'
import { CodecError, decodeRlp, encodeRlp, type RlpItem } from '../codec/rlp.ts'
import { orderedTrieRoot } from '../trie/orderedTrie.ts'
import { EMPTY_TRIE_ROOT } from './accountCodec.ts'
import { decodeBlock, sealBlock } from './blockCodec.ts'
import type { Header } from './header.ts'
import {
  decodeHeader,
  EMPTY_BLOOM,
  EMPTY_OMMERS_HASH,
  encodeHeader,
  headerHash,
  ZERO_HASH,
  ZERO_NONCE,
} from './headerCodec.ts'
import { signTransaction } from './transactionCodec.ts'

const PRIVATE_KEY = fromHex('0xac0974bec39a17e36ba4a6b4d238ff944bacb478cbed5efcae784d7bf4f2ff80')
const random = seededRandom(11)
const body = { gasLimit: 21000n, to: random.bytes(20), value: 5n, data: random.bytes(80) }
const transactions = [
  signTransaction({ type: 0, chainId: 31337n, nonce: 0n, gasPrice: 9n, ...body }, PRIVATE_KEY),
  signTransaction({ type: 1, chainId: 31337n, nonce: 1n, gasPrice: 9n, accessList: [], ...body }, PRIVATE_KEY),
  signTransaction(
    { type: 2, chainId: 31337n, nonce: 2n, maxFeePerGas: 9n, maxPriorityFeePerGas: 2n, accessList: [], ...body },
    PRIVATE_KEY,
  ),
]
const header: Header = {
  parentHash: random.bytes(32),
  ommersHash: EMPTY_OMMERS_HASH,
  miner: random.bytes(20),
  stateRoot: random.bytes(32),
  transactionsRoot: orderedTrieRoot(transactions.map(({ raw }) => raw)),
  receiptsRoot: EMPTY_TRIE_ROOT,
  logsBloom: EMPTY_BLOOM,
  difficulty: 0n,
  number: 300n,
  gasLimit: 30_000_000n,
  gasUsed: 63_000n,
  timestamp: 1_700_000_000n,
  extraData: random.bytes(32),
  mixHash: ZERO_HASH,
  nonce: ZERO_NONCE,
  baseFeePerGas: 7n,
}

test('@ethereumjs/block reads our block and computes the same hashes and root', async () => {
  const block = sealBlock(header, transactions)
  const common = new Common({ chain: { ...Mainnet, chainId: 31337 }, hardfork: Hardfork.London })
  const theirs = createBlockFromRLP(block.raw, { common, setHardfork: false })
  expect(toHex(theirs.hash())).toBe(toHex(block.hash))
  expect(toHex(theirs.serialize())).toBe(toHex(block.raw))
  expect(theirs.transactions.map((tx) => toHex(tx.hash()))).toEqual(transactions.map(({ hash }) => toHex(hash)))
  expect(await theirs.transactionsTrieIsValid()).toBe(true)
})

test('blocks of every size come back as they were', () => {
  for (let count = 0; count <= 30; count += 5) {
    const block = sealBlock(
      header,
      Array.from({ length: count }, (_, i) => transactions[i % 3]!),
    )
    expect(decodeBlock(block.raw)).toEqual(block)
    const items: RlpItem = [
      decodeRlp(encodeHeader(header)),
      block.transactions.map(({ raw, transaction }) => (transaction.type === 0 ? decodeRlp(raw) : raw)),
      [],
    ]
    expect(toHex(encodeRlp(items))).toBe(toHex(block.raw))
    expect(block.hash).toEqual(headerHash(header))
  }
})

test('a decoded block is views of the bytes it came in', () => {
  const { raw } = sealBlock(header, transactions)
  const decoded = decodeBlock(raw)
  expect(decoded.raw.buffer).toBe(raw.buffer)
  for (const transaction of decoded.transactions) expect(transaction.raw.buffer).toBe(raw.buffer)
})

describe('refusals say where', () => {
  const headerItem = decodeRlp(encodeHeader(header)) as Uint8Array[]
  const withHeader = (index: number, item: RlpItem) =>
    encodeRlp([headerItem.map((old, i) => (i === index ? item : old)), [], []])

  test.each([
    ['not a list', Uint8Array.of(0x80), 'block'],
    ['two items', encodeRlp([headerItem, []]), 'block'],
    ['four items', encodeRlp([headerItem, [], [], []]), 'block'],
    ['an ommer', encodeRlp([headerItem, [], [headerItem]]), 'block.ommers'],
    ['short header', encodeRlp([headerItem.slice(1), [], []]), 'block.header'],
    ['long header', encodeRlp([[...headerItem, new Uint8Array(0)], [], []]), 'block.header'],
    ['parent hash', withHeader(0, new Uint8Array(31)), 'block.header.parentHash'],
    ['ommers hash', withHeader(1, new Uint8Array(32)), 'block.header.ommersHash'],
    ['bloom', withHeader(6, new Uint8Array(255)), 'block.header.logsBloom'],
    ['difficulty', withHeader(7, Uint8Array.of(1)), 'block.header.difficulty'],
    ['number with zeros', withHeader(8, Uint8Array.of(0, 1)), 'block.header.number'],
    ['extra data', withHeader(12, new Uint8Array(0)), 'block.header.extraData'],
    ['mix hash', withHeader(13, new Uint8Array(31)), 'block.header.mixHash'],
    ['nonce', withHeader(14, new Uint8Array(8).fill(1)), 'block.header.nonce'],
    ['a header that is a string', encodeRlp([new Uint8Array(3), [], []]), 'block.header'],
    ['transactions that are a string', encodeRlp([headerItem, new Uint8Array(3), []]), 'block.transactions'],
    [
      'a wrong transaction',
      encodeRlp([headerItem, [transactions[1]!.raw, Uint8Array.of(3, 0xc0)], []]),
      'block.transactions[1].transaction.type',
    ],
    ['a legacy transaction as a string', encodeRlp([headerItem, [transactions[0]!.raw], []]), 'block.transactions[0]'],
    [
      'a typed transaction as a list',
      encodeRlp([headerItem, [decodeRlp(transactions[1]!.raw.subarray(1))], []]),
      'block.transactions[0].transaction',
    ],
  ])('%s', (_, raw, field) => {
    let error: unknown
    try {
      decodeBlock(raw)
    } catch (thrown) {
      error = thrown
    }
    expect(error).toBeInstanceOf(CodecError)
    expect((error as CodecError).field).toBe(field)
  })

  test('a mix hash comes back: of the parameters in block 0, of the next validators later', () => {
    for (const number of [0n, 9n]) {
      const named = { ...header, number, mixHash: new Uint8Array(32).fill(7) }
      expect(decodeHeader(encodeHeader(named))).toEqual(named)
    }
  })
})

test('five thousand damaged blocks decode to themselves or to a CodecError', () => {
  const { raw } = sealBlock(header, transactions)
  let accepted = 0
  for (let seed = 0; seed < 5000; seed++) {
    const from = seededRandom(seed)
    let damaged: Uint8Array = raw.slice()
    for (let i = from.below(3); i > 0; i--) damaged[from.below(damaged.length)] = from.below(256)
    if (from.below(5) === 0) damaged = damaged.subarray(0, from.below(damaged.length))
    if (from.below(10) === 0) damaged = concatBytes(damaged, from.bytes(from.below(3)))
    try {
      const block = decodeBlock(damaged)
      accepted++
      expect(toHex(sealBlock(block.header, block.transactions).raw), `seed ${seed}`).toBe(toHex(damaged))
    } catch (error) {
      expect(error, `seed ${seed}`).toBeInstanceOf(CodecError)
    }
  }
  expect(accepted).toBeGreaterThan(500)
})
