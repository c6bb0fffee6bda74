/**
 * Clears the memory of an instance that is used again. A contract writes a small part of its memory, and reading is
 * cheaper than writing: code of our own goes over the memory in the host's widest words and clears only the stretches
 * that are not zero (measured for 1 MiB: 28 us, where filling it takes 36). Where the host has no such words, all is
 * filled; the memory is the same afterwards.
 *
 * Why it is so: docs/rationale/vm.md.
 */
import { Writer } from '../binary/writer.ts'
import { type HostInstance, type HostMemory, type HostModule, hostWebAssembly } from './hostWebAssembly.ts'

/** Bytes looked at and cleared together; memories are whole pages, so they are multiples of it. */
export const STRETCH = 256
const WORD = 16

/** Null once the host has refused it. */
let cleaner: HostModule | null | undefined

/** Sets all bytes of a memory from one on to zero; bytes before it are left. The bytes from it on must be whole stretches. */
export function memoryCleaner(memory: HostMemory): (from: number) => void {
  if (cleaner === undefined) cleaner = compileCleaner()
  if (cleaner === null) return (from) => void new Uint8Array(memory.buffer).fill(0, from)
  const { exports }: HostInstance = new hostWebAssembly.Instance(cleaner, { m: { m: memory } })
  const clear = exports['clear'] as (from: number, end: number) => void
  return (from) => {
    const { byteLength } = memory.buffer
    if (byteLength > from) clear(from, byteLength)
  }
}

/** Asked beforehand: an exception of compiling after that is a failure of this machine, and nobody's to swallow. */
function compileCleaner(): HostModule | null {
  const bytes = cleanerBytes()
  return hostWebAssembly.validate(bytes) ? new hostWebAssembly.Module(bytes) : null
}

/** `clear(at: i32, end: i32)`: clears bytes from one to the other, at least one stretch. */
function cleanerBytes(): Uint8Array {
  const module = new Writer()
  module.raw(Uint8Array.of(0x00, 0x61, 0x73, 0x6d, 1, 0, 0, 0))
  const section = (id: number, content: readonly number[]): void => {
    module.byte(id)
    module.sized(Uint8Array.from(content))
  }
  section(1, [1, 0x60, 2, 0x7f, 0x7f, 0]) // (func (param $at i32) (param $end i32))
  section(2, [1, 1, 0x6d, 1, 0x6d, 2, 0, 0]) // (import "m" "m" (memory 0))
  section(3, [1, 0])
  section(7, [1, 5, ...new TextEncoder().encode('clear'), 0, 0])
  const body = new Writer()
  body.raw(Uint8Array.of(0)) // no locals
  body.raw(Uint8Array.of(0x03, 0x40)) // loop
  for (let offset = 0; offset < STRETCH; offset += WORD) {
    body.raw(Uint8Array.of(0x20, 0, 0xfd, 0, 4)) // v128.load (local.get $at)
    body.u32(offset)
    if (offset > 0) body.raw(Uint8Array.of(0xfd, 0x50)) // v128.or
  }
  body.raw(Uint8Array.of(0xfd, 0x53, 0x04, 0x40)) // if v128.any_true
  body.raw(Uint8Array.of(0x20, 0, 0x41, 0, 0x41)) // memory.fill $at 0 STRETCH
  body.s32(STRETCH)
  body.raw(Uint8Array.of(0xfc, 11, 0, 0x0b))
  body.raw(Uint8Array.of(0x20, 0, 0x41))
  body.s32(STRETCH)
  body.raw(Uint8Array.of(0x6a, 0x22, 0, 0x20, 1, 0x49, 0x0d, 0, 0x0b, 0x0b)) // br_if while $at + STRETCH < end
  const code = new Writer()
  code.u32(1)
  code.sized(body.finish())
  module.byte(10)
  module.sized(code.finish())
  return module.finish()
}
