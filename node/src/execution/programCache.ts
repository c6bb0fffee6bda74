/**
 * Compiled contracts, by code hash: the longest unused goes first when the bound is reached. A cache changes how long
 * an execution takes and never what it gives or costs.
 */
import type { Contract } from '@touchstone/vm'
import { PROGRAM_CACHE_BYTES, PROGRAM_CACHE_ENTRIES } from './limits.ts'

export interface ProgramCacheOptions {
  /** Bytes of modules, unpacked, that stay compiled. */
  readonly maxBytes?: number
  readonly maxEntries?: number
}

export interface ProgramCache {
  get(key: string): Contract | undefined
  set(key: string, contract: Contract): void
  /** Programs held, and the bytes of their modules. */
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
    bytes -= entry.program.module.byteLength
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
      bytes += contract.program.module.byteLength
      for (const oldest of entries.keys()) {
        if ((bytes <= maxBytes && entries.size <= maxEntries) || oldest === key) break
        drop(oldest)
      }
    },
    size: () => ({ entries: entries.size, bytes }),
  }
}
