/**
 * A database while it is filled with a snapshot, before there is a chain in it.
 *
 * Trie nodes and codes are stored by their hash as they come, in any order: whatever a kill leaves is right and is used
 * again, for this state root or a later one. The chain begins in one synced batch at the end, after every node and code
 * below the root was read back and hashed. Until then the database is marked as unfinished, and no chain opens it.
 */
import { equalBytes } from '../codec/bytes.ts'
import { toHex } from '../codec/hex.ts'
import { decodeRlp } from '../codec/rlp.ts'
import { bytesField } from '../codec/rlpFields.ts'
import { EMPTY_CODE_HASH, keccak256 } from '../crypto/keccak.ts'
import { keptRoots } from '../execution/dev/devStorage.ts'
import type { KeyValueStore, StoreOperation } from '../runtime/keyValueStore.ts'
import { openState } from '../state/journaledState.ts'
import { MissingCodeError } from '../state/stateStore.ts'
import type { NodeReader } from '../trie/nodeStore.ts'
import { entriesBelow } from '../trie/scan.ts'
import { decodeAccount } from '../types/accountCodec.ts'
import type { Block } from '../types/block.ts'
import type { Certificate } from '../types/certificate.ts'
import type { Genesis } from '../types/genesis.ts'
import type { Handover } from '../types/handover.ts'
import { encodeHandover } from '../types/handoverCodec.ts'
import { blockRecords, put, snapshotBeginning } from './commit.ts'
import { ChainDatabase } from './database.ts'
import { checkGenesisCode, genesisCandidate, uncheckedGenesis } from './genesisBlock.ts'
import { BatchWriter, clearRange, NodeCensus } from './nodeCensus.ts'
import { encodeFormat, encodeHead, encodeNumber, encodeStates } from './records.ts'
import { allPinnedNodes, everything, flatTables, keys, SCHEMA_VERSION } from './schema.ts'
import { holdsChain } from './startChecks.ts'
import { countPinned } from './statePins.ts'

export type StateItemKind = 'node' | 'code'

export interface StateItem {
  readonly kind: StateItemKind
  readonly hash: Uint8Array
  readonly bytes: Uint8Array
}

/** The size of a snapshot that was made. */
export interface SnapshotSize {
  readonly accounts: number
  readonly slots: number
}

export class SnapshotStore {
  readonly #store: KeyValueStore
  readonly genesisHash: Uint8Array

  /** Such a chain may go back to old states, which are here, too. */
  readonly #isDev: boolean

  private constructor(store: KeyValueStore, genesis: Genesis, genesisHash: Uint8Array) {
    this.#store = store
    this.#isDev = genesis.dev !== undefined
    this.genesisHash = genesisHash
  }

  /**
   * Null when the database holds a chain: a snapshot is for beginning only. Writes nothing.
   * @throws DatabaseError when it holds another chain or layout.
   */
  static open(store: KeyValueStore, genesis: Genesis): SnapshotStore | null {
    const database = new ChainDatabase(store)
    const { hash } = uncheckedGenesis(genesis).block
    if (!holdsChain(database, hash)) checkGenesisCode(genesis)
    else if (!database.isUnfinishedSnapshot()) return null
    return new SnapshotStore(store, genesis, hash)
  }

  /** Part of a snapshot may be here, so that the chain cannot begin with the genesis any more. */
  get isBegun(): boolean {
    return this.#store.get(keys.unfinishedSnapshot) !== undefined
  }

  /** Marks the database as unfinished and writes block 0, if that was not done before. */
  async begin(genesis: Genesis): Promise<void> {
    if (this.isBegun) return
    const candidate = genesisCandidate(genesis)
    const keptKeys = genesis.dev === undefined ? [] : candidate.changes.keys
    await this.#store.batch(snapshotBeginning(candidate, { keptKeys }), { sync: true })
  }

  /**
   * Leaves an empty database, for who begins with the genesis after all. In one batch: what is there is block 0 and the
   * little of a state that came before its peers were given up.
   */
  async abandon(): Promise<void> {
    const operations: StoreOperation[] = []
    for await (const [key] of this.#store.range(everything)) operations.push({ type: 'del', key })
    await this.#store.batch(operations, { sync: true })
  }

  /** Undefined when it is not here, or was damaged on the disk: then it is fetched again, and replaced. */
  item(kind: StateItemKind, hash: Uint8Array): Uint8Array | undefined {
    const bytes = this.#store.get(kind === 'node' ? keys.node(hash) : keys.code(hash))
    return bytes !== undefined && equalBytes(keccak256(bytes), hash) ? bytes : undefined
  }

  /** Roots of other states that the chain may go back to (dev mode); the state of `stateRoot` is here. */
  otherRoots(stateRoot: Uint8Array, genesis: Genesis): readonly Uint8Array[] {
    if (genesis.dev === undefined) return []
    const nodes: NodeReader = { node: (hash) => this.item('node', hash) }
    return keptRoots(openState({ root: stateRoot, nodes, codes: { code: (hash) => this.item('code', hash) } }))
  }

  /** The caller has hashed the item. */
  async add(items: readonly StateItem[]): Promise<void> {
    const operations = items.map(({ kind, hash, bytes }) =>
      put(kind === 'node' ? keys.node(hash) : keys.code(hash), bytes),
    )
    await this.#store.batch(operations, { sync: true })
  }

  /**
   * Checks that the whole state of the block is here, fills the flat tables with it, and begins the chain at the block.
   * Certificate and handovers, which prove the certificate and are kept for the next node, were checked by the caller.
   * @throws MissingNodeError, MissingCodeError when something is not here.
   */
  async complete(block: Block, certificate: Certificate, handovers: readonly Handover[]): Promise<SnapshotSize> {
    const { number, stateRoot } = block.header
    // An attempt that was cut off, at another root perhaps, may have left something there.
    await clearRange(this.#store, flatTables)
    await clearRange(this.#store, allPinnedNodes)
    const census = new NodeCensus()
    const size = await this.#fillFlatTables(stateRoot, census)
    if (this.#isDev) await this.#countPinned(stateRoot, census)
    await census.settle(this.#store)
    await this.#store.batch(
      [
        ...blockRecords(block, certificate),
        // A snapshot that a program of layout 2 has begun is of this layout from here on: its nodes are counted.
        put(keys.format, encodeFormat({ version: SCHEMA_VERSION, genesisHash: this.genesisHash })),
        ...handovers.map((handover) => put(keys.handover(handover.header.number), encodeHandover(handover))),
        put(keys.base, encodeNumber(number)),
        put(keys.states, encodeStates({ oldest: number, part: 0 })),
        put(keys.flatRoot, stateRoot),
        put(keys.head, encodeHead({ number, hash: block.hash })),
        { type: 'del', key: keys.unfinishedSnapshot },
      ],
      { sync: true },
    )
    return size
  }

  async #countPinned(stateRoot: Uint8Array, census: NodeCensus): Promise<void> {
    const writer = new BatchWriter(this.#store)
    await countPinned(census, writer, { node: (hash) => this.item('node', hash) }, stateRoot)
    await writer.end()
  }

  async #fillFlatTables(stateRoot: Uint8Array, census: NodeCensus): Promise<SnapshotSize> {
    const nodes = census.counting({ node: (hash) => this.item('node', hash) })
    const checkedCodes = new Set<string>()
    const writer = new BatchWriter(this.#store)
    let accounts = 0
    let slots = 0
    for (const [addressHash, rlp] of entriesBelow(nodes, stateRoot, 32)) {
      const { storageRoot, codeHash } = decodeAccount(rlp)
      if (!equalBytes(codeHash, EMPTY_CODE_HASH) && !checkedCodes.has(toHex(codeHash))) {
        if (this.item('code', codeHash) === undefined) throw new MissingCodeError(`code ${toHex(codeHash)} is missing`)
        checkedCodes.add(toHex(codeHash))
      }
      await writer.add(put(keys.flatAccount(addressHash), rlp))
      accounts += 1
      for (const [slotHash, value] of entriesBelow(nodes, storageRoot, 32)) {
        const bytes = bytesField(decodeRlp(value, { maxDepth: 0 }), 'slot')
        await writer.add(put(keys.flatSlot(addressHash, slotHash), bytes))
        slots += 1
      }
    }
    await writer.end()
    return { accounts, slots }
  }
}
