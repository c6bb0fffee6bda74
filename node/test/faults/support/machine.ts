/**
 * A machine with disks in memory that stops at a write, whichever of its stores makes it: nothing is written any more,
 * and the writers hear of an error. Unsynced writes are kept, as when a process is killed, or lost, as when the power
 * fails.
 */
import { keyOf } from '../../../src/codec/bytes.ts'
import { fromHex } from '../../../src/codec/hex.ts'
import type { KeyValueStore, StoreOperation } from '../../../src/runtime/keyValueStore.ts'
import { createMemoryStore } from '../../../src/runtime/memoryStore.ts'

export interface Stop {
  /** Which write of the machine it is, from 0. */
  readonly write: number
  /** Whether that write itself gets to the disk. */
  readonly applied: boolean
  /** Whether batches that were not synced are gone; those of a store come back from the newest to the last synced one. */
  readonly losesUnsynced: boolean
}

export interface Machine {
  store(name: string): KeyValueStore
  readonly stopped: boolean
  readonly writes: number
}

/** Disks outlive machines. */
export type Disks = Map<string, KeyValueStore>

export function createMachine(disks: Disks, stop: Stop | null): Machine {
  let writes = 0
  let stopped = false
  /** By store: how to take back what was not synced, oldest first. */
  const unsynced = new Map<string, StoreOperation[][]>()
  const failure = () => new Error('the machine stopped')

  const end = async () => {
    stopped = true
    if (stop?.losesUnsynced !== true) return
    for (const [name, undo] of unsynced) {
      for (const operations of undo.toReversed()) await disks.get(name)!.batch(operations, { sync: true })
    }
  }
  return {
    get stopped() {
      return stopped
    },
    get writes() {
      return writes
    },
    store(name) {
      const disk = disks.get(name) ?? createMemoryStore()
      disks.set(name, disk)
      return {
        ...disk,
        async batch(operations, options) {
          if (stopped) throw failure()
          const isLast = stop !== null && writes === stop.write
          writes++
          if (!isLast || stop.applied) {
            if (options.sync) unsynced.set(name, [])
            else unsynced.set(name, [...(unsynced.get(name) ?? []), undoOf(disk, operations)])
            await disk.batch(operations, options)
          }
          if (!isLast) return
          await end()
          throw failure()
        },
        async close() {},
      }
    },
  }
}

function undoOf(disk: KeyValueStore, operations: readonly StoreOperation[]): StoreOperation[] {
  return [...new Set(operations.map(({ key }) => keyOf(key)))].map((name) => {
    const key = fromHex(`0x${name}`)
    const value = disk.get(key)
    return value === undefined ? { type: 'del', key } : { type: 'put', key, value }
  })
}
