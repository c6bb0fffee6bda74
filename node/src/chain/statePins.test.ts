/** What looking after the states of snapshots costs: reads of nodes, which hold up the thread that executes blocks. */
import { expect, test } from 'vitest'
import { bigintToBytes } from '../codec/bytes.ts'
import { applyOperations, KEPT_ACCOUNTS } from '../execution/dev/applyOperations.ts'
import { DEV_ADDRESS, snapshotSlot } from '../execution/dev/devStorage.ts'
import type { DevOperation } from '../execution/dev/operations.ts'
import type { KeyValueStore } from '../runtime/keyValueStore.ts'
import { createMemoryStore } from '../runtime/memoryStore.ts'
import { openState } from '../state/journaledState.ts'
import type { BlockState } from '../state/state.ts'
import { EMPTY_TRIE_ROOT } from '../types/accountCodec.ts'
import { ChainDatabase } from './database.ts'
import { MAX_NODES_PINNED_AT_ONCE, MAX_STATES_BEHIND } from './limits.ts'
import { countedNodes } from './nodeCounts.ts'
import { allNodes, allPinnedNodes, pinnedPartOf } from './schema.ts'
import { StatePins } from './statePins.ts'
import { StatePruner } from './statePruner.ts'

const addressOf = (account: number) => bigintToBytes(BigInt(account + 1), 20)

/** Blocks of a chain in dev mode, of which nothing is there but their states. */
class Blocks {
  readonly store: KeyValueStore
  /** Of nodes, one by one. */
  reads = 0
  readonly #roots: Uint8Array[] = [EMPTY_TRIE_ROOT]

  constructor() {
    const store = createMemoryStore()
    this.store = {
      ...store,
      get: (key) => {
        if (key[0] === allNodes.from[0]) this.reads += 1
        return store.get(key)
      },
    }
  }

  get head(): bigint {
    return BigInt(this.#roots.length - 1)
  }

  /** After the newest block all are as it is. */
  readonly rootAt = (number: bigint): Uint8Array => this.#roots[Number(number)] ?? this.#roots.at(-1)!

  async append(write: (state: BlockState) => void): Promise<void> {
    const codes = { code: () => undefined }
    const state = openState({ root: this.rootAt(this.head), nodes: new ChainDatabase(this.store, 0), codes })
    write(state)
    state.endTransaction()
    const changes = state.takeChanges()
    await this.store.batch(await countedNodes(this.store, this.head + 1n, changes), { sync: true })
    this.#roots.push(changes.root)
  }

  operate(operation: DevOperation): Promise<void> {
    return this.append((state) => {
      const outcome = applyOperations({ state, gas: 10_000_000n, block: {} as never, config: {} as never }, [operation])
      if (!outcome.ok) throw new Error(outcome.message)
      state.setNonce(DEV_ADDRESS, 1n)
      state.endTransaction()
      if (outcome.backTo !== null) state.goBackTo(outcome.backTo, KEPT_ACCOUNTS)
    })
  }
}

async function pinAll(pins: StatePins, { store, head }: Blocks): Promise<void> {
  for (let number = 0n; number < head; number++) {
    while (pins.isToPin(number)) await store.batch(await pins.pin(number, 256), { sync: true })
  }
}

async function pinned(store: KeyValueStore): Promise<bigint[]> {
  const found = new Set<bigint>()
  for await (const [key] of store.range(allPinnedNodes)) found.add(pinnedPartOf(key).snapshot)
  return [...found]
}

test('of many snapshots two are asked about to find those that go, and none where the account is as it was', async () => {
  const blocks = new Blocks()
  await blocks.append((state) => state.setBalance(addressOf(0), 1n))
  const snapshots = 60
  for (let id = 1; id <= snapshots; id++) await blocks.operate({ kind: 'snapshot' })
  const { store, rootAt } = blocks
  const pins = await StatePins.open({ store, rootAt })
  await pinAll(pins, blocks)
  expect(await pinned(store)).toHaveLength(snapshots)

  const readsOfRelease = async () => {
    blocks.reads = 0
    expect(await pins.release(blocks.head, 256)).toBeNull()
    return blocks.reads
  }
  await blocks.operate({ kind: 'automine', on: false })
  expect(await readsOfRelease()).toBeLessThan(30)
  await blocks.append((state) => state.setBalance(addressOf(1), 1n))
  expect(await readsOfRelease()).toBeLessThan(5)

  // The oldest of too many, and those from the one on that is gone back to.
  await blocks.append((state) => {
    for (const id of [1n, 2n]) state.setStorage(DEV_ADDRESS, snapshotSlot(id), new Uint8Array(32))
  })
  await blocks.operate({ kind: 'goBack', id: 50n })
  for (let more = await pins.release(blocks.head, 256); more !== null; more = await pins.release(blocks.head, 256)) {
    await store.batch(more.operations, { sync: true })
  }
  expect(await pinned(store)).toEqual(Array.from({ length: 47 }, (_, at) => BigInt(at + 3)))
})

test('a block waits for no more nodes to be pinned than limits.ts says', async () => {
  const blocks = new Blocks()
  await blocks.append((state) => {
    for (let account = 0; account < 1_500; account++) state.setBalance(addressOf(account), BigInt(account + 1))
  })
  await blocks.operate({ kind: 'snapshot' })
  const { rootAt } = blocks
  const pins = await StatePins.open({ store: blocks.store, rootAt })
  const readsOfWrites: number[] = []
  const store: KeyValueStore = {
    ...blocks.store,
    async batch(operations, options) {
      if (operations.some(({ key }) => key[0] === allPinnedNodes.from[0])) readsOfWrites.push(blocks.reads)
      blocks.reads = 0
      await blocks.store.batch(operations, options)
    },
  }
  const head = MAX_STATES_BEHIND + 10n
  const pruner = new StatePruner({ store, states: { oldest: 1n, part: 0 }, keep: 1n, head, pins })
  let written = 0
  for (let block = 0; block < 4; block++) {
    await pruner.commit(100_000, async () => {
      written += 1
    })
  }
  await pruner.finish()
  expect(written).toBe(4)
  // Beside them those on the way to the account that says which snapshots there are.
  const most = Math.max(...readsOfWrites)
  expect(most).toBeGreaterThan(MAX_NODES_PINNED_AT_ONCE / 2)
  expect(most).toBeLessThan(MAX_NODES_PINNED_AT_ONCE + 50)
})
