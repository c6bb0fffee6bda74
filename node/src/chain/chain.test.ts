import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { toHex } from '../codec/hex.ts'
import type { KeyValueStore } from '../runtime/keyValueStore.ts'
import { openLevelStore } from '../runtime/levelStore.ts'
import { createMemoryStore } from '../runtime/memoryStore.ts'
import { decodeBlock } from '../types/blockCodec.ts'
import { validatorSetHash } from '../types/genesisCodec.ts'
import { type Chain, openChain } from './chain.ts'
import { createInProcessChain } from './inProcessChain.ts'
import { MAX_BLOCK_BYTES, MAX_CANDIDATES } from './limits.ts'
import {
  accounts,
  appendBlock,
  certificateOf,
  ETHER,
  GWEI,
  genesis,
  miner,
  request,
  sendersOf,
  signed,
  stranger,
  transaction,
} from './testing/fixtures.ts'

const root = mkdtempSync(join(tmpdir(), 'touchstone-chain-'))
let created = 0
afterAll(() => rmSync(root, { recursive: true, force: true }))

const stores: readonly [string, () => Promise<KeyValueStore>][] = [
  ['in memory', async () => createMemoryStore()],
  ['in LevelDB', () => openLevelStore(join(root, String(created++)))],
]

const open = (store: KeyValueStore = createMemoryStore()) => openChain({ store, genesis, engine: 'reference' })
const balance = (chain: Chain, address: Uint8Array) => chain.stateAt(chain.head.header).balance(address)
const hashes = (list: readonly { readonly hash: Uint8Array }[]) => list.map(({ hash }) => toHex(hash))

describe.each(stores)('a chain %s', (_, create) => {
  test('starts with block 0, which is the genesis and nothing else', async () => {
    const chain = await open(await create())
    const { header, hash } = chain.head
    expect(header.number).toBe(0n)
    expect(hash).toEqual(chain.genesisHash)
    expect(header.extraData).toEqual(validatorSetHash(genesis.validators))
    expect(accounts.map(({ address }) => balance(chain, address))).toEqual(Array(4).fill(100n * ETHER))
    await chain.close()
  })

  test('moves value, burns the base fee, tips the proposer, and agrees with a second chain on every root', async () => {
    const chain = await open(await create())
    const transactions = [transaction(0, 0, { value: 5n * ETHER }), transaction(1, 0), transaction(0, 1)]
    const block = await appendBlock(chain, transactions)
    expect(hashes(block.transactions)).toEqual(hashes(transactions))
    expect(block.header.gasUsed).toBe(63_000n)
    expect(block.header.baseFeePerGas).toBe(genesis.baseFeePerGas)
    expect(balance(chain, stranger)).toBe(5n * ETHER + 2n)
    expect(balance(chain, miner)).toBe(63_000n * GWEI)
    expect(balance(chain, accounts[1]!.address)).toBe(100n * ETHER - 1n - 21_000n * 2n * GWEI)

    const second = await open(await create())
    const received = decodeBlock(block.raw)
    expect(second.validate(received, sendersOf(received, transactions))).toEqual({ ok: true })
    await second.finalize(received, certificateOf(received), sendersOf(received, transactions))
    expect(second.head).toEqual(chain.head)
    await chain.close()
    await second.close()
  })

  test('goes on with empty blocks, whose base fee falls, on a state that stays', async () => {
    const chain = await open(await create())
    const first = await appendBlock(chain, [transaction(0, 0)])
    const second = await appendBlock(chain, [])
    expect(second.header.parentHash).toEqual(first.hash)
    expect(second.header.stateRoot).toEqual(first.header.stateRoot)
    expect(second.header.baseFeePerGas).toBeLessThan(first.header.baseFeePerGas)
    await chain.close()
  })
})

describe('building', () => {
  test('skips what cannot run yet, reports what never can, keeps the order of the rest', async () => {
    const chain = await open()
    await appendBlock(chain, [transaction(0, 0)])
    const good = [transaction(1, 0), transaction(2, 0), transaction(1, 1)]
    const offered = [
      good[0]!,
      transaction(0, 0),
      transaction(0, 5),
      transaction(3, 0, { maxFeePerGas: 1n, maxPriorityFeePerGas: 0n }),
      good[1]!,
      transaction(3, 0, { value: 1000n * ETHER }),
      good[2]!,
      transaction(3, 0, { gasLimit: 20_000n }),
      transaction(3, 0, { chainId: 1n }),
    ]
    const { block, rejected } = chain.build(request(chain.head, offered))
    expect(hashes(block.transactions)).toEqual(hashes(good))
    expect(hashes(rejected)).toEqual(hashes([offered[1]!, offered[5]!, offered[7]!, offered[8]!]))
    expect(rejected.map(({ message }) => message)).toEqual([
      'nonce too low: next nonce 1, tx nonce 0',
      expect.stringContaining('insufficient funds for gas * price + value'),
      expect.stringContaining('intrinsic gas too low'),
      expect.stringContaining('invalid chain id for signer'),
    ])
  })

  test('does not report a transaction that only an earlier one of the same block spoils', async () => {
    const chain = await open()
    const { block, rejected } = chain.build(
      request(chain.head, [transaction(0, 0, { value: 99n * ETHER }), transaction(0, 1, { value: 99n * ETHER })]),
    )
    expect(block.transactions.length).toBe(1)
    expect(rejected).toEqual([])
  })

  test('leaves out what does not fit the gas left, and takes what does', async () => {
    const chain = await open()
    const { gasLimit } = genesis
    const { block, rejected } = chain.build(
      request(chain.head, [
        transaction(0, 0),
        transaction(1, 0, { gasLimit }),
        transaction(2, 0, { gasLimit: gasLimit - 21_000n }),
      ]),
    )
    expect(block.transactions.length).toBe(2)
    expect(rejected).toEqual([])
  })

  test('stays under the size limit of a block', async () => {
    const chain = await open()
    const data = new Uint8Array(600_000)
    const offered = [0, 1, 2, 3].map((from) => transaction(from, 0, { data, gasLimit: 6_500_000n }))
    const small = transaction(0, 1)
    const { block } = chain.build(request(chain.head, [...offered, small]))
    expect(hashes(block.transactions)).toEqual(hashes([...offered.slice(0, 3), small]))
    expect(block.raw.length).toBeLessThanOrEqual(MAX_BLOCK_BYTES)
  })

  test('takes all types of transaction', async () => {
    const chain = await open()
    const common = { nonce: 0n, gasLimit: 50_000n, to: stranger, value: 1n, data: new Uint8Array(0) }
    const accessList = [{ address: stranger, storageKeys: [new Uint8Array(32)] }]
    const block = await appendBlock(chain, [
      signed(0, { type: 0, chainId: genesis.chainId, gasPrice: 2n * GWEI, ...common }),
      signed(1, { type: 1, chainId: genesis.chainId, gasPrice: 2n * GWEI, accessList, ...common }),
      transaction(2, 0, { accessList, gasLimit: 50_000n }),
    ])
    expect(block.header.gasUsed).toBe(21_000n + 2n * (21_000n + 2_400n + 1_900n))
  })

  test('raises a timestamp below the parent’s, and refuses a parent that is not the head', async () => {
    const chain = await open()
    const late = { ...request(chain.head, []), timestamp: 5n }
    expect(chain.build(late).block.header.timestamp).toBe(genesis.timestamp)
    const wrong = { ...request(chain.head, []), parentHash: new Uint8Array(32) }
    expect(() => chain.build(wrong)).toThrow(expect.objectContaining({ name: 'ChainError', code: 'unknown-block' }))
  })
})

describe('finalising', () => {
  test('does not execute a block again that was built or validated', async () => {
    const chain = await open()
    const { block } = chain.build(request(chain.head, [transaction(0, 0)]))
    // Without its senders it could not be executed.
    await chain.finalize(block, certificateOf(block), [])
    expect(chain.head.hash).toEqual(block.hash)

    const other = await open()
    const received = decodeBlock(block.raw)
    expect(other.validate(received, [accounts[0]!.address])).toEqual({ ok: true })
    await other.finalize(received, certificateOf(received), [])
    expect(other.head.hash).toEqual(block.hash)
  })

  test('executes a block whose result it dropped, and keeps no more results than the limit', async () => {
    const chain = await open()
    const blocks = Array.from({ length: MAX_CANDIDATES + 1 }, (_, index) => {
      const offered = { ...request(chain.head, [transaction(0, 0)]), timestamp: genesis.timestamp + BigInt(index) }
      return chain.build(offered).block
    })
    const [first, ...kept] = blocks
    expect(chain.candidate(first!.hash)).toBeNull()
    expect(kept.every(({ hash }) => chain.candidate(hash) !== null)).toBe(true)
    await expect(chain.finalize(first!, certificateOf(first!), [])).rejects.toThrow('senders: 0 for 1')
    await chain.finalize(first!, certificateOf(first!), [accounts[0]!.address])
    expect(chain.head.hash).toEqual(first!.hash)
    expect(kept.every(({ hash }) => chain.candidate(hash) === null)).toBe(true)
  })

  test('is idempotent, also for blocks below the head', async () => {
    const chain = await open()
    const block = await appendBlock(chain, [transaction(0, 0)])
    await appendBlock(chain, [])
    expect(await chain.finalize(block, certificateOf(block), [])).toBeNull()
    expect(chain.head.header.number).toBe(2n)
    expect(chain.validate(block, [])).toEqual({ ok: true })
  })

  test('refuses a second block of a height, a gap, another block’s certificate, an invalid block', async () => {
    const chain = await open()
    const { block: rival } = chain.build(request(chain.head, [transaction(1, 0)]))
    const ahead = await open()
    await appendBlock(ahead, [transaction(0, 0)])
    const later = await appendBlock(ahead, [])
    await expect(chain.finalize(later, certificateOf(later), [])).rejects.toMatchObject({ code: 'unknown-block' })
    const { block } = chain.build(request(chain.head, [transaction(0, 0)]))
    await expect(chain.finalize(block, certificateOf(rival), [])).rejects.toThrow('is another block')
    await chain.finalize(block, certificateOf(block), [])
    await expect(chain.finalize(rival, certificateOf(rival), [])).rejects.toThrow('a second block 1 has a certificate')
    const invalid = { ...later, header: { ...later.header, stateRoot: new Uint8Array(32) } }
    await expect(chain.finalize(invalid, certificateOf(invalid), [])).rejects.toThrow('invalid here: ')
    expect(chain.head.hash).toEqual(block.hash)
  })

  test('tells listeners of each block once, in order, after the head moved', async () => {
    const chain = await createInProcessChain({ store: createMemoryStore(), genesis, engine: 'reference' })
    const seen: bigint[] = []
    const stop = chain.onBlock(({ block, receipts }) => {
      expect(chain.head().hash).toEqual(block.hash)
      expect(receipts.length).toBe(block.transactions.length)
      seen.push(block.header.number)
    })
    const first = await appendBlock(chain, [transaction(0, 0)])
    await Promise.all([appendBlock(chain, []), chain.finalize(first, certificateOf(first), [])])
    stop()
    await appendBlock(chain, [])
    expect(seen).toEqual([1n, 2n])
    expect(chain.head().header.number).toBe(3n)
  })
})
