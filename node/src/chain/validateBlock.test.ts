import { beforeAll, describe, expect, test } from 'vitest'
import { nextHeader } from '../execution/dev/nextHeader.ts'
import { createMemoryStore } from '../runtime/memoryStore.ts'
import type { Block } from '../types/block.ts'
import { sealBlock } from '../types/blockCodec.ts'
import type { Header } from '../types/header.ts'
import type { SenderTransaction } from '../types/transaction.ts'
import { type Chain, openChain } from './chain.ts'
import { accounts, appendBlock, GWEI, genesis, request, stranger, transaction } from './testing/fixtures.ts'
import { staticFault } from './validateBlock.ts'
import { validatorFields } from './validatorSets.ts'

const offered: readonly SenderTransaction[] = [transaction(1, 0), transaction(2, 0)]
const senders = offered.map(({ sender }) => sender)
let chain: Chain
let valid: Block

beforeAll(async () => {
  chain = await openChain({ store: createMemoryStore(), genesis, engine: 'reference' })
  await appendBlock(chain, [transaction(0, 0)])
  const builder = await openChain({ store: createMemoryStore(), genesis, engine: 'reference' })
  await appendBlock(builder, [transaction(0, 0)])
  valid = builder.build(request(builder.head, offered)).block
})

const flipped = (bytes: Uint8Array) => bytes.map((byte, index) => (index === 0 ? byte ^ 1 : byte))
const changed = (change: (header: Header) => Partial<Header>, transactions = valid.transactions) =>
  sealBlock({ ...valid.header, ...change(valid.header) }, transactions)

/** The block changed in one way, and how the reason begins. */
const faults: readonly [string, () => Block, string | RegExp][] = [
  ['number', () => changed(({ number }) => ({ number: number + 1n })), 'number: header 3, expected 2'],
  [
    'parent',
    () => changed(({ parentHash }) => ({ parentHash: flipped(parentHash) })),
    /^parent hash: header 0x.*, expected 0x/,
  ],
  [
    'timestamp',
    () => changed(() => ({ timestamp: genesis.timestamp })),
    /^timestamp: header 1700000000, the parent's is 1700000001$/,
  ],
  ['ommers', () => changed(({ ommersHash }) => ({ ommersHash: flipped(ommersHash) })), /^ommers hash: header/],
  ['miner', () => changed(() => ({ miner: new Uint8Array(19) })), 'miner: 19 bytes, expected 20'],
  ['difficulty', () => changed(() => ({ difficulty: 1n })), 'difficulty: header 1, expected 0'],
  [
    'gas limit',
    () => changed(({ gasLimit }) => ({ gasLimit: gasLimit + 1n })),
    'gas limit: header 30000001, expected 30000000',
  ],
  [
    'gas over the limit',
    () => changed(() => ({ gasUsed: 30_000_001n })),
    'gas used: 30000001 is over the limit 30000000',
  ],
  [
    'extra data',
    () => changed(({ extraData }) => ({ extraData: flipped(extraData) })),
    /^extra data \(hash of the validator set\): header/,
  ],
  ['mix hash', () => changed(({ mixHash }) => ({ mixHash: flipped(mixHash) })), /^mix hash: header/],
  [
    'nonce',
    () => changed(({ nonce }) => ({ nonce: flipped(nonce) })),
    /^nonce: header 0x0100000000000000, expected 0x0000000000000000$/,
  ],
  ['base fee', () => changed(({ baseFeePerGas }) => ({ baseFeePerGas: baseFeePerGas + 1n })), /^base fee: header/],
  ['transactions root', () => changed(() => ({}), valid.transactions.slice(0, 1)), /^(senders|transactions root)/],
  [
    'transactions in another order',
    () => changed(() => ({}), valid.transactions.toReversed()),
    /^transactions root: header 0x.*, ours 0x/,
  ],
  ['gas used', () => changed(({ gasUsed }) => ({ gasUsed: gasUsed - 1n })), 'gas used: header 41999, ours 42000'],
  ['logs bloom', () => changed(({ logsBloom }) => ({ logsBloom: flipped(logsBloom) })), /^logs bloom: header 0x01/],
  [
    'receipts root',
    () => changed(({ receiptsRoot }) => ({ receiptsRoot: flipped(receiptsRoot) })),
    /^receipts root: header 0x.*, ours 0x/,
  ],
  [
    'state root',
    () => changed(({ stateRoot }) => ({ stateRoot: flipped(stateRoot) })),
    /^state root: header 0x.*, ours 0x/,
  ],
  ['hash', () => ({ ...valid, hash: flipped(valid.hash) }), /^block hash: header/],
]

describe('validation', () => {
  test.each(faults)('refuses a wrong %s and says both values', (_, block, reason) => {
    expect(chain.validate(block(), senders)).toEqual({
      ok: false,
      reason: typeof reason === 'string' ? reason : expect.stringMatching(reason),
    })
  })

  test('refuses missing senders', () => {
    expect(chain.validate(valid, senders.slice(1))).toEqual({ ok: false, reason: 'senders: 1 for 2 transactions' })
  })

  test.each([
    [
      'a nonce gap',
      [transaction(1, 1)],
      /^transaction 0 cannot be included: nonce too high: next nonce 0, tx nonce 1$/,
    ],
    [
      'a nonce used twice',
      [transaction(1, 0), transaction(1, 0, { value: 2n })],
      /^transaction 1 cannot be included: nonce too low/,
    ],
    [
      'more gas than the block has',
      [transaction(1, 0), transaction(2, 0, { gasLimit: 30_000_000n })],
      /^transaction 1 cannot be included: gas limit reached/,
    ],
    [
      'a fee below the base fee',
      [transaction(1, 0, { maxFeePerGas: GWEI / 2n, maxPriorityFeePerGas: 0n })],
      /^transaction 0 cannot be included: max fee per gas less than block base fee/,
    ],
    [
      'another chain’s transaction',
      [transaction(1, 0, { chainId: 1n })],
      /^transaction 0 cannot be included: invalid chain id for signer/,
    ],
  ] as const)('refuses %s', async (_, transactions, reason) => {
    const { orderedTrieRoot } = await import('../trie/orderedTrie.ts')
    const transactionsRoot = orderedTrieRoot(transactions.map(({ raw }) => raw))
    const block = changed(() => ({ transactionsRoot }), [...transactions])
    const outcome = chain.validate(
      block,
      transactions.map(({ sender }) => sender),
    )
    expect(outcome).toEqual({ ok: false, reason: expect.stringMatching(reason) })
  })

  test('compares the transactions root unless the caller has done so', () => {
    const block = changed(() => ({}), valid.transactions.toReversed())
    const next = nextHeader(chain.head.header, genesis, null)
    const fields = validatorFields(null, genesis, block.header.number)
    const fault = (hasItsRoot?: boolean) => staticFault(block, senders, chain.head, next, fields, hasItsRoot)
    expect([fault(), fault(false), fault(true)]).toEqual([
      expect.stringMatching(/^transactions root/),
      expect.stringMatching(/^transactions root/),
      null,
    ])
  })

  test('refuses a block over the size limit before executing it', async () => {
    const data = new Uint8Array(1_050_000)
    const large = [1, 2].map((from) => transaction(from, 0, { data }))
    const outcome = chain.validate(sealBlock(valid.header, large), senders)
    expect(outcome).toEqual({
      ok: false,
      reason: expect.stringMatching(/^size: \d+ bytes, at most 2097152 are allowed$/),
    })
  })

  test('leaves no trace of what it refused: the right block is still right, and the state as it was', () => {
    expect(chain.stateAt(chain.head.header).balance(stranger)).toBe(1n)
    expect(chain.stateAt(chain.head.header).nonce(accounts[1]!.address)).toBe(0n)
    expect(chain.validate(valid, senders)).toEqual({ ok: true })
    expect(chain.stateAt(chain.head.header).balance(stranger)).toBe(1n)
  })
})
