/**
 * The record that a chain in dev mode keeps of itself in the state: the storage of one account without code
 * (docs/protocol/dev.md, "The account"). So the state of a block tells the rules of the next one.
 */
import { bigintToBytes, bytesToBigint, concatBytes } from '../../codec/bytes.ts'
import { isZeroWord } from '../../state/accountEntry.ts'
import type { State } from '../../state/state.ts'
import { EMPTY_TRIE_ROOT } from '../../types/accountCodec.ts'
import { isDevTransaction, type Transaction } from '../../types/transaction.ts'
import { MAX_DEV_SNAPSHOTS } from '../limits.ts'

/** 20 bytes: 0x...0802. No key signs for it, and no code can be put there. */
export const DEV_ADDRESS = bigintToBytes(0x802n, 20)

export type DevSlots = Pick<State, 'storage'>
export type DevSlotsToWrite = Pick<State, 'storage' | 'setStorage'>

/** A value that holds in one block only. */
interface OfBlock {
  readonly value: bigint
  readonly block: bigint
}

export interface DevSettings {
  /** Seconds that block times are ahead of the clocks; negative where they are behind. */
  readonly timeOffset: bigint
  /** The time of one block, whatever the clocks say. */
  readonly nextTimestamp: OfBlock
  /** Seconds from each block to the next; 0: as the clocks have it. */
  readonly timestampInterval: bigint
  /** Whether transactions that wait are put into a block without being asked for. */
  readonly automine: boolean
  /** Milliseconds from block to block; 0: blocks are made when there is something for them. */
  readonly miningInterval: bigint
  /** Blocks up to this one are made, with or without transactions. */
  readonly mineUntil: bigint
  /** Seconds between these blocks; 0: as without it. */
  readonly mineTimestampInterval: bigint
  /** Where tips go; null: where each proposer wants them. */
  readonly coinbase: Uint8Array | null
  /** Null: the genesis'. */
  readonly gasLimit: bigint | null
  /** Wei per gas, of one block. */
  readonly nextBaseFee: OfBlock
  /** Whether messages of every account may be sent. */
  readonly autoImpersonate: boolean
}

/** Slots whose value is one word. */
const SLOTS = {
  controller: 0n,
  genesisRoot: 1n,
  timeOffset: 2n,
  nextTimestamp: 3n,
  timestampInterval: 4n,
  isManual: 5n,
  miningInterval: 6n,
  mineUntil: 7n,
  mineTimestampInterval: 8n,
  coinbase: 9n,
  gasLimit: 10n,
  nextBaseFee: 11n,
  autoImpersonate: 12n,
  lastSnapshot: 13n,
} as const

type SlotName = keyof typeof SLOTS

/** First byte of the keys of tables. */
const SNAPSHOT_TABLE = 1
const USED_TABLE = 2
const IMPERSONATED_TABLE = 3

const ZERO_WORD = new Uint8Array(32)

/** 32 bytes. */
export function devSlot(name: SlotName): Uint8Array {
  return bigintToBytes(SLOTS[name], 32)
}

export function snapshotSlot(id: bigint): Uint8Array {
  return concatBytes(Uint8Array.of(SNAPSHOT_TABLE), bigintToBytes(id, 31))
}

/** Of a dev transaction that is in a block: the last 31 bytes of its hash are enough to know it by. */
export function usedSlot(hash: Uint8Array): Uint8Array {
  return concatBytes(Uint8Array.of(USED_TABLE), hash.subarray(1))
}

export function impersonatedSlot(address: Uint8Array): Uint8Array {
  return concatBytes(Uint8Array.of(IMPERSONATED_TABLE), new Uint8Array(11), address)
}

/** 20 bytes; null on a chain that is not in dev mode. */
export function controllerOf(state: DevSlots): Uint8Array | null {
  const word = state.storage(DEV_ADDRESS, devSlot('controller'))
  return isZeroWord(word) ? null : word.subarray(12)
}

/**
 * The signer of a transaction that is in a block, 20 bytes: of a dev transaction the controller, and not the account whose
 * message it is, which its receipt names. `from`: what the receipt names.
 */
export function signerOf(state: DevSlots, transaction: Transaction, from: Uint8Array): Uint8Array {
  return isDevTransaction(transaction) ? (controllerOf(state) ?? from) : from
}

export function readSlot(state: DevSlots, name: SlotName): bigint {
  return bytesToBigint(state.storage(DEV_ADDRESS, devSlot(name)))
}

export function writeSlot(state: DevSlotsToWrite, name: SlotName, value: bigint): void {
  state.setStorage(DEV_ADDRESS, devSlot(name), bigintToBytes(value, 32))
}

function readOfBlock(word: bigint): OfBlock {
  return { value: word >> 64n, block: BigInt.asUintN(64, word) }
}

/** Both below 2^64. */
export function wordOfBlock({ value, block }: OfBlock): bigint {
  return (value << 64n) | block
}

/** The words of the settings in this order, read from a state or asked of a chain. */
const SETTING_SLOTS = [
  'timeOffset',
  'nextTimestamp',
  'timestampInterval',
  'isManual',
  'miningInterval',
  'mineUntil',
  'mineTimestampInterval',
  'coinbase',
  'gasLimit',
  'nextBaseFee',
  'autoImpersonate',
] as const satisfies readonly SlotName[]

/** `words` are those of {@link SETTING_SLOTS}. */
export function settingsOf(words: readonly Uint8Array[]): DevSettings {
  const word = (name: (typeof SETTING_SLOTS)[number]): Uint8Array => words[SETTING_SLOTS.indexOf(name)] ?? ZERO_WORD
  const number = (name: (typeof SETTING_SLOTS)[number]): bigint => bytesToBigint(word(name))
  const gasLimit = number('gasLimit')
  return {
    timeOffset: BigInt.asIntN(64, number('timeOffset')),
    nextTimestamp: readOfBlock(number('nextTimestamp')),
    timestampInterval: number('timestampInterval'),
    automine: number('isManual') === 0n,
    miningInterval: number('miningInterval'),
    mineUntil: number('mineUntil'),
    mineTimestampInterval: number('mineTimestampInterval'),
    coinbase: isZeroWord(word('coinbase')) ? null : word('coinbase').slice(12),
    gasLimit: gasLimit === 0n ? null : gasLimit,
    nextBaseFee: readOfBlock(number('nextBaseFee')),
    autoImpersonate: number('autoImpersonate') !== 0n,
  }
}

export function readSettings(state: DevSlots): DevSettings {
  return settingsOf(SETTING_SLOTS.map((name) => state.storage(DEV_ADDRESS, devSlot(name))))
}

/** Puts the account into the state of block 0. `root`: of that state without the account. */
export function initialDevState(
  state: DevSlotsToWrite & Pick<State, 'setNonce'>,
  controller: Uint8Array,
  root: Uint8Array,
): void {
  // An account without nonce, balance and code would not be in the state, nor its storage.
  state.setNonce(DEV_ADDRESS, 1n)
  state.setStorage(DEV_ADDRESS, devSlot('controller'), concatBytes(new Uint8Array(12), controller))
  state.setStorage(DEV_ADDRESS, devSlot('genesisRoot'), root)
}

/** A snapshot that the chain may go back to. */
export interface LiveSnapshot {
  readonly id: bigint
  /** Of its state. */
  readonly root: Uint8Array
}

/** In the order in which they were made. */
export function liveSnapshots(state: DevSlots): LiveSnapshot[] {
  const last = readSlot(state, 'lastSnapshot')
  const live: LiveSnapshot[] = []
  for (let id = last > MAX_DEV_SNAPSHOTS ? last - MAX_DEV_SNAPSHOTS + 1n : 1n; id <= last; id++) {
    const root = rootOfSnapshot(state, id)
    if (root !== null) live.push({ id, root })
  }
  return live
}

/** Null where there is no such snapshot, or not any more. */
export function rootOfSnapshot(state: DevSlots, id: bigint): Uint8Array | null {
  const root = state.storage(DEV_ADDRESS, snapshotSlot(id))
  return isZeroWord(root) ? null : root
}

/** Roots of the states that the chain may go back to: of its snapshots, and of the genesis without the account. */
export function keptRoots(state: DevSlots): Uint8Array[] {
  return [genesisRootOf(state), ...liveSnapshots(state).map(({ root }) => root)]
}

/**
 * Root of block 0's state without the account: what a chain that is reset goes back to. Never that of an empty state in
 * practice.
 */
export function genesisRootOf(state: DevSlots): Uint8Array {
  const root = state.storage(DEV_ADDRESS, devSlot('genesisRoot'))
  return isZeroWord(root) ? EMPTY_TRIE_ROOT : root
}
