/**
 * States that go, against a model: every state that is kept can be read in full, and the database has the nodes of those
 * states and no other, whatever was written, and wherever the machine stopped in between.
 */
import { type Random, seededRandom } from '@touchstone/vm/testing/random'
import { describe, expect, test } from 'vitest'
import { bigintToBytes, bytesToBigint, keyOf } from '../codec/bytes.ts'
import type { KeyValueStore, StoreOperation } from '../runtime/keyValueStore.ts'
import { createMemoryStore } from '../runtime/memoryStore.ts'
import { openState } from '../state/journaledState.ts'
import type { State } from '../state/state.ts'
import { noNodes } from '../trie/nodeStore.ts'
import { entriesBelow, storedNodesBelow } from '../trie/scan.ts'
import { decodeAccount, EMPTY_TRIE_ROOT } from '../types/accountCodec.ts'
import { put } from './commit.ts'
import { ChainDatabase } from './database.ts'
import type { KeptStates } from './keptStates.ts'
import { MAX_STATES_BEHIND, STATES_PRUNED_TOGETHER } from './limits.ts'
import { countedNodes } from './nodeCounts.ts'
import { encodeHead, encodeStates } from './records.ts'
import { allNodes, type KeySpan, keys, nodeCounts } from './schema.ts'
import { StatePruner } from './statePruner.ts'

const ACCOUNTS = 10
const SLOTS = 8
const codes = { code: () => undefined }
/** Balance and slots of each account that exists. */
type Model = ReadonlyMap<number, { readonly balance: bigint; readonly slots: ReadonlyMap<number, bigint> }>

const addressOf = (account: number) => bigintToBytes(BigInt(account + 1), 20)
const slotOf = (slot: number) => bigintToBytes(BigInt(slot), 32)
/** Short ones are embedded in nodes, long ones are not. */
const VALUES = [0n, 0n, 1n, 2n, 2n ** 255n, 2n ** 255n + 1n]

/** Few accounts, slots and values: storage of equal contents, values that come back, accounts that go and come again. */
function change(random: Random, state: State, before: Model): Model {
  const model = new Map(before)
  for (let count = random.below(6); count > 0; count--) {
    const account = random.below(ACCOUNTS)
    const { balance, slots } = model.get(account) ?? { balance: 0n, slots: new Map<number, bigint>() }
    const what = random.below(5)
    if (what === 0) {
      // An account without nonce, code and balance goes, with its storage.
      state.setBalance(addressOf(account), 0n)
      model.delete(account)
    } else if (what === 1) {
      // All that another one has, and nothing else.
      const other = model.get(random.below(ACCOUNTS))?.slots ?? new Map<number, bigint>()
      state.setBalance(addressOf(account), balance + 1n)
      for (const slot of new Set([...slots.keys(), ...other.keys()])) {
        state.setStorage(addressOf(account), slotOf(slot), bigintToBytes(other.get(slot) ?? 0n, 32))
      }
      model.set(account, { balance: balance + 1n, slots: other })
    } else {
      const next = new Map(slots)
      for (let writes = 1 + random.below(6); writes > 0; writes--) {
        const [slot, value] = [random.below(SLOTS), random.pick(VALUES)]
        state.setStorage(addressOf(account), slotOf(slot), bigintToBytes(value, 32))
        if (value === 0n) next.delete(slot)
        else next.set(slot, value)
      }
      const now = balance === 0n ? 1n : balance
      state.setBalance(addressOf(account), now)
      model.set(account, { balance: now, slots: next })
    }
    state.endTransaction()
  }
  return model
}

/** A chain of states: what a Chain does with nodes, without blocks. It counts from the state of block 0, which is empty. */
class States {
  readonly store: KeyValueStore
  readonly database: ChainDatabase
  readonly pruner: StatePruner
  readonly head: bigint

  constructor(store: KeyValueStore, keep: bigint | null, onPruned: (states: KeptStates) => void = () => {}) {
    this.store = store
    this.database = new ChainDatabase(store, 0)
    this.head = this.database.head()?.number ?? 0n
    const states = this.database.states() ?? { oldest: 0n, part: 0 }
    this.pruner = new StatePruner({ store, states, keep, head: this.head, onPruned })
  }

  get root(): Uint8Array {
    return this.database.head()?.hash ?? EMPTY_TRIE_ROOT
  }

  /** The next block. @throws when the machine stops. */
  async append(random: Random, model: Model): Promise<Model> {
    const state = openState({ root: this.root, nodes: this.database, codes })
    const after = change(random, state, model)
    const changes = state.takeChanges()
    const number = (this.database.head()?.number ?? 0n) + 1n
    await this.pruner.commit(changes.goneNodes.length, async () => {
      const operations: StoreOperation[] = await countedNodes(this.store, number, changes)
      operations.push(put(keys.head, encodeHead({ number, hash: changes.root })))
      if (number === 1n) operations.push(put(keys.states, encodeStates({ oldest: 0n, part: 0 })))
      await this.store.batch(operations, { sync: true })
    })
    this.pruner.headIs(number)
    return after
  }
}

/** The history of every block, for whichever run gets there. */
class History {
  readonly #models: Model[] = [new Map()]
  readonly #roots: Uint8Array[] = [EMPTY_TRIE_ROOT]

  model(number: bigint): Model {
    return this.#models[Number(number)]!
  }
  root(number: bigint): Uint8Array {
    return this.#roots[Number(number)]!
  }
  note(number: bigint, model: Model, root: Uint8Array): void {
    this.#models[Number(number)] = model
    this.#roots[Number(number)] = root
  }
}

async function keysIn(store: KeyValueStore, span: KeySpan): Promise<string[]> {
  const found: string[] = []
  for await (const [key] of store.range(span)) found.push(keyOf(key))
  return found
}

/** The nodes of a state that are stored, all of which can be read. */
function nodesOf(database: ChainDatabase, root: Uint8Array): Set<string> {
  const found = new Set<string>()
  for (const [hash] of storedNodesBelow(database, root)) found.add(keyOf(keys.node(hash)))
  for (const [, rlp] of entriesBelow(database, root, 32)) {
    for (const [hash] of storedNodesBelow(database, decodeAccount(rlp).storageRoot)) found.add(keyOf(keys.node(hash)))
  }
  return found
}

function expectReadable(database: ChainDatabase, root: Uint8Array, model: Model): void {
  const state = openState({ root, nodes: database, codes })
  for (let account = 0; account < ACCOUNTS; account++) {
    const { balance, slots } = model.get(account) ?? { balance: 0n, slots: new Map<number, bigint>() }
    if (state.balance(addressOf(account)) !== balance) throw new Error(`another balance of account ${account}`)
    for (let slot = 0; slot < SLOTS; slot++) {
      const value = bytesToBigint(state.storage(addressOf(account), slotOf(slot)))
      if (value !== (slots.get(slot) ?? 0n)) throw new Error(`another value in slot ${slot} of account ${account}`)
    }
  }
}

/** `isExact`: all that may go is gone. */
async function expectKept(states: States, history: History, isExact: boolean): Promise<void> {
  const { database, store } = states
  const head = database.head()?.number ?? 0n
  const oldest = database.states()?.oldest ?? 0n
  const needed = new Set<string>()
  for (let number = oldest; number <= head; number++) {
    expect(history.root(number)).toBeDefined()
    expectReadable(database, history.root(number), history.model(number))
    for (const node of nodesOf(database, history.root(number))) needed.add(node)
  }
  if (isExact) expect(await keysIn(store, allNodes)).toEqual([...needed].sort())
}

/** A store in which the machine stops at a write, before or after it is on the disk. */
function stoppingAt(disk: KeyValueStore, write: number, applied: boolean) {
  let writes = 0
  const store: KeyValueStore = {
    ...disk,
    async batch(operations, options) {
      if (writes > write) throw new Error('the machine stopped')
      if (writes++ < write) return disk.batch(operations, options)
      if (applied) await disk.batch(operations, options)
      throw new Error('the machine stopped')
    },
  }
  return { store, writes: () => writes }
}

/** `seed` alone decides what each block does, so that a run that was stopped goes on as one that was not. */
async function run(
  store: KeyValueStore,
  history: History,
  seed: number,
  blocks: bigint,
  keep: bigint,
): Promise<States> {
  const states = new States(store, keep)
  for (let number = states.head + 1n; number <= blocks; number++) {
    const random = seededRandom(seed * 1_000 + Number(number))
    const model = await states.append(random, history.model(number - 1n))
    history.note(number, model, states.root)
    if (random.below(3) === 0) await states.pruner.finish()
  }
  await states.pruner.finish()
  return states
}

describe('states of old blocks go', () => {
  test('and with them the nodes that no kept state has, exactly', async () => {
    for (let seed = 0; seed < 8; seed++) {
      const store = createMemoryStore()
      const history = new History()
      const keep = BigInt(1 + (seed % 4))
      const states = new States(store, keep)
      for (let number = 1n; number <= 20n; number++) {
        const random = seededRandom(seed * 1_000 + Number(number))
        history.note(number, await states.append(random, history.model(number - 1n)), states.root)
        const isExact = random.below(2) === 0
        if (isExact) await states.pruner.finish()
        await expectKept(states, history, isExact)
        if (isExact) expect(states.pruner.states.oldest).toBe(number < keep ? 0n : number - keep + 1n)
      }
    }
  })

  test('nothing is left of a state that is empty again', async () => {
    const store = createMemoryStore()
    const history = new History()
    const states = await run(store, history, 77, 20n, 1n)
    expect((await keysIn(store, allNodes)).length).toBeGreaterThan(10)
    const state = openState({ root: states.root, nodes: states.database, codes })
    for (let account = 0; account < ACCOUNTS; account++) state.setBalance(addressOf(account), 0n)
    state.endTransaction()
    const changes = state.takeChanges()
    expect(changes.root).toEqual(EMPTY_TRIE_ROOT)
    const operations = await countedNodes(store, 21n, changes)
    await store.batch([...operations, put(keys.head, encodeHead({ number: 21n, hash: changes.root }))], { sync: true })
    states.pruner.headIs(21n)
    await states.pruner.finish()
    expect([await keysIn(store, allNodes), await keysIn(store, nodeCounts)]).toEqual([[], []])
  })

  test('wherever the machine stops, before a write or after it', async () => {
    const [seed, blocks, keep] = [3, 14n, 2n]
    const whole = createMemoryStore()
    await run(whole, new History(), seed, blocks, keep)
    const expected = [await keysIn(whole, allNodes), await keysIn(whole, nodeCounts)]
    let write = 0
    for (let reached = true; reached; write++) {
      for (const applied of [false, true]) {
        const disk = createMemoryStore()
        const history = new History()
        const machine = stoppingAt(disk, write, applied)
        const before = await run(machine.store, history, seed, blocks, keep).catch((error: Error) => error)
        reached = before instanceof Error
        const again = new States(disk, keep)
        // A block may be on the disk of which nobody was told: it is what it would have been.
        const told = again.head === 0n ? new Map() : history.model(again.head)
        if (told === undefined) {
          const random = seededRandom(seed * 1_000 + Number(again.head))
          const state = openState({ root: EMPTY_TRIE_ROOT, nodes: noNodes, codes })
          history.note(again.head, change(random, state, history.model(again.head - 1n)), again.root)
        }
        await expectKept(again, history, false)
        await expectKept(await run(disk, history, seed, blocks, keep), history, true)
        expect([await keysIn(disk, allNodes), await keysIn(disk, nodeCounts)]).toEqual(expected)
      }
    }
    expect(write).toBeGreaterThan(Number(blocks) + 3)
  })

  test('by themselves, some together; and all at once where fewer are to be kept than before', async () => {
    const store = createMemoryStore()
    const history = new History()
    const all = new States(store, null)
    for (let number = 1n; number <= 60n; number++) {
      history.note(number, await all.append(seededRandom(Number(number)), history.model(number - 1n)), all.root)
    }
    await expectKept(all, history, true)
    expect(all.pruner.states).toEqual({ oldest: 0n, letGo: 0 })
    const few = new States(store, 5n)
    await few.pruner.stop()
    const oldest = few.pruner.states.oldest
    // It had begun when it was stopped, and goes on when it is started again.
    expect(oldest).toBeGreaterThan(0n)
    const again = new States(store, 5n)
    for (let number = 61n; number <= 60n + STATES_PRUNED_TOGETHER; number++) {
      history.note(number, await again.append(seededRandom(Number(number)), history.model(number - 1n)), again.root)
    }
    await again.pruner.stop()
    expect(again.pruner.states.oldest).toBeGreaterThan(56n)
    const last = new States(store, 5n)
    await last.pruner.finish()
    expect(last.pruner.states.oldest).toBe(56n + STATES_PRUNED_TOGETHER)
    await expectKept(last, history, true)
  })

  test('a block waits where states go more slowly than blocks come, and for no more than twice its nodes', async () => {
    const disk = createMemoryStore()
    const history = new History()
    const blocks = MAX_STATES_BEHIND + 40n
    const all = new States(disk, null)
    for (let number = 1n; number <= blocks; number++) {
      history.note(number, await all.append(seededRandom(Number(number)), history.model(number - 1n)), all.root)
    }
    let isSlow = true
    const waiting: (() => void)[] = []
    let pruned = 0
    const slow: KeyValueStore = {
      ...disk,
      async batch(operations, options) {
        if (operations.some(({ type }) => type === 'del') && ++pruned > 0 && isSlow)
          await new Promise<void>((go) => waiting.push(go))
        await disk.batch(operations, options)
      },
    }
    const told: bigint[] = []
    const behind = new States(slow, 1n, ({ oldest }) => told.push(oldest))
    const block = behind.append(seededRandom(9), history.model(blocks))
    let isDone = false
    void block.then(() => {
      isDone = true
    })
    for (let turn = 0; turn < 20; turn++) await Promise.resolve()
    expect([isDone, pruned]).toEqual([false, 1])
    isSlow = false
    for (const go of waiting) go()
    history.note(blocks + 1n, await block, behind.root)
    await behind.pruner.finish()
    await expectKept(behind, history, true)
    expect(behind.pruner.states.oldest).toBe(blocks + 1n)
    // Nor is anybody left without news until so many are gone.
    const steps = told.map((oldest, index) => oldest - (told[index - 1] ?? 0n))
    expect(steps.every((step) => step < 3n * STATES_PRUNED_TOGETHER)).toBe(true)
    expect(told.at(-1)).toBeGreaterThan(blocks - STATES_PRUNED_TOGETHER)
  })
})
