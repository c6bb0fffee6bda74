/** Whatever stops a node while it commits: the next start finds the block whole, or not at all. */
import { spawn } from 'node:child_process'
import { cpSync, mkdtempSync, readdirSync, rmSync, statSync, truncateSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, describe, expect, test } from 'vitest'
import { expectNodesOfKept } from '../../test/faults/support/wholeChain.ts'
import { keyOf } from '../codec/bytes.ts'
import { createAddress } from '../execution/contractAddress.ts'
import { encodeInitCode } from '../execution/initCode.ts'
import { command, PUPPET_CODE } from '../execution/testing/puppet.ts'
import type { KeyValueStore } from '../runtime/keyValueStore.ts'
import { openLevelStore } from '../runtime/levelStore.ts'
import { createMemoryStore } from '../runtime/memoryStore.ts'
import { SecureTrie } from '../trie/secureTrie.ts'
import { Trie } from '../trie/trie.ts'
import { type Chain, openChain } from './chain.ts'
import { receiptsAt, transactionByHash } from './queries.ts'
import { accounts, appendBlock, certificateOf, genesis, request, stranger, transaction } from './testing/fixtures.ts'

const root = mkdtempSync(join(tmpdir(), 'touchstone-crash-'))
afterAll(() => rmSync(root, { recursive: true, force: true }))

const open = (store: KeyValueStore) => openChain({ store, genesis, engine: 'reference' })
const deployer = accounts[0]!.address
const puppet = createAddress(deployer, 0n)

/** Blocks 1 to 4: a contract, its storage, transfers, a slot that goes. */
function transactionsOf(number: number) {
  const data = number === 4 ? command.store(1n, 0n) : command.store(BigInt(number), 99n)
  const target =
    number === 1
      ? { to: null, value: 0n, data: encodeInitCode(PUPPET_CODE, null), gasLimit: 10_000_000n }
      : { to: puppet, value: 0n, data, gasLimit: 1_000_000n }
  return [transaction(0, number - 1, target), transaction(1, number - 1)]
}

/** Every record a whole block has is there, and the flat tables say what the trie says. */
function expectWhole(chain: Chain): void {
  const { database, head } = chain
  const block = database.block(head.header.number)!
  expect(block.hash).toEqual(head.hash)
  expect(receiptsAt(chain, 'latest')!.receipts.length).toBe(block.transactions.length)
  for (const { hash } of block.transactions) expect(transactionByHash(chain, hash)?.blockHash).toEqual(head.hash)
  const byFlat = chain.stateAt(head.header)
  for (const address of [deployer, accounts[1]!.address, stranger, puppet]) {
    expect(database.flat.account(address)).toEqual(trieAccount(chain, address))
    expect(byFlat.nonce(address)).toBeGreaterThanOrEqual(0n)
  }
}

/** The account as the trie at the head has it. */
function trieAccount(chain: Chain, address: Uint8Array): Uint8Array | undefined {
  return new SecureTrie(new Trie(chain.database, chain.head.header.stateRoot)).get(address) ?? undefined
}

/** A store that fails like a machine: from some point on nothing is written any more, and the writer learns of an error. */
function failingStore(inner: KeyValueStore, allowedBatches: number, applied: boolean): KeyValueStore {
  let batches = 0
  return {
    ...inner,
    async batch(operations, options) {
      if (batches++ < allowedBatches) return inner.batch(operations, options)
      // The machine stops before the write, or after it but before the writer hears of it.
      if (applied) await inner.batch(operations, options)
      throw new Error('the machine stopped')
    },
  }
}

describe('a commit that is cut off', () => {
  // Batch 0 is block 0; every commit is one batch more.
  for (let cut = 0; cut <= 4; cut++) {
    for (const applied of [false, true]) {
      test(`at the write of block ${cut}, ${applied ? 'after' : 'before'} it is on disk`, async () => {
        const disk = createMemoryStore()
        const running = async () => {
          const chain = await open(failingStore(disk, cut, applied))
          for (let number = 1; number <= 4; number++) await appendBlock(chain, transactionsOf(number))
        }
        await expect(running()).rejects.toThrow('the machine stopped')

        const chain = await open(disk)
        const expected = cut === 0 ? 0 : applied ? cut : cut - 1
        expect(chain.head.header.number).toBe(BigInt(expected))
        expectWhole(chain)
        for (let number = expected + 1; number <= 4; number++) await appendBlock(chain, transactionsOf(number))
        expect(keyOf(chain.head.hash)).toBe(await hashWithoutCrash())
        expectWhole(chain)
      })
    }
  }

  test('leaves a chain in memory that still answers for its head', async () => {
    const disk = createMemoryStore()
    const chain = await open(failingStore(disk, 2, false))
    await appendBlock(chain, transactionsOf(1))
    const { block } = chain.build(request(chain.head, transactionsOf(2)))
    await expect(chain.finalize(block, certificateOf(block), [])).rejects.toThrow('the machine stopped')
    expect(chain.head.header.number).toBe(1n)
    expect(chain.stateAt(chain.head.header).nonce(deployer)).toBe(1n)
  })
})

let expectedHash: Promise<string> | null = null
function hashWithoutCrash(): Promise<string> {
  expectedHash ??= (async () => {
    const chain = await open(createMemoryStore())
    for (let number = 1; number <= 4; number++) await appendBlock(chain, transactionsOf(number))
    return keyOf(chain.head.hash)
  })()
  return expectedHash
}

describe('while a commit is on its way to the disk', () => {
  test('reads see the block before it, whole, whatever is written already', async () => {
    const disk = createMemoryStore()
    let during: (() => void) | null = null
    const chain = await open({
      ...disk,
      async batch(operations, options) {
        await disk.batch(operations, options)
        during?.()
      },
    })
    await appendBlock(chain, transactionsOf(1))
    const { block } = chain.build(request(chain.head, transactionsOf(2)))
    let seen = 0
    during = () => {
      seen++
      expect(chain.head.header.number).toBe(1n)
      expect(chain.stateAt(chain.head.header).nonce(deployer)).toBe(1n)
      expect(chain.stateAt(chain.head.header).balance(stranger)).toBe(1n)
      expect(transactionByHash(chain, block.transactions[0]!.hash)).toBeNull()
      expect(receiptsAt(chain, { number: 2n })).toBeNull()
    }
    await chain.finalize(block, certificateOf(block), [])
    expect(seen).toBe(1)
    expect(chain.stateAt(chain.head.header).nonce(deployer)).toBe(2n)
  })
})

describe('LevelDB', () => {
  test('a log torn at any byte gives a whole chain up to some block', async () => {
    const directory = join(root, 'torn')
    const chain = await open(await openLevelStore(directory))
    const heads = [0n]
    for (let number = 1; number <= 4; number++) {
      await appendBlock(chain, transactionsOf(number))
      heads.push(BigInt(number))
    }
    const copy = join(root, 'torn copy')
    const log = readdirSync(directory).find((name) => name.endsWith('.log'))!
    const size = statSync(join(directory, log)).size
    // Copied while open, as a crash leaves it: a clean close would not change the log either.
    const found = new Set<bigint>()
    for (let step = 0; step <= 40; step++) {
      rmSync(copy, { recursive: true, force: true })
      cpSync(directory, copy, { recursive: true })
      truncateSync(join(copy, log), Math.floor((size * step) / 40))
      const torn = await open(await openLevelStore(copy))
      expectWhole(torn)
      found.add(torn.head.header.number)
      await torn.close()
    }
    expect([...found].toSorted()).toEqual(heads)
    await chain.close()
  })

  test('a process killed while it commits leaves a chain whose acknowledged blocks are all there', async () => {
    const directory = join(root, 'killed')
    let acknowledged = 0n
    for (const blocks of [3, 6]) {
      acknowledged = await runUntilKilled(directory, blocks)
      const store = await openLevelStore(directory)
      const chain = await openChain({ store, genesis, engine: 'reference', keepStates: 2 })
      expect(chain.states.oldest).toBeGreaterThan(0n)
      expect(chain.head.header.number).toBeGreaterThanOrEqual(acknowledged)
      expectWhole(chain)
      await expectNodesOfKept(chain)
      await chain.close()
    }
    expect(acknowledged).toBeGreaterThan(6n)
  }, 60_000)
})

/** Commits blocks in a process of its own and kills it after it acknowledged so many. Returns the last acknowledged. */
async function runUntilKilled(directory: string, blocks: number): Promise<bigint> {
  const program = fileURLToPath(new URL('./testing/commitForever.ts', import.meta.url))
  const child = spawn(process.execPath, [program, directory], { stdio: ['ignore', 'pipe', 'inherit'] })
  let output = ''
  child.stdout.setEncoding('utf8')
  for await (const chunk of child.stdout) {
    output += chunk
    if (output.split('\n').length > blocks) child.kill('SIGKILL')
  }
  return BigInt(output.split('\n').at(-2)!)
}
