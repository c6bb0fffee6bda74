/**
 * Segments of memory, as few as they can be: each takes bytes of the module and gas of every frame. The compiler makes one
 * for each text and each constant array.
 */

import type { Compiler, MemorySegment, Replacement } from './internals.ts'

/** Zeros between two segments that take no more than a segment of its own does: its flag, its offset, its length. */
const MOST_BETWEEN = 7
/** Bytes at the beginning of an object's header that AssemblyScript's own allocator reads and the SDK's does not. */
const BLOCK_HEADER = 4

export const MEMORY_SEGMENTS: readonly Replacement[] = [
  {
    owner: 'Compiler',
    methods: ['addRuntimeMemorySegment'],
    replace: (add) =>
      function (this: Compiler, buffer: Uint8Array) {
        return add.call(this, buffer.fill(0, 0, BLOCK_HEADER))
      },
  },
  {
    owner: 'Module',
    methods: ['setMemory'],
    replace: (setMemory) =>
      function (this: unknown, initial: number, maximum: number, segments: readonly MemorySegment[], ...rest) {
        return setMemory.call(this, initial, maximum, joined(segments), ...rest)
      },
  },
]

/** The same bytes at the same places. Binaryen takes long runs of zeros out again. */
export function joined(segments: readonly MemorySegment[]): MemorySegment[] {
  const made: MemorySegment[] = []
  for (const segment of [...segments].sort((a, b) => a.offset.low - b.offset.low)) {
    const last = made.at(-1)
    const start = segment.offset.low
    const between = last === undefined ? Number.POSITIVE_INFINITY : start - last.offset.low - last.buffer.length
    if (last === undefined || between > MOST_BETWEEN) {
      made.push(segment)
      continue
    }
    const buffer = new Uint8Array(start - last.offset.low + segment.buffer.length)
    buffer.set(last.buffer)
    buffer.set(segment.buffer, start - last.offset.low)
    made[made.length - 1] = { buffer, offset: last.offset }
  }
  return made
}
