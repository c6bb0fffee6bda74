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

/** Bytes of memory that a program takes, decoded and compiled, for each byte of its module; measured: 15 to 30. */
const MEMORY_PER_BYTE = 32
/** For each function it defines; measured: some 1 000 for the least. */
const MEMORY_PER_FUNCTION = 1_024

export function programBytes({ program: { module } }: Contract): number {
  return MEMORY_PER_BYTE * module.byteLength + MEMORY_PER_FUNCTION * module.functionCount
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
