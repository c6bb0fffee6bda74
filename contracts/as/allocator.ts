/**
 * Memory for one call: a bump allocator, put in the place of AssemblyScript's `rt/stub`. Nothing is freed but what rounds
 * of a loop left behind, where the build has shown that nothing of it is needed (src/builder/language/loops.ts).
 *
 * An instance lives for one call, so freeing buys nothing else. Against the original: managed objects have an 8-byte header
 * (the runtime type id and size the language reads at -8 and -4) in place of 20 bytes, raw blocks none, alignment is 8,
 * and memory grows by the pages that are needed, not by doubling, as every page has a price. Fresh memory is zero.
 */

import { panicMemory } from '@touchstone/contracts/as/nativeChecks'
import { forgetEntries } from '@touchstone/contracts/as/storage/slot'

const ALIGNMENT: usize = 8
const HEADER: usize = 8
const LARGEST: usize = 1 << 30
/** All that a contract may have: MAX_MEMORY_PAGES of the chain's VM. */
const MEMORY: usize = 256 << 16

/**
 * Bytes of the heap that are taken. It counts from the heap's start, so that it begins as a constant: the compiler knows
 * where the heap starts only at its end, and a first value that is no constant takes code that sets it, and another global.
 */
let taken: usize = 0

@inline
function heapStart(): usize {
  return (__heap_base + (ALIGNMENT - 1)) & ~(ALIGNMENT - 1)
}

@inline
function aligned(end: usize): usize {
  return (end + (ALIGNMENT - 1)) & ~(ALIGNMENT - 1)
}

/** Fresh zeros. Panic 0x41, as Solidity's, when memory has no room for them. */
@global @unsafe
export function __alloc(size: usize): usize {
  const block = heapStart() + taken
  const room = (<usize>memory.size() << 16) - block
  if (size > room) growBy(size - room, size)
  taken = aligned(taken + size)
  return block
}

function growBy(missing: usize, size: usize): void {
  if (size > LARGEST) panicMemory()
  if (memory.grow(<i32>((missing + 0xffff) >>> 16)) < 0) panicMemory()
}

@global @unsafe
export function __realloc(block: usize, size: usize): usize {
  // A raw block does not know its size; copying `size` bytes from the old place reads zeros or later blocks at worst.
  const copy = __alloc(size)
  memory.copy(copy, block, min(size, copy - block))
  return copy
}

@global @unsafe
export function __free(block: usize): void {}

@global @unsafe
export function __new(size: usize, id: u32): usize {
  const object = __alloc(HEADER + size) + HEADER
  store<u32>(object - 8, id)
  store<u32>(object - 4, <u32>size)
  return object
}

@global @unsafe
export function __renew(object: usize, size: usize): usize {
  const oldSize = <usize>load<u32>(object - 4)
  if (size <= oldSize) {
    store<u32>(object - 4, <u32>size)
    return object
  }
  if (aligned(object + oldSize) == heapStart() + taken) {
    // The last object grows where it is, as an array does that a loop fills.
    taken = object - heapStart()
    __alloc(size)
    store<u32>(object - 4, <u32>size)
    return object
  }
  const copy = __new(size, load<u32>(object - 8))
  memory.copy(copy, object, oldSize)
  return copy
}

@global @unsafe
export function __link(parent: usize, child: usize, expectMultiple: bool): void {}

@global @unsafe
export function __pin(object: usize): usize {
  return object
}

@global @unsafe
export function __unpin(object: usize): void {}

@global @unsafe
function __visit(object: usize, cookie: u32): void {}

@global @unsafe
export function __collect(): void {}

// What the build puts at the beginning of a loop and of each of its rounds.

/** Where the memory of the rounds begins. */
@inline @unsafe
export function loopStart(): usize {
  return heapStart() + taken
}

/** Up to where rounds may fill memory: an eighth of what is left, so that loops within loops have theirs. */
@unsafe
export function loopLimit(start: usize): usize {
  return start + ((MEMORY - start) >>> 3)
}

@inline @unsafe
export function isLoopFull(limit: usize): bool {
  return heapStart() + taken > limit
}

/** Where values that outlive a round are while its memory is cleared: MAX_LOOP_VALUES of the build, 32 bytes each. */
@unsafe
function kept(): usize {
  // Within a function, as what stands outside is in every module.
  return memory.data(512, 8)
}

/**
 * Saves a value of `size` bytes that a variable points to, if a round has made it.
 * @returns where it will be after `giveBack`
 */
@unsafe
export function keepForLoop(value: usize, size: usize, start: usize, place: usize): usize {
  // From before the loop, or null.
  if (value < start) return value
  memory.copy(kept() + place, value, size)
  return start + place
}

/**
 * Clears what the rounds have taken, and puts the values saved, `size` bytes, at its beginning.
 * @returns the new limit
 */
@unsafe
export function giveBack(start: usize, size: usize): usize {
  forgetEntries()
  memory.fill(start, 0, heapStart() + taken - start)
  memory.copy(start, kept(), size)
  taken = start + size - heapStart()
  return loopLimit(start + size)
}
