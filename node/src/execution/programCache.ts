/**
 * Compiled contracts, by code hash: the longest unused goes first when the bound is reached. A cache changes how long
 * an execution takes and never what it gives or costs.
 */
import type { Contract } from '@touchstone/vm'
import { PROGRAM_CACHE_BYTES, PROGRAM_CACHE_ENTRIES } from './limits.ts'

export interface ProgramCacheOptions {
  /** Bytes of memory that programs may take, as {@link programBytes} estimates them. */
  readonly maxBytes?: number
  readonly maxEntries?: number
}

/** Bytes of memory that any program takes, V8's share included; measured: 80 000. */
const MEMORY_PER_PROGRAM = 65_536
/** Decoded and compiled, for each byte of its module; measured: 15 to 30. */
const MEMORY_PER_BYTE = 32
/** For each function it defines; measured: some 1 000 for the least. */
const MEMORY_PER_FUNCTION = 1_024
/** For each local that a function declares; measured: 11. A module of 6 KB may declare a million, which take 10 MB. */
const MEMORY_PER_LOCAL = 16
/** For each type, global, segment and constant expression; measured: 130 to 500. */
const MEMORY_PER_DECLARATION = 512

/** From above, by what the module declares, since the author of programs chooses what their memory goes to. */
export function programBytes({ program: { module } }: Contract): number {
  return (
    MEMORY_PER_PROGRAM +
    MEMORY_PER_BYTE * module.byteLength +
    MEMORY_PER_FUNCTION * module.functionCount +
    MEMORY_PER_LOCAL * module.declaredLocals +
    MEMORY_PER_DECLARATION * module.declarations
  )
}

export interface ProgramCache {
  get(key: string): Contract | undefined
  set(key: string, contract: Contract): void
  /** Forgets all of them. */
  clear(): void
  /** Programs held, and their estimated bytes. */
  size(): { readonly entries: number; readonly bytes: number }
}

export function createProgramCache(options: ProgramCacheOptions = {}): ProgramCache {
  const maxBytes = options.maxBytes ?? PROGRAM_CACHE_BYTES
  const maxEntries = options.maxEntries ?? PROGRAM_CACHE_ENTRIES
  // A Map iterates in the order of insertion; a hit is inserted anew, so the first entry is the longest unused.
  const entries = new Map<string, Contract>()
  let bytes = 0
  const drop = (key: string): void => {
    const entry = entries.get(key)
    if (entry === undefined) return
    entries.delete(key)
    bytes -= programBytes(entry)
    entry.program.forget()
  }
  return {
    get(key) {
      const entry = entries.get(key)
      if (entry === undefined) return undefined
      entries.delete(key)
      entries.set(key, entry)
      return entry
    },
    set(key, contract) {
      drop(key)
      entries.set(key, contract)
      bytes += programBytes(contract)
      for (const oldest of entries.keys()) {
        if ((bytes <= maxBytes && entries.size <= maxEntries) || oldest === key) break
        drop(oldest)
      }
    },
    clear() {
      for (const key of [...entries.keys()]) drop(key)
    },
    size: () => ({ entries: entries.size, bytes }),
  }
}
