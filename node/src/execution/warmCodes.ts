/**
 * Codes that the chain holds to be warm: whoever loads them pays no compiling (docs/protocol/gas.md, "Loading"). Which these
 * are is state, in the storage of ArbWasmCache, and changes at the end of blocks only: so every node agrees, one that began
 * with a snapshot too, and a call or a trace in the middle of a block sees what its block began with.
 *
 * They stand in a line. A code that was loaded cold, or created, goes to its end; while there are too many, the first
 * leaves, unless it was loaded since it was last at the end: then it goes there once more (the algorithm called clock).
 */
import { bigintToBytes, bytesToBigint, keyOf } from '../codec/bytes.ts'
import type { State } from '../state/state.ts'
import { MAX_WARM_CODES, WARM_CODES_GAS } from './limits.ts'
import { ARB_WASM_CACHE_ADDRESS } from './native/arbitrum/addresses.ts'

/** A code that a transaction loaded or created, and paid for. */
export interface LoadedCode {
  /** 32 bytes, see `CodeSource.key`. */
  readonly key: Uint8Array
  /** The gas that compiling it costs (`compilingGas`). */
  readonly weight: bigint
}

/** The codes that the transactions of a block loaded, each once, in the order of the first loads. */
export class LoadedCodes {
  readonly #codes = new Map<string, LoadedCode>()

  add(loaded: readonly LoadedCode[]): void {
    for (const code of loaded) {
      const name = keyOf(code.key)
      if (!this.#codes.has(name)) this.#codes.set(name, code)
    }
  }

  all(): readonly LoadedCode[] {
    return [...this.#codes.values()]
  }
}

interface Line {
  /** Place of the first. */
  readonly head: bigint
  /** Place behind the last. Places begin at 1 and are used once. */
  readonly tail: bigint
  /** Of all together. */
  readonly weight: bigint
}

interface Entry {
  readonly weight: bigint
  /** Loaded since it was last put at the end of the line. */
  readonly used: boolean
}

/** The slot of the line; a place's slot has its number, and holds a key, and that key's slot holds the entry. */
const LINE_SLOT = word(0n)
const NOTHING = word(0n)
const BITS = 64n
const USED_BIT = 1n << BITS

/** Whether the code with this key is warm by the state, which the block began with. No gas: loading pays for the look. */
export function isWarm(state: State, key: Uint8Array): boolean {
  return isWarmEntry(state.storage(ARB_WASM_CACHE_ADDRESS, key))
}

/** Whether a slot of ArbWasmCache, which has the name of a code's key, says that the code is warm. */
export function isWarmEntry(slot: Uint8Array): boolean {
  return decodeEntry(slot) !== null
}

/**
 * At the end of a block, what its transactions loaded, in the order in which they first did. The state is between
 * transactions, and will be. Only what is in the line in the end is written, however many codes a block loads.
 */
export function keepWarm(state: State, loaded: readonly LoadedCode[]): void {
  if (loaded.length === 0) return
  const slots = new Slots(state)
  let { head, tail, weight } = decodeLine(slots.load(LINE_SLOT))
  const putLast = (key: Uint8Array, entry: Entry): void => {
    slots.store(word(tail), key)
    slots.store(key, encodeEntry(entry))
    tail++
  }
  let marks = MAX_WARM_CODES
  const cold: LoadedCode[] = []
  for (const code of loaded) {
    const entry = decodeEntry(slots.load(code.key))
    if (entry !== null) slots.store(code.key, encodeEntry({ ...entry, used: true }))
    else if (code.weight <= WARM_CODES_GAS) cold.push(code)
  }
  for (const code of cold) {
    // Each round takes a mark or a code away, so there are no more rounds than of both. Marks are counted for storage that
    // was not written here (see decodeLine), where a place may name another place.
    while (weight + code.weight > WARM_CODES_GAS || tail - head >= BigInt(MAX_WARM_CODES)) {
      const first = slots.load(word(head))
      const entry = decodeEntry(slots.load(first))
      slots.store(word(head), NOTHING)
      head++
      if (entry?.used === true && marks > 0) {
        marks--
        putLast(first, { weight: entry.weight, used: false })
      } else if (entry !== null && entry.weight <= weight) {
        slots.store(first, NOTHING)
        weight -= entry.weight
      }
      // In such storage too: nothing is left that could leave.
      if (head === tail) weight = 0n
    }
    putLast(code.key, { weight: code.weight, used: false })
    weight += code.weight
  }
  slots.store(LINE_SLOT, encodeLine({ head, tail, weight }))
  slots.write()
}

/** The storage of the line, changed in memory first. */
class Slots {
  readonly #state: State
  readonly #changed = new Map<string, { readonly slot: Uint8Array; readonly value: Uint8Array }>()

  constructor(state: State) {
    this.#state = state
  }

  load(slot: Uint8Array): Uint8Array {
    return this.#changed.get(keyOf(slot))?.value ?? this.#state.storage(ARB_WASM_CACHE_ADDRESS, slot)
  }

  store(slot: Uint8Array, value: Uint8Array): void {
    this.#changed.set(keyOf(slot), { slot, value })
  }

  write(): void {
    const state = this.#state
    const address = ARB_WASM_CACHE_ADDRESS
    // An account that has nothing but storage counts as empty (EIP-161) and would be deleted.
    if (state.nonce(address) === 0n) state.setNonce(address, 1n)
    for (const { slot, value } of this.#changed.values()) state.setStorage(address, slot, value)
    state.endTransaction()
  }
}

function word(value: bigint): Uint8Array {
  return bigintToBytes(value, 32)
}

/**
 * Zeros, before anything was loaded, are an empty line: places begin at 1. So is what no block leaves here: a genesis, a dev
 * control or the overrides of a call may write any storage, and none of them may make a block endless or impossible.
 */
function decodeLine(slot: Uint8Array): Line {
  const value = bytesToBigint(slot)
  const head = BigInt.asUintN(64, value >> (2n * BITS))
  const tail = BigInt.asUintN(64, value >> BITS)
  const weight = BigInt.asUintN(64, value)
  // Nobody could leave an empty line that is too heavy for the next to join.
  const isWeighed = head === tail ? weight === 0n : weight <= WARM_CODES_GAS
  const isLine = head >= 1n && head <= tail && tail - head <= BigInt(MAX_WARM_CODES) && isWeighed
  return isLine && value >> (3n * BITS) === 0n ? { head, tail, weight } : { head: 1n, tail: 1n, weight: 0n }
}

function encodeLine({ head, tail, weight }: Line): Uint8Array {
  return tail === 1n ? NOTHING : word((head << (2n * BITS)) | (tail << BITS) | weight)
}

/** Null also where the slot is one of the line or of a place: both hold larger numbers. */
function decodeEntry(slot: Uint8Array): Entry | null {
  const value = bytesToBigint(slot)
  if (value === 0n || value >> (BITS + 1n) !== 0n) return null
  return { weight: BigInt.asUintN(64, value), used: (value & USED_BIT) !== 0n }
}

function encodeEntry({ weight, used }: Entry): Uint8Array {
  return word(weight | (used ? USED_BIT : 0n))
}
