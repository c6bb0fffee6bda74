/** Modules for tests, from the text format to what a chain stores. */
import { brotliCompressSync } from 'node:zlib'
import { watToWasm as assemble } from '@touchstone/vm/testing/wat'
import { concatBytes } from '../src/codec/bytes.ts'

/** A module in the text format as bytes, with its name section. @throws Error with wabt's words. */
export function watToWasm(text: string): Uint8Array {
  return assemble(text, { names: true })
}

/** `EFF000` || 00 || brotli(module). */
export function packCode(module: Uint8Array): Uint8Array {
  return concatBytes(Uint8Array.of(0xef, 0xf0, 0, 0), Uint8Array.from(brotliCompressSync(module)))
}
