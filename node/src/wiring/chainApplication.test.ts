/**
 * Blocks as a proposer makes them, by pool and chain together: filled by the gas that transactions use, whatever their
 * limits say.
 */
import { describe, expect, it, test } from 'vitest'
import { listLogger } from '../../testing/logger.ts'
import { manualClock } from '../../testing/manualClock.ts'
import type { ChainService } from '../chain/chainService.ts'
import { createInProcessChain } from '../chain/inProcessChain.ts'
import {
  accounts,
  certificateOf,
  genesis as defaultGenesis,
  ETHER,
  GWEI,
  transaction,
} from '../chain/testing/fixtures.ts'
import { keyOf } from '../codec/bytes.ts'
import { chainBlockForm } from '../consensus/proposals/blockForm.ts'
import { TRANSACTION_GAS } from '../execution/fees.ts'
import { createMemoryStore } from '../runtime/memoryStore.ts'
import type { SignatureRecoverer } from '../runtime/recovery/signatureRecovery.ts'
import { openTxPool } from '../txpool/txPool.ts'
import type { Block } from '../types/block.ts'
import { decodeBlock } from '../types/blockCodec.ts'
import type { SenderTransaction } from '../types/transaction.ts'
import { createChainApplication } from './chainApplication.ts'

const GAS_LIMIT = 100n * TRANSACTION_GAS
const genesis = {
  ...defaultGenesis,
  gasLimit: GAS_LIMIT,
  alloc: accounts.map(({ address }) => ({ address, balance: 10_000n * ETHER })),
}
const miner = new Uint8Array(20).fill(0xee)
type Fields = Parameters<typeof transaction>[2]

async function proposer(baseFeePerGas = defaultGenesis.baseFeePerGas) {
  const senders = new Map<string, Uint8Array>()
  const recoverer: SignatureRecoverer = {
    recover: async (transactions) => transactions.map(({ hash }) => senders.get(keyOf(hash)) ?? null),
    settled() {},
    async close() {},
  }
  const clock = manualClock()
  const chain = await createInProcessChain({
    store: createMemoryStore(),
    genesis: { ...genesis, baseFeePerGas },
    engine: 'reference',
  })
  const txpool = openTxPool({ chain, recoverer, clock, logger: listLogger([]) })
  const applicationOf = (on: ChainService) =>
    createChainApplication({ chain: on, txpool, recoverer, clock, feeRecipient: miner })
  const application = applicationOf(chain)
  const nonces = accounts.map(() => 0)
  const send = async (from: number, fields: Fields): Promise<SenderTransaction> => {
    const tx = transaction(from, nonces[from]!, { to: miner, ...fields })
    nonces[from]! += 1
    senders.set(keyOf(tx.hash), tx.sender)
    expect(await txpool.add(tx.raw, 'peer')).toMatchObject({ ok: true })
    return tx
  }
  const next = async (): Promise<Block> => {
    const block = await application.propose(chain.head().header.number + 1n, 0)
    expect(await application.validate(block)).toEqual({ ok: true })
    await application.finalize(block, certificateOf(block))
    // The pool reads balances anew.
    await clock.advance(0)
    return block
  }
  return { send, next, chain, applicationOf, hasWork: () => application.hasWork() }
}

const has = (block: Block, tx: SenderTransaction) =>
  block.transactions.some(({ hash }) => keyOf(hash) === keyOf(tx.hash))
const tip = (gwei: bigint) => ({ maxPriorityFeePerGas: gwei * GWEI, maxFeePerGas: (gwei + 4n) * GWEI })

test('only a block that consensus has assembled is not held against its transactions root again', async () => {
  const { chain, send, next, applicationOf } = await proposer()
  await send(0, tip(1n))
  const block = await next()
  const told: (boolean | undefined)[] = []
  const validate: ChainService['validate'] = async (_block, _senders, hasItsRoot) => {
    told.push(hasItsRoot)
    return { ok: true }
  }
  const application = applicationOf({ ...chain, validate })
  const assembled = chainBlockForm.assemble(chainBlockForm.head(block), block.transactions)
  for (const one of [assembled, { ...assembled }, block, decodeBlock(block.raw)]) await application.validate(one)
  expect(told).toEqual([true, false, false, false])
})

describe('what waits for a lower base fee', () => {
  const fill = async ({ send }: Awaited<ReturnType<typeof proposer>>, maxFeePerGas: bigint) => {
    for (let index = 0; index < 101; index++) await send(index % 4, { maxFeePerGas, maxPriorityFeePerGas: 0n })
  }

  it('asks for the empty blocks that bring it down', async () => {
    const chain = await proposer(9n)
    await fill(chain, 9n)
    expect((await chain.next()).transactions).toHaveLength(100)
    expect(chain.hasWork()).toBe(true)
    expect((await chain.next()).transactions).toHaveLength(0)
    expect((await chain.next()).transactions).toHaveLength(1)
    expect(chain.hasWork()).toBe(false)
  })

  it('asks for none where it never comes down that far', async () => {
    for (const baseFee of [0n, 6n]) {
      const chain = await proposer(baseFee)
      await fill(chain, baseFee)
      expect((await chain.next()).transactions).toHaveLength(100)
      expect(chain.hasWork()).toBe(false)
      await chain.send(1, { maxFeePerGas: baseFee + 1n, maxPriorityFeePerGas: 0n })
      expect(chain.hasWork()).toBe(true)
    }
  })
})

describe('a block', () => {
  it('has the honest transaction behind 200 that reserve all of it and use 21 000 each, and has one of those a block', async () => {
    const { send, next } = await proposer()
    const stuffing = { gasLimit: GAS_LIMIT, ...tip(2n) }
    const stuffed: SenderTransaction[] = []
    for (let index = 0; index < 200; index++) stuffed.push(await send(index % 2, stuffing))
    for (let height = 1; height <= 3; height++) {
      const honest = await send(3, tip(1n))
      const block = await next()
      expect(has(block, honest)).toBe(true)
      expect(block.transactions).toHaveLength(2)
      // Best-paying first, as long as it fits.
      expect(keyOf(block.transactions[0]!.hash)).toBe(keyOf(stuffed[height - 1]!.hash))
    }
  })

  it('is full of what reserves five times what it uses, and the base fee follows', async () => {
    const { send, next, chain } = await proposer()
    for (let index = 0; index < 250; index++) await send(index % 4, { gasLimit: 5n * TRANSACTION_GAS, ...tip(1n) })
    const fees = [chain.genesis.baseFeePerGas]
    for (const used of [96n, 96n, 58n]) {
      const { header } = await next()
      // The fifth of the last four is over what is left.
      expect(header.gasUsed).toBe(used * TRANSACTION_GAS)
      fees.push(header.baseFeePerGas)
    }
    const empty = await next()
    fees.push(empty.header.baseFeePerGas)
    // EIP-1559 by hand: an eighth of the part by which 96, 96 and 58 of 100 are over 50.
    const after = (fee: bigint, used: bigint) => fee + (fee * (used - 50n)) / 50n / 8n
    expect(fees.slice(1)).toEqual([GWEI, after(GWEI, 96n), after(after(GWEI, 96n), 96n), after(fees[3]!, 58n)])
  })

  it('is full of honest transfers behind one that uses a third of it and others that then do not fit', async () => {
    const { send, next } = await proposer()
    // Code that no account may hold: all of its gas is used.
    const burner = await send(0, { to: null, data: Uint8Array.of(0xfe), gasLimit: GAS_LIMIT / 3n, ...tip(9n) })
    for (let index = 0; index < 40; index++) await send(1, { gasLimit: GAS_LIMIT - TRANSACTION_GAS - 1n, ...tip(8n) })
    for (let index = 0; index < 100; index++) await send(2 + (index % 2), tip(1n))
    const block = await next()
    expect(has(block, burner)).toBe(true)
    expect(block.transactions).toHaveLength(1 + 66)
    expect(GAS_LIMIT - block.header.gasUsed).toBeLessThan(2n * TRANSACTION_GAS)
  })
})
