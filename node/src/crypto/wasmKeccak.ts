/**
 * Keccak-256 of short inputs by WebAssembly of our own (keccakModule.ts): OpenSSL's takes as long for a block, and two
 * microseconds more for being called. Nearly all that a chain hashes is short: nodes of tries, keys, transactions.
 */
import { INPUT_OFFSET, keccakModule, OUTPUT_OFFSET, RATE } from './keccakModule.ts'

/** So long an input takes the same time either way. */
const MOST_BYTES = 1_024
/** Making the module takes as long as it saves in some thousand hashes, and a thread that hashes little needs none. */
const HASHES_BEFORE = 1_000

const HASH_BYTES = 32
/** The padding of the original Keccak, whose first byte SHA-3 has changed. */
const FIRST_OF_PADDING = 0x01
const LAST_OF_PADDING = 0x80

export type Hash = (data: Uint8Array) => Uint8Array

export interface WasmKeccakBounds {
  /** Hashes that `other` makes first. */
  readonly hashesBefore?: number
}

/**
 * @param other makes the first, those of long inputs, and all where the host has no WebAssembly (V8 with `--jitless`) or
 * no memory for the module
 */
export function wasmKeccak(other: Hash, { hashesBefore = HASHES_BEFORE }: WasmKeccakBounds = {}): Hash {
  let left = hashesBefore
  let own: Hash | null = null
  return (data) => {
    if (data.length > MOST_BYTES) return other(data)
    if (own !== null) return own(data)
    if (left > 0) left -= 1
    else own = moduleHash() ?? other
    return (own ?? other)(data)
  }
}

function moduleHash(): Hash | null {
  const instance = instantiate()
  if (instance === null) return null
  const { memory, hash } = instance
  const bytes = new Uint8Array(memory.buffer)
  return (data) => {
    const { length } = data
    const blocks = Math.floor(length / RATE) + 1
    const end = INPUT_OFFSET + blocks * RATE
    bytes.set(data, INPUT_OFFSET)
    bytes.fill(0, INPUT_OFFSET + length, end)
    bytes[INPUT_OFFSET + length] = FIRST_OF_PADDING
    bytes[end - 1]! |= LAST_OF_PADDING
    hash(blocks)
    return bytes.slice(OUTPUT_OFFSET, OUTPUT_OFFSET + HASH_BYTES)
  }
}

interface KeccakExports {
  readonly memory: { readonly buffer: ArrayBuffer }
  hash(blocks: number): void
}

/** Of the host's WebAssembly, which the types of this package do not have. */
interface Host {
  readonly WebAssembly?: {
    readonly Module: new (bytes: Uint8Array) => object
    readonly Instance: new (module: object) => { readonly exports: KeccakExports }
  }
}

function instantiate(): KeccakExports | null {
  const { WebAssembly } = globalThis as unknown as Host
  if (WebAssembly === undefined) return null
  try {
    return new WebAssembly.Instance(new WebAssembly.Module(keccakModule())).exports
  } catch (error) {
    // No memory, or no stack left for making it.
    if (error instanceof RangeError) return null
    throw error
  }
}
