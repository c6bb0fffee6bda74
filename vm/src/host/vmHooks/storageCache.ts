/**
 * The write-back cache a Stylus frame has over its storage. A value written is held until `storage_flush_cache`; what
 * is never flushed is lost with the frame, and a nested call does not flush (the SDKs do it before they call). One
 * cache belongs to one frame, so a re-entered contract sees storage only, and the outer frame goes on seeing its own
 * cached values until it clears them.
 */
import type { Environment } from '../environment.ts'
import { cacheReadGas, cacheWriteGas } from './prices.ts'

interface CachedSlot {
  readonly key: Uint8Array
  /** Its number among the slots of the cache, in the order in which they were first touched. */
  readonly place: number
  value: Uint8Array
  /** The value in storage as far as this frame knows; null when it never looked. */
  known: Uint8Array | null
  /** Since the last flush. */
  written: boolean
}

export class StorageCache {
  readonly #stateCallGas: bigint
  #slots = new Map<string, CachedSlot>()
  /** A flush has one price, however many slots the cache holds: it looks only at those that were written since the last. */
  #written: CachedSlot[] = []
  #reads = 0
  #writes = 0

  /** `stateCallGas`: what reaching into the chain's state costs on top of the access. */
  constructor(stateCallGas: bigint) {
    this.#stateCallGas = stateCallGas
  }

  /** Slots it holds now. */
  get size(): number {
    return this.#slots.size
  }

  /** The value of a slot and its price in gas. */
  load(environment: Environment, key: Uint8Array): { readonly value: Uint8Array; readonly gas: bigint } {
    this.#reads++
    let gas = cacheReadGas(this.#reads)
    const id = slotId(key)
    let slot = this.#slots.get(id)
    if (slot === undefined) {
      const loaded = environment.storageLoad(key)
      gas += loaded.gas + this.#stateCallGas
      slot = { key, place: this.#slots.size, value: loaded.value, known: loaded.value, written: false }
      this.#slots.set(id, slot)
    }
    return { value: slot.value, gas }
  }

  /** Holds a value until the next flush; the price in gas. */
  write(key: Uint8Array, value: Uint8Array): bigint {
    this.#writes++
    const id = slotId(key)
    let slot = this.#slots.get(id)
    if (slot === undefined) {
      slot = { key, place: this.#slots.size, value, known: null, written: false }
      this.#slots.set(id, slot)
    }
    slot.value = value
    if (!slot.written) this.#written.push(slot)
    slot.written = true
    return cacheWriteGas(this.#writes)
  }

  /**
   * Stores every value that differs from what storage is known to hold, in the order the slots were first touched.
   * `charge` takes each store's price before the next is made.
   * @throws EnvironmentError `write-protection` in a static call.
   */
  flush(environment: Environment, clear: boolean, gasLeft: () => bigint, charge: (gas: bigint) => void): void {
    const written = this.#written.sort((a, b) => a.place - b.place)
    this.#written = []
    for (const slot of written) {
      slot.written = false
      if (slot.known !== null && equalWords(slot.known, slot.value)) continue
      charge(environment.storageStore(slot.key, slot.value, gasLeft()).gas)
      slot.known = slot.value
    }
    if (clear) this.#slots.clear()
  }
}

/** The 32 bytes as 16 UTF-16 units: the cheapest exact Map key for a word. */
function slotId(key: Uint8Array): string {
  let id = ''
  for (let i = 0; i < 32; i += 2) id += String.fromCharCode(((key[i] ?? 0) << 8) | (key[i + 1] ?? 0))
  return id
}

function equalWords(a: Uint8Array, b: Uint8Array): boolean {
  for (let i = 0; i < 32; i++) if (a[i] !== b[i]) return false
  return true
}
