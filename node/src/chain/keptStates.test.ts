import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { listLogger } from '../../testing/logger.ts'
import { keyOf } from '../codec/bytes.ts'
import { createAddress } from '../execution/contractAddress.ts'
import { genesisRootOf } from '../execution/dev/devStorage.ts'
import { encodeInitCode } from '../execution/initCode.ts'
import { ARB_WASM_CACHE_ADDRESS } from '../execution/native/arbitrum/addresses.ts'
import { command, PUPPET_CODE } from '../execution/testing/puppet.ts'
import type { KeyValueStore, StoreOperation } from '../runtime/keyValueStore.ts'
import { createMemoryStore } from '../runtime/memoryStore.ts'
import { openState as openStateAt } from '../state/journaledState.ts'
import { placesOf } from '../state/places.ts'
import { storedNodesBelow } from '../trie/scan.ts'
import type { SenderTransaction } from '../types/transaction.ts'
import { type Chain, openChain } from './chain.ts'
import { answerQuery } from './chainQueries.ts'
import type { ChainDatabase } from './database.ts'
import { encodeFormat } from './records.ts'
import { allNodes, allPinnedNodes, keys, nodeCounts } from './schema.ts'
import { devGenesis, operate } from './testing/devFixtures.ts'
import {
  accounts,
  appendBlock,
  certificateOf,
  genesis,
  request,
  sendersOf,
  stranger,
  transaction,
} from './testing/fixtures.ts'
import { startChainWorker } from './worker/client.ts'

const directories: string[] = []
afterAll(() => {
  for (const directory of directories) rmSync(directory, { recursive: true, force: true })
})

const puppet = createAddress(accounts[0]!.address, 0n)
const pruned = { name: 'ChainError', code: 'state-pruned' }

/** A contract, then blocks that write to it. */
async function grow(chain: Parameters<typeof appendBlock>[0], from: number, to: number): Promise<void> {
  for (let number = from; number <= to; number++) {
    const deploys = { to: null, value: 0n, data: encodeInitCode(PUPPET_CODE, null), gasLimit: 10_000_000n }
    const writes = {
      to: puppet,
      value: 0n,
      data: command.store(BigInt(number % 3), BigInt(number)),
      gasLimit: 1_000_000n,
    }
    await appendBlock(chain, [transaction(0, number - 1, number === 1 ? deploys : writes), transaction(1, number - 1)])
  }
}

const open = (store: KeyValueStore, keepStates: number | null) =>
  openChain({ store, genesis, engine: 'reference', keepStates })

async function keysIn(store: KeyValueStore, span: typeof allNodes): Promise<string[]> {
  const found: string[] = []
  for await (const [key] of store.range(span)) found.push(keyOf(key))
  return found
}

/** Of the accounts, of the contract and of the warm codes, in the states from a block on. */
function nodesFrom({ database, head }: Chain, from: bigint): string[] {
  const found = new Set<string>()
  for (let number = from; number <= head.header.number; number++) {
    const state = chainState(database, number)
    for (const root of state) for (const [hash] of storedNodesBelow(database, root)) found.add(keyOf(keys.node(hash)))
  }
  return [...found].sort()
}

function chainState(database: ChainDatabase, number: bigint): Uint8Array[] {
  const { stateRoot } = database.header(number)!.header
  const chain = { root: stateRoot, nodes: database, codes: database }
  const state = openStateAt(chain)
  const roots = [puppet, ARB_WASM_CACHE_ADDRESS].map((address) => state.account(address)?.storageRoot)
  return [stateRoot, ...roots.filter((root) => root !== undefined)]
}

describe('a chain that keeps the states of five blocks', () => {
  test('answers for these, and says of every question about an older one what it keeps', async () => {
    const store = createMemoryStore()
    const chain = await open(store, 5)
    await grow(chain, 1, 12)
    await chain.pruneStates()
    expect(chain.states.oldest).toBe(8n)
    expect(await keysIn(store, allNodes)).toEqual(nodesFrom(chain, 8n))
    const who = accounts[0]!.address
    expect((await answerQuery(chain, 'account', [who, { number: 8n }]))!.nonce).toBe(8n)
    const old = { number: 7n }
    const call = { from: who, to: stranger, value: 0n, data: new Uint8Array(0) }
    const questions = [
      () => answerQuery(chain, 'account', [who, old]),
      () => answerQuery(chain, 'code', [puppet, old]),
      () => answerQuery(chain, 'storage', [puppet, new Uint8Array(32), old]),
      () => answerQuery(chain, 'proof', [who, [], old]),
      () => answerQuery(chain, 'validatorsAfter', [old]),
      () => answerQuery(chain, 'call', [call, old, []]),
      () => answerQuery(chain, 'estimateGas', [call, old, []]),
      () => answerQuery(chain, 'createAccessList', [call, old, []]),
      () => answerQuery(chain, 'executionWitness', [{ number: 8n }, 1_000_000]),
      () => answerQuery(chain, 'storageRange', [{ number: 8n }, 0, puppet, new Uint8Array(32), 10]),
    ]
    for (const question of questions) await expect(question()).rejects.toMatchObject(pruned)
    await expect(questions[0]!()).rejects.toThrow(
      'missing trie node: historical state is not available, that of block 7 was pruned: this node has the states from block 8 on; ' +
        'ask one that keeps all of them, which is one started with --archive',
    )
    // What is no state is still there.
    expect((await answerQuery(chain, 'receipts', [old]))!.receipts).toHaveLength(2)
    expect((await answerQuery(chain, 'block', [{ number: 1n }]))!.block.transactions).toHaveLength(2)
    expect((await answerQuery(chain, 'executionWitness', [{ number: 9n }, 1_000_000])).nodes.length).toBeGreaterThan(0)
    // And after a start, which looks at the roots of the states that should be there.
    const again = await open(store, 5)
    expect(again.states.oldest).toBe(8n)
    await grow(again, 13, 14)
  })

  test('is one that kept all, and one that keeps all goes on from it', async () => {
    const store = createMemoryStore()
    await grow(await open(store, null), 1, 12)
    const few = await open(store, 5)
    await few.pruneStates()
    expect([few.states.oldest, await keysIn(store, allNodes)]).toEqual([8n, nodesFrom(few, 8n)])
    const all = await open(store, null)
    await grow(all, 13, 50)
    await all.pruneStates()
    expect([all.states.oldest, await keysIn(store, allNodes)]).toEqual([8n, nodesFrom(all, 8n)])
  })
})

describe('a database of layout 2, whose nodes nobody counted', () => {
  const old = async (): Promise<KeyValueStore> => {
    const store = createMemoryStore()
    const chain = await open(store, null)
    await grow(chain, 1, 9)
    const operations: StoreOperation[] = [{ type: 'del', key: keys.states }]
    for await (const [key] of store.range(nodeCounts)) operations.push({ type: 'del', key })
    const format = encodeFormat({ version: 2, genesisHash: chain.genesisHash })
    await store.batch([...operations, { type: 'put', key: keys.format, value: format }], { sync: true })
    return store
  }

  test('stays as it is where all states are kept', async () => {
    const store = await old()
    const chain = await open(store, null)
    await grow(chain, 10, 12)
    expect(chain.database.format()!.version).toBe(2)
    expect(await keysIn(store, nodeCounts)).toEqual([])
    expect((await answerQuery(chain, 'account', [accounts[0]!.address, { number: 1n }]))!.nonce).toBe(1n)
  })

  test('is counted once where they are not, wherever that is cut off, and then is as any other', async () => {
    for (let cut = 0, done = false; !done; cut++) {
      const disk = await old()
      let writes = 0
      const failing: KeyValueStore = {
        ...disk,
        batch: (operations, options) =>
          writes++ < cut ? disk.batch(operations, options) : Promise.reject(new Error('the machine stopped')),
      }
      const first = await open(failing, 3).catch((error: Error) => error.message)
      done = typeof first !== 'string'
      // Also where the next start would keep all: what was begun cannot be left.
      const chain = await open(disk, null)
      if (cut > 0) expect(chain.states.oldest).toBe(9n)
      else expect(chain.states.oldest).toBe(0n)
      const few = await open(disk, 3)
      expect([few.database.format()!.version, few.states.oldest]).toEqual([4, 9n])
      expect(await keysIn(disk, allNodes)).toEqual(nodesFrom(few, 9n))
      await grow(few, 10, 16)
      await few.pruneStates()
      expect([few.states.oldest, await keysIn(disk, allNodes)]).toEqual([14n, nodesFrom(few, 14n)])
    }
  })
})

describe('chains in dev mode that keep other states each', () => {
  const of = devGenesis
  const balanceOf = (chain: Chain) => chain.stateAt(chain.head.header).balance(stranger)
  const give = (balance: bigint) => operate({ kind: 'setBalance', address: stranger, balance })

  test('go back to a snapshot whose block is long gone, after a start, and to the genesis, alike', async () => {
    const stores = [createMemoryStore(), createMemoryStore(), createMemoryStore(), createMemoryStore()]
    const openAll = () =>
      Promise.all(
        [2, 3, 17, null].map((keepStates, index) =>
          openChain({ store: stores[index]!, genesis: of, engine: 'reference', keepStates }),
        ),
      )
    let chains = await openAll()
    /** The first builds, the others execute it, and all come to one root. */
    const append = async (...offered: readonly SenderTransaction[]) => {
      const [first, ...others] = chains as [Chain, ...Chain[]]
      const { block } = first.build(request(first.head, offered))
      const senders = sendersOf(block, offered)
      for (const other of others) expect(other.validate(block, senders)).toEqual({ ok: true })
      const events = await Promise.all(chains.map((chain) => chain.finalize(block, certificateOf(block), senders)))
      expect(events[0]!.receipts.every(({ receipt }) => receipt.status === 1)).toBe(true)
    }
    const grow = async (blocks: number) => {
      for (let block = 1; block <= blocks; block++) await append(give(BigInt(1_000 + block)))
      for (const chain of chains) await chain.pruneStates()
    }
    await append(give(11n))
    await append(operate({ kind: 'snapshot' }))
    await grow(5)
    await append(give(22n))
    await append(operate({ kind: 'snapshot' }))
    await grow(30)
    expect(chains.map(({ states, head }) => head.header.number - states.oldest)).toEqual([1n, 2n, 16n, 39n])
    chains = await openAll()
    await append(operate({ kind: 'goBack', id: 2n }))
    expect(chains.map(balanceOf)).toEqual([22n, 22n, 22n, 22n])
    await grow(20)
    chains = await openAll()
    await append(operate({ kind: 'goBack', id: 1n }))
    expect(chains.map(balanceOf)).toEqual([11n, 11n, 11n, 11n])
    await grow(20)
    await append(operate({ kind: 'goBack', id: 0n }))
    expect(chains.map(balanceOf)).toEqual([0n, 0n, 0n, 0n])
    await grow(20)
    // Used up, and gone.
    expect(await Promise.all(stores.slice(0, 3).map((store) => keysIn(store, allPinnedNodes)))).toEqual([[], [], []])
    const counts = await Promise.all(stores.map(async (store) => (await keysIn(store, allNodes)).length))
    expect(counts[0]).toBeLessThan(counts[3]! / 4)
    // What is there is the kept states and the one that a reset goes back to.
    const [few] = chains as [Chain]
    const roots = [few.head.header.stateRoot, few.database.header(few.head.header.number - 1n)!.header.stateRoot]
    const places = [...roots, genesisRootOf(few.stateAt(few.head.header))].flatMap((root) => [
      ...placesOf(few.database, root),
    ])
    expect(await keysIn(stores[0]!, allNodes)).toEqual(
      [...new Set(places.map((hash) => keyOf(keys.node(hash))))].sort(),
    )
  })

  test('are also those of layout 3, where no node was counted', async () => {
    const store = createMemoryStore()
    const archive = await openChain({ store, genesis: of, engine: 'reference', keepStates: null })
    await appendBlock(archive, [give(11n)])
    await appendBlock(archive, [operate({ kind: 'snapshot' })])
    for (let block = 1; block <= 5; block++) await appendBlock(archive, [give(BigInt(1_000 + block))])
    const operations: StoreOperation[] = [{ type: 'del', key: keys.states }]
    for await (const [key] of store.range(nodeCounts)) operations.push({ type: 'del', key })
    const format = encodeFormat({ version: 3, genesisHash: archive.genesisHash })
    await store.batch([...operations, { type: 'put', key: keys.format, value: format }], { sync: true })
    const chain = await openChain({ store, genesis: of, engine: 'reference', keepStates: 2 })
    expect([chain.database.format()!.version, chain.states.oldest]).toEqual([4, 7n])
    for (let block = 1; block <= 5; block++) await appendBlock(chain, [give(BigInt(2_000 + block))])
    await chain.pruneStates()
    expect(chain.states.oldest).toBe(11n)
    await appendBlock(chain, [operate({ kind: 'goBack', id: 1n })])
    expect(balanceOf(chain)).toBe(11n)
    await appendBlock(chain, [operate({ kind: 'goBack', id: 0n })])
    expect(balanceOf(chain)).toBe(0n)
  })
})

test('the execution worker and the threads for calls refuse it too, with the same words', async () => {
  const dataDir = mkdtempSync(join(tmpdir(), 'touchstone-kept-states-'))
  directories.push(dataDir)
  const logger = listLogger([])
  const failed = (error: Error) => expect.fail(error.message)
  const chain = await startChainWorker({
    genesis,
    dataDir,
    engine: 'reference',
    logger,
    keepStates: 2,
    onFatal: failed,
  })
  try {
    await grow(chain, 1, 40)
    await expect.poll(() => chain.states().oldest).toBeGreaterThan(5n)
    const at = { number: chain.states().oldest - 1n }
    const call = { from: stranger, to: puppet, value: 0n, data: new Uint8Array(0) }
    await expect(chain.account(stranger, at)).rejects.toMatchObject(pruned)
    await expect(chain.call(null, call, at, [])).rejects.toMatchObject(pruned)
    await expect(chain.traceBlock(null, { number: at.number + 1n }, { steps: null } as never)).rejects.toMatchObject(
      pruned,
    )
    expect(chain.states().letGo).toBeGreaterThan(20)
  } finally {
    await chain.close()
  }
})
