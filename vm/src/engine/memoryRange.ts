/** The one bounds check of host access to a memory: every engine must trap on the same pointers. */
import { HostTrap } from './engine.ts'

/** @param size of the memory in bytes. @throws HostTrap `out-of-bounds-memory`. */
export function checkMemoryRange(offset: number, length: number, size: number): void {
  if (Number.isInteger(offset) && Number.isInteger(length) && offset >= 0 && length >= 0) {
    if (offset + length <= size) return
  }
  throw new HostTrap('out-of-bounds-memory', `${length} bytes at ${offset} of a memory of ${size} bytes`)
}
