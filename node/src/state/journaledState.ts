/**
 * World state over the trie and the flat table, with a journal (Yellow Paper 4.1; EIP-161, 1153, 2200, 2929, 3529).
 *
 * Reads go to memory, then to the flat table when the state was opened at the head, else to the trie. Writes stay in
 * memory: a transaction's in the journal, a block's in the account entries, until `root` puts what really differs into
 * the tries and hashes it. A state can be opened at any root the store has; reads at old roots are the same reads.
 *
 * Invariant: no account in the trie is empty in EIP-161's sense, so "exists" and "is not empty" are the same, and a
 * touch that changes nothing needs no trace: only an account that was changed can have become empty.
 */
import { EMPTY_BYTES, equalBytes, keyOf } from '../codec/bytes.ts'
import { toHex } from '../codec/hex.ts'
import { decodeRlp, encodeRlp } from '../codec/rlp.ts'
import { EMPTY_CODE_HASH, keccak256 } from '../crypto/keccak.ts'
import { memoryNodes, type NodeReader, type StoredNode } from '../trie/nodeStore.ts'
import { storedNodesBelow } from '../trie/scan.ts'
import { SecureTrie } from '../trie/secureTrie.ts'
import type { Account } from '../types/account.ts'
import { decodeAccount, EMPTY_ACCOUNT, EMPTY_TRIE_ROOT, encodeAccount } from '../types/accountCodec.ts'
import type { Log } from '../types/log.ts'
import {
  type AccountEntry,
  accountEntry,
  hasEmptyStorageRoot,
  isEmptyEntry,
  isZeroWord,
  padWord,
  type Slot,
  stripZeros,
  ZERO_WORD,
} from './accountEntry.ts'
import { flatDifference } from './flatDifference.ts'
import { emptyScratch, type JournalEntry, undo } from './journal.ts'
import { placesBetween } from './places.ts'
import type { BlockState } from './state.ts'
import { MissingCodeError, type StateChanges, type StateSource } from './stateStore.ts'

/** Memory of an account or a slot with the nodes on its way that no other's way has; an estimate from above. */
const ENTRY_BYTES = 8_192

export function openState(source: StateSource): JournaledState {
  return new JournaledState(source)
}

export class JournaledState implements BlockState {
  #source: StateSource
  /** Root of {@link openedAt}. */
  #opened: Uint8Array
  #wentBack = false
  #accountTrie: SecureTrie
  /** By hex of the address; absent accounts too. */
  readonly #accounts = new Map<string, AccountEntry>()
  #journal: JournalEntry[] = []
  #scratch = emptyScratch()
  /** Changed by ended transactions, not in the trie yet. */
  readonly #dirty = new Set<AccountEntry>()
  /** In the trie, not taken yet. */
  readonly #changed = new Set<AccountEntry>()
  readonly #wiped = new Set<AccountEntry>()
  /** By hex of the hash; of reverted creations too. */
  readonly #newCodes = new Map<string, Uint8Array>()
  #heldBytes = 0

  constructor(source: StateSource) {
    this.#source = source
    this.#opened = source.root
    this.#accountTrie = SecureTrie.open(source.nodes, source.root)
  }

  /** Bytes of memory, roughly, that what it has read and created takes: an undone creation's code too. Never falls. */
  get heldBytes(): number {
    return this.#heldBytes
  }

  exists(address: Uint8Array): boolean {
    return !isEmptyEntry(this.#entry(address))
  }

  isEmpty(address: Uint8Array): boolean {
    return isEmptyEntry(this.#entry(address))
  }

  /** All four fields, the storage root as of the last `root()`; null when the account does not exist. */
  account(address: Uint8Array): Account | null {
    const entry = this.#entry(address)
    return isEmptyEntry(entry) ? null : accountOf(entry)
  }

  balance(address: Uint8Array): bigint {
    return this.#entry(address).balance
  }

  setBalance(address: Uint8Array, balance: bigint): void {
    if (balance < 0n || balance >> 256n !== 0n) throw new RangeError(`setBalance: ${balance} is no 256-bit amount`)
    const account = this.#entry(address)
    if (account.balance === balance) return
    this.#journal.push({ kind: 'balance', account, previous: account.balance })
    account.balance = balance
  }

  nonce(address: Uint8Array): bigint {
    return this.#entry(address).nonce
  }

  setNonce(address: Uint8Array, nonce: bigint): void {
    if (nonce < 0n || nonce >> 64n !== 0n) throw new RangeError(`setNonce: ${nonce} is no 64-bit number`)
    const account = this.#entry(address)
    if (account.nonce === nonce) return
    this.#journal.push({ kind: 'nonce', account, previous: account.nonce })
    account.nonce = nonce
  }

  codeHash(address: Uint8Array): Uint8Array {
    return this.#entry(address).codeHash.slice()
  }

  /** Shared: not to be written to. @throws MissingCodeError. */
  code(address: Uint8Array): Uint8Array {
    const entry = this.#entry(address)
    entry.code ??= this.#loadCode(entry.codeHash)
    return entry.code
  }

  setCode(address: Uint8Array, code: Uint8Array): void {
    const account = this.#entry(address)
    const own = code.slice()
    const hash = own.length === 0 ? EMPTY_CODE_HASH : keccak256(own)
    this.#journal.push({ kind: 'code', account, previousHash: account.codeHash, previous: account.code })
    account.codeHash = hash
    account.code = own
    this.#heldBytes += own.length
    if (own.length > 0) this.#newCodes.set(keyOf(hash), own)
  }

  storage(address: Uint8Array, key: Uint8Array): Uint8Array {
    return this.#slot(this.#entry(address), key).value.slice()
  }

  originalStorage(address: Uint8Array, key: Uint8Array): Uint8Array {
    return this.#slot(this.#entry(address), key).original.slice()
  }

  setStorage(address: Uint8Array, key: Uint8Array, value: Uint8Array): void {
    if (value.length !== 32) throw new RangeError(`setStorage: value of ${value.length} bytes`)
    const account = this.#entry(address)
    const slot = this.#slot(account, key)
    if (equalBytes(slot.value, value)) return
    this.#journal.push({ kind: 'slot', account, slot, previous: slot.value })
    slot.value = value.slice()
  }

  hasStorage(address: Uint8Array): boolean {
    const entry = this.#entry(address)
    const zeroed: Slot[] = []
    for (const slot of entry.slots.values()) {
      if (!isZeroWord(slot.value)) return true
      if (!isZeroWord(slot.inTrie)) zeroed.push(slot)
    }
    if (hasEmptyStorageRoot(entry)) return false
    if (zeroed.length === 0) return true
    // Whether zeroing these emptied the trie shows on a copy.
    const probe = this.#storageTrie(entry).fork()
    for (const slot of zeroed) probe.del(slot.key)
    return !probe.isEmpty
  }

  transient(address: Uint8Array, key: Uint8Array): Uint8Array {
    return (this.#scratch.transient.get(keyOf(address) + keyOf(key)) ?? ZERO_WORD).slice()
  }

  setTransient(address: Uint8Array, key: Uint8Array, value: Uint8Array): void {
    if (value.length !== 32) throw new RangeError(`setTransient: value of ${value.length} bytes`)
    const name = keyOf(address) + keyOf(key)
    const { transient } = this.#scratch
    this.#journal.push({ kind: 'transient', key: name, previous: transient.get(name) })
    transient.set(name, value.slice())
  }

  warmAddress(address: Uint8Array): boolean {
    return this.#warm(keyOf(address))
  }

  warmSlot(address: Uint8Array, key: Uint8Array): boolean {
    return this.#warm(keyOf(address) + keyOf(key))
  }

  refund(): bigint {
    return this.#scratch.refund
  }

  addRefund(gas: bigint): void {
    this.#journal.push({ kind: 'refund', previous: this.#scratch.refund })
    this.#scratch.refund += gas
  }

  addLog(log: Log): void {
    this.#journal.push({ kind: 'log' })
    this.#scratch.logs.push(log)
  }

  /** Of this transaction, as they are now. */
  logs(): readonly Log[] {
    return this.#scratch.logs.slice()
  }

  checkpoint(): number {
    return this.#journal.length
  }

  revert(checkpoint: number): void {
    if (checkpoint < 0 || checkpoint > this.#journal.length) {
      throw new RangeError(`revert: checkpoint ${checkpoint} is not in this transaction's journal`)
    }
    while (this.#journal.length > checkpoint) undo(this.#journal.pop()!, this.#scratch)
  }

  endTransaction(): void {
    const changed = new Set<AccountEntry>()
    for (const entry of this.#journal) {
      if (!('account' in entry)) continue
      changed.add(entry.account)
      if (entry.kind !== 'slot') continue
      const { account, slot } = entry
      slot.original = slot.value
      if (equalBytes(slot.value, slot.inTrie)) account.dirtySlots.delete(slot)
      else account.dirtySlots.add(slot)
    }
    for (const account of changed) {
      if (isEmptyEntry(account)) this.#clearStorage(account)
      this.#dirty.add(account)
    }
    this.#journal = []
    this.#scratch = emptyScratch()
  }

  root(): Uint8Array {
    if (this.#journal.length > 0) throw new Error('root() inside a transaction: call endTransaction() first')
    for (const entry of this.#dirty) {
      if (isEmptyEntry(entry)) {
        if (entry.inTrie === null) continue
        this.#accountTrie.del(entry.address)
        entry.inTrie = null
      } else {
        this.#flushSlots(entry)
        const rlp = encodeAccount(accountOf(entry))
        this.#accountTrie.put(entry.address, rlp, entry.inTrie)
        entry.inTrie = rlp
      }
      this.#changed.add(entry)
    }
    this.#dirty.clear()
    return this.#accountTrie.root()
  }

  openedAt(): Uint8Array {
    return this.#opened
  }

  isNear(root: Uint8Array, most: number): boolean {
    return flatDifference(this.#source.nodes, this.#opened, root, most) !== null
  }

  goBackTo(root: Uint8Array, kept: readonly Uint8Array[]): void {
    // root() writes what the kept accounts have changed in this block into their storage tries.
    this.root()
    const entries = kept.map((address) => this.#entry(address))
    this.#accountTrie = SecureTrie.open(this.#source.nodes, root)
    // The flat table is of another state.
    this.#source = { ...this.#source, root, flat: undefined }
    this.#wentBack = true
    this.#accounts.clear()
    this.#changed.clear()
    this.#wiped.clear()
    for (const entry of entries) {
      this.#accounts.set(keyOf(entry.address), entry)
      entry.inTrie = this.#accountTrie.get(entry.address)
      entry.flatSlotsValid = false
      this.#dirty.add(entry)
    }
  }

  /**
   * Takes the changes since the last call, for the block's batch. The state stays usable and continues from there, so the
   * next block may run on it before the batch is written.
   */
  takeChanges(): StateChanges {
    const root = this.root()
    const accounts = this.#accountTrie.commit()
    const nodes: StoredNode[] = [...accounts.nodes]
    const goneNodes: Uint8Array[] = [...accounts.gone]
    const codes: (readonly [Uint8Array, Uint8Array])[] = []
    const flatAccounts: (readonly [Uint8Array, Uint8Array | null])[] = []
    const flatSlots: (readonly [Uint8Array, Uint8Array, Uint8Array | null])[] = []
    for (const entry of this.#changed) {
      flatAccounts.push([entry.address, entry.inTrie])
      for (const slot of entry.changedSlots) {
        flatSlots.push([entry.address, slot.key, isZeroWord(slot.inTrie) ? null : stripZeros(slot.inTrie)])
      }
      entry.changedSlots.clear()
      if (entry.storage !== null) {
        const storage = entry.storage.commit()
        for (const node of storage.nodes) nodes.push(node)
        for (const hash of storage.gone) goneNodes.push(hash)
      }
      const code = this.#newCodes.get(keyOf(entry.codeHash))
      if (code !== undefined) codes.push([entry.codeHash, code])
    }
    for (const { takenStorageRoot } of this.#wiped) {
      for (const [hash] of storedNodesBelow(this.#source.nodes, takenStorageRoot)) goneNodes.push(hash)
    }
    for (const entry of this.#changed) entry.takenStorageRoot = entry.storageRoot
    const wipedAccounts = [...this.#wiped].map((entry) => entry.address)
    this.#changed.clear()
    this.#wiped.clear()
    const before = this.#opened
    this.#opened = root
    const keys = [...flatAccounts.map(([address]) => address), ...flatSlots.map(([, slot]) => slot)]
    if (!this.#wentBack) {
      return { root, nodes, goneNodes, codes, wipedAccounts, flatAccounts, flatSlots, wentBack: null, keys }
    }
    this.#wentBack = false
    // The tries know what changed since the earlier state; wanted is what changed since the newest.
    const both = this.#alsoIn(nodes)
    const wentBack = flatDifference(both, before, root)!
    const places = placesBetween(both, before, root)
    return { root, ...places, codes, wipedAccounts: [], flatAccounts: [], flatSlots: [], wentBack, keys }
  }

  /** Reads the store, and before it new nodes that are in memory only. */
  #alsoIn(fresh: readonly StoredNode[]): NodeReader {
    const memory = memoryNodes()
    memory.add(fresh)
    const { nodes } = this.#source
    return { node: (hash) => memory.node(hash) ?? nodes.node(hash) }
  }

  #entry(address: Uint8Array): AccountEntry {
    const name = keyOf(address)
    let entry = this.#accounts.get(name)
    if (entry === undefined) {
      entry = this.#loadAccount(address)
      this.#accounts.set(name, entry)
      this.#heldBytes += ENTRY_BYTES
    }
    return entry
  }

  #loadAccount(address: Uint8Array): AccountEntry {
    if (address.length !== 20) throw new RangeError(`address of ${address.length} bytes`)
    const { flat } = this.#source
    const rlp = flat === undefined ? this.#accountTrie.get(address) : flat.account(address)
    if (rlp === null || rlp === undefined) return accountEntry(address.slice(), EMPTY_ACCOUNT, null)
    return accountEntry(address.slice(), decodeAccount(rlp), rlp)
  }

  #slot(account: AccountEntry, key: Uint8Array): Slot {
    const name = keyOf(key)
    let slot = account.slots.get(name)
    if (slot === undefined) {
      if (key.length !== 32) throw new RangeError(`storage key of ${key.length} bytes`)
      const value = this.#loadSlot(account, key)
      slot = { key: key.slice(), value, original: value, inTrie: value }
      account.slots.set(name, slot)
      this.#heldBytes += ENTRY_BYTES
    }
    return slot
  }

  #loadSlot(account: AccountEntry, key: Uint8Array): Uint8Array {
    if (hasEmptyStorageRoot(account)) return ZERO_WORD
    const { flat } = this.#source
    if (flat !== undefined && account.flatSlotsValid) {
      const stored = flat.slot(account.address, key)
      return stored === undefined ? ZERO_WORD : padWord(stored)
    }
    const encoded = this.#storageTrie(account).get(key)
    if (encoded === null) return ZERO_WORD
    const stored = decodeRlp(encoded, { maxDepth: 0 })
    return padWord(stored as Uint8Array)
  }

  #storageTrie(account: AccountEntry): SecureTrie {
    account.storage ??= SecureTrie.open(this.#source.nodes, account.storageRoot)
    return account.storage
  }

  #flushSlots(account: AccountEntry): void {
    if (account.dirtySlots.size === 0) return
    const storage = this.#storageTrie(account)
    for (const slot of account.dirtySlots) {
      if (isZeroWord(slot.value)) storage.del(slot.key)
      else storage.put(slot.key, slotRlp(slot.value), isZeroWord(slot.inTrie) ? null : slotRlp(slot.inTrie))
      slot.inTrie = slot.value
      account.changedSlots.add(slot)
    }
    account.dirtySlots.clear()
    account.storageRoot = storage.root()
  }

  /** Storage goes with an account that is deleted, so that one created there later starts without. */
  #clearStorage(account: AccountEntry): void {
    if (!hasEmptyStorageRoot(account)) this.#wiped.add(account)
    account.storageRoot = EMPTY_TRIE_ROOT
    account.storage = null
    account.flatSlotsValid = false
    account.dirtySlots.clear()
    account.changedSlots.clear()
    for (const slot of account.slots.values()) {
      slot.value = ZERO_WORD
      slot.original = ZERO_WORD
      slot.inTrie = ZERO_WORD
    }
  }

  #loadCode(hash: Uint8Array): Uint8Array {
    if (equalBytes(hash, EMPTY_CODE_HASH)) return EMPTY_BYTES
    const code = this.#newCodes.get(keyOf(hash)) ?? this.#source.codes.code(hash)
    if (code === undefined)
      throw new MissingCodeError(`code ${toHex(hash)} is not in the store: the database is damaged`)
    this.#heldBytes += code.length
    return code
  }

  #warm(name: string): boolean {
    const { warm } = this.#scratch
    if (warm.has(name)) return false
    warm.add(name)
    this.#journal.push({ kind: 'warm', key: name })
    return true
  }
}

function slotRlp(word: Uint8Array): Uint8Array {
  return encodeRlp(stripZeros(word))
}

function accountOf({ nonce, balance, storageRoot, codeHash }: AccountEntry): Account {
  return { nonce, balance, storageRoot, codeHash }
}
