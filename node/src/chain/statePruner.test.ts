/**
 * States that go, against a model: every state that is kept can be read in full, and the database has the nodes of those
 * states and no other, whatever was written, and wherever the machine stopped in between.
 */
import { type Random, seededRandom } from '@touchstone/vm/testing/random'
import { describe, expect, test } from 'vitest'
import { bigintToBytes, bytesToBigint, keyOf } from '../codec/bytes.ts'
import { applyOperations, KEPT_ACCOUNTS } from '../execution/dev/applyOperations.ts'
import { DEV_ADDRESS, liveSnapshots, readSlot } from '../execution/dev/devStorage.ts'
import type { DevOperation } from '../execution/dev/operations.ts'
import type { KeyValueStore, StoreOperation } from '../runtime/keyValueStore.ts'
import { createMemoryStore } from '../runtime/memoryStore.ts'
import { openState } from '../state/journaledState.ts'
import type { BlockState, State } from '../state/state.ts'
import { entriesBelow, storedNodesBelow } from '../trie/scan.ts'
import { decodeAccount, EMPTY_TRIE_ROOT } from '../types/accountCodec.ts'
import { put } from './commit.ts'
import { ChainDatabase } from './database.ts'
import type { KeptStates } from './keptStates.ts'
import { MAX_STATES_BEHIND, STATES_PRUNED_TOGETHER } from './limits.ts'
import { countedNodes } from './nodeCounts.ts'
import { encodeHead, encodeStates } from './records.ts'
import { allNodes, allPinnedNodes, type KeySpan, keys, nodeCounts, pinnedPartOf } from './schema.ts'
import { StatePins } from './statePins.ts'
import { StatePruner, type StatePrunerOptions } from './statePruner.ts'

const ACCOUNTS = 10
const SLOTS = 8
const codes = { code: () => undefined }
/** Balance and slots of each account that exists. */
type Accounts = ReadonlyMap<number, { readonly balance: bigint; readonly slots: ReadonlyMap<number, bigint> }>
/** Of a chain in dev mode also the accounts as they were at each snapshot that can be gone back to. */
interface Model {
  readonly accounts: Accounts
  readonly snapshots: ReadonlyMap<bigint, Accounts>
}
const EMPTY: Model = { accounts: new Map(), snapshots: new Map() }

const addressOf = (account: number) => bigintToBytes(BigInt(account + 1), 20)
const slotOf = (slot: number) => bigintToBytes(BigInt(slot), 32)
/** Short ones are embedded in nodes, long ones are not. */
const VALUES = [0n, 0n, 1n, 2n, 2n ** 255n, 2n ** 255n + 1n]

/** A block's changes: in dev mode a snapshot or going back to one first, if there is any. */
function change(random: Random, state: BlockState, before: Model, isDev: boolean): Model {
  const { accounts, snapshots } = isDev ? operate(random, state, before) : before
  return { accounts: write(random, state, accounts), snapshots }
}

function operate(random: Random, state: BlockState, before: Model): Model {
  const what = random.below(8)
  const apply = (operation: DevOperation): Uint8Array | null => {
    const outcome = applyOperations({ state, gas: 1_000_000n, block: {} as never, config: {} as never }, [operation])
    if (!outcome.ok) throw new Error(outcome.message)
    state.setNonce(DEV_ADDRESS, 1n)
    state.endTransaction()
    return outcome.backTo
  }
  if (what < 2) {
    apply({ kind: 'snapshot' })
    const id = readSlot(state, 'lastSnapshot')
    return { ...before, snapshots: new Map([...before.snapshots, [id, before.accounts]]) }
  }
  if (what === 2) {
    const id = random.pick([0n, ...before.snapshots.keys()])
    state.goBackTo(apply({ kind: 'goBack', id })!, KEPT_ACCOUNTS)
    const left = [...before.snapshots].filter(([other]) => other < id || id === 0n)
    return { accounts: before.snapshots.get(id) ?? new Map(), snapshots: id === 0n ? new Map() : new Map(left) }
  }
  return before
}

/** Few accounts, slots and values: storage of equal contents, values that come back, accounts that go and come again. */
function write(random: Random, state: State, before: Accounts): Accounts {
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

type How = Pick<StatePrunerOptions, 'nodesAtOnce' | 'onPruned'> & { readonly hashesInPart?: number }

/** A chain of states: what a Chain does with nodes, without blocks. It counts from the state of block 0, which is empty. */
class States {
  readonly store: KeyValueStore
  readonly database: ChainDatabase
  readonly pruner: StatePruner
  readonly head: bigint
  readonly #history: History
  readonly #isDev: boolean

  private constructor(store: KeyValueStore, keep: bigint | null, history: History, pins: StatePins | null, how: How) {
    this.store = store
    this.database = new ChainDatabase(store, 0)
    this.head = this.database.head()?.number ?? 0n
    const states = this.database.states() ?? { oldest: 0n, part: 0 }
    this.pruner = new StatePruner({ ...how, store, states, keep, head: this.head, pins })
    this.#history = history
    this.#isDev = pins !== null
  }

  /** In dev mode, that is with snapshots, where `how` has parts for pins. */
  static async open(store: KeyValueStore, keep: bigint | null, history: History, how: How = {}): Promise<States> {
    const { hashesInPart } = how
    const rootAt = (number: bigint) => history.root(number)
    const pins = hashesInPart === undefined ? null : await StatePins.open({ store, rootAt, hashesInPart })
    return new States(store, keep, history, pins, how)
  }

  get root(): Uint8Array {
    return this.database.head()?.hash ?? EMPTY_TRIE_ROOT
  }

  /** The next block, which goes into the history. @throws when the machine stops. */
  async append(random: Random): Promise<void> {
    const number = (this.database.head()?.number ?? 0n) + 1n
    const state = openState({ root: this.root, nodes: this.database, codes })
    const after = change(random, state, this.#history.model(number - 1n), this.#isDev)
    const changes = state.takeChanges()
    await this.pruner.commit(changes.goneNodes.length, async () => {
      const operations: StoreOperation[] = await countedNodes(this.store, number, changes)
      operations.push(put(keys.head, encodeHead({ number, hash: changes.root })))
      if (number === 1n) operations.push(put(keys.states, encodeStates({ oldest: 0n, part: 0 })))
      await this.store.batch(operations, { sync: true })
    })
    this.#history.note(number, after, changes.root)
    this.pruner.headIs(number)
  }

  /** A block that is on the disk and of which nobody was told is what it would have been. */
  noteHead(random: Random): void {
    if (this.head === 0n || this.#history.has(this.head)) return
    const state = openState({ root: this.#history.root(this.head - 1n), nodes: this.database, codes })
    this.#history.note(this.head, change(random, state, this.#history.model(this.head - 1n), this.#isDev), this.root)
  }
}

/** The history of every block, for whichever run gets there. */
class History {
  readonly #models: Model[] = [EMPTY]
  readonly #roots: Uint8Array[] = [EMPTY_TRIE_ROOT]

  has(number: bigint): boolean {
    return this.#models[Number(number)] !== undefined
  }
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

function expectReadable(database: ChainDatabase, root: Uint8Array, model: Accounts): void {
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
    expectReadable(database, history.root(number), history.model(number).accounts)
    for (const node of nodesOf(database, history.root(number))) needed.add(node)
    // What a kept state may go back to can be read, too, however old.
    const state = openState({ root: history.root(number), nodes: database, codes })
    const { snapshots } = history.model(number)
    const live = liveSnapshots(state)
    expect(live.map(({ id }) => id)).toEqual([...snapshots.keys()])
    for (const { id, root } of live) {
      expectReadable(database, root, snapshots.get(id)!)
      for (const node of nodesOf(database, root)) needed.add(node)
    }
  }
  if (!isExact) return
  expect(await keysIn(store, allNodes)).toEqual([...needed].sort())
  const live = history.model(oldest).snapshots
  for await (const [key] of store.range(allPinnedNodes)) expect(live.has(pinnedPartOf(key).snapshot)).toBe(true)
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
const randomOf = (seed: number, number: bigint) => seededRandom(seed * 1_000 + Number(number))

async function run(states: States, seed: number, blocks: bigint): Promise<States> {
  for (let number = states.head + 1n; number <= blocks; number++) {
    const random = randomOf(seed, number)
    await states.append(random)
    if (random.below(3) === 0) await states.pruner.finish()
  }
  await states.pruner.finish()
  return states
}

const tables = [allNodes, nodeCounts, allPinnedNodes]
const contentsOf = (store: KeyValueStore) => Promise.all(tables.map((span) => keysIn(store, span)))

/** Parts and writes of a few nodes, so that pinning a state and letting it go takes several. */
const dev: How = { hashesInPart: 4, nodesAtOnce: 6 }

/** Stops the machine at each write of a run in turn, before and after it; then it goes on to the end. */
async function stopEverywhere(seed: number, blocks: bigint, keep: bigint, how: How): Promise<number> {
  const whole = createMemoryStore()
  await run(await States.open(whole, keep, new History(), how), seed, blocks)
  const expected = await contentsOf(whole)
  let write = 0
  for (let reached = true; reached; write++) {
    for (const applied of [false, true]) {
      const disk = createMemoryStore()
      const history = new History()
      const machine = stoppingAt(disk, write, applied)
      const first = await States.open(machine.store, keep, history, how)
      const before = await run(first, seed, blocks).catch((error: Error) => error)
      reached = before instanceof Error
      const again = await States.open(disk, keep, history, how)
      again.noteHead(randomOf(seed, again.head))
      await expectKept(again, history, false)
      await expectKept(await run(again, seed, blocks), history, true)
      expect(await contentsOf(disk)).toEqual(expected)
    }
  }
  return write
}

describe('states of old blocks go', () => {
  test.each([
    ['', {}],
    [', and those of snapshots stay', dev],
  ])('and with them the nodes that no kept state has, exactly%s', async (_, how) => {
    for (let seed = 0; seed < (how === dev ? 5 : 8); seed++) {
      const store = createMemoryStore()
      const history = new History()
      const keep = BigInt(1 + (seed % 4))
      const states = await States.open(store, keep, history, how)
      for (let number = 1n; number <= 20n; number++) {
        const random = randomOf(seed, number)
        await states.append(random)
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
    const states = await run(await States.open(store, 1n, history), 77, 20n)
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
    expect(await contentsOf(store)).toEqual([[], [], []])
  })

  test('wherever the machine stops, before a write or after it', async () => {
    expect(await stopEverywhere(3, 14n, 2n, {})).toBeGreaterThan(14 + 3)
  })

  test('and a start reads of what is pinned one record for each snapshot', async () => {
    const disk = createMemoryStore()
    const history = new History()
    await run(await States.open(disk, 2n, history, dev), 9, 20n)
    expect(await keysIn(disk, allPinnedNodes)).toHaveLength(17)
    let read = 0
    const counting: KeyValueStore = {
      ...disk,
      async *range(range) {
        for await (const entry of disk.range(range)) {
          read += 1
          yield entry
        }
      },
    }
    const again = await States.open(counting, 2n, history, dev)
    expect(read).toBe(3)
    await run(again, 9, 28n)
    await expectKept(again, history, true)
  })

  test('wherever the machine stops in dev mode: while a state is pinned, gone back to, let go', async () => {
    const write = await stopEverywhere(5, 12n, 2n, dev)
    expect(write).toBeGreaterThan(12 + 6)
  })

  test('no more after a write that failed: a state of a snapshot is not taken to be pinned that is not', async () => {
    const disk = createMemoryStore()
    const history = new History()
    const all = await States.open(disk, null, history, dev)
    for (let number = 1n; number <= 16n; number++) await all.append(randomOf(5, number))
    const isPin = ({ type, key }: StoreOperation) => type === 'put' && key[0] === allPinnedNodes.from[0]
    let pins = 0
    const failing: KeyValueStore = {
      ...disk,
      async batch(operations, options) {
        if (operations.some(isPin) && ++pins === 2) throw new Error('no room on the disk')
        await disk.batch(operations, options)
      },
    }
    const few = await States.open(failing, 1n, history, dev)
    for (const _ of [1, 2]) await expect(few.pruner.finish()).rejects.toThrow('no room on the disk')
    expect(pins).toBe(2)
    await expectKept(few, history, false)
    const again = await States.open(disk, 1n, history, dev)
    await again.pruner.finish()
    await expectKept(again, history, true)
  })

  test('by themselves, some together; and all at once where fewer are to be kept than before', async () => {
    const store = createMemoryStore()
    const history = new History()
    const all = await States.open(store, null, history)
    for (let number = 1n; number <= 60n; number++) await all.append(randomOf(0, number))
    await expectKept(all, history, true)
    expect(all.pruner.states).toEqual({ oldest: 0n, kept: null, letGo: 0 })
    const few = await States.open(store, 5n, history)
    await few.pruner.stop()
    const oldest = few.pruner.states.oldest
    // It had begun when it was stopped, and goes on when it is started again.
    expect(oldest).toBeGreaterThan(0n)
    const again = await States.open(store, 5n, history)
    for (let number = 61n; number <= 60n + STATES_PRUNED_TOGETHER; number++) await again.append(randomOf(0, number))
    await again.pruner.stop()
    expect(again.pruner.states.oldest).toBeGreaterThan(56n)
    const last = await States.open(store, 5n, history)
    await last.pruner.finish()
    expect(last.pruner.states.oldest).toBe(56n + STATES_PRUNED_TOGETHER)
    await expectKept(last, history, true)
  })

  test('a block waits where states go more slowly than blocks come, and for two writes at most', async () => {
    const disk = createMemoryStore()
    const history = new History()
    const blocks = MAX_STATES_BEHIND + 40n
    const all = await States.open(disk, null, history)
    for (let number = 1n; number <= blocks; number++) await all.append(randomOf(0, number))
    let isSlow = true
    const waiting: (() => void)[] = []
    let pruned = 0
    let prunedBefore: number | null = null
    const slow: KeyValueStore = {
      ...disk,
      async batch(operations, options) {
        if (!operations.some(({ type }) => type === 'del')) prunedBefore ??= pruned
        else if (++pruned > 0 && isSlow) await new Promise<void>((go) => waiting.push(go))
        await disk.batch(operations, options)
      },
    }
    const told: bigint[] = []
    const onPruned = ({ oldest }: KeptStates) => told.push(oldest)
    // So few in a write of its own that those of a block would take many of them.
    const behind = await States.open(slow, 1n, history, { nodesAtOnce: 2, onPruned })
    const block = behind.append(randomOf(0, blocks + 1n))
    let isDone = false
    void block.then(() => {
      isDone = true
    })
    for (let turn = 0; turn < 20; turn++) await Promise.resolve()
    expect([isDone, pruned]).toEqual([false, 1])
    isSlow = false
    for (const go of waiting) go()
    await block
    expect(prunedBefore).toBe(2)
    await behind.pruner.finish()
    await expectKept(behind, history, true)
    expect(behind.pruner.states.oldest).toBe(blocks + 1n)
    // Nor is anybody left without news until so many are gone.
    const steps = told.map((oldest, index) => oldest - (told[index - 1] ?? 0n))
    expect(steps.every((step) => step < 3n * STATES_PRUNED_TOGETHER)).toBe(true)
    expect(told.at(-1)).toBeGreaterThan(blocks - STATES_PRUNED_TOGETHER)
  })
})
