/**
 * The threads of a process share what V8 may be given of function types (vm/src/engine/compiled/hostTypes.ts): those
 * that blocks need, and fewer that anybody's calls may use up. The counts lie in memory that every thread started later
 * finds.
 */
import { getEnvironmentData, setEnvironmentData } from 'node:worker_threads'
import { MAX_CALL_HOST_TYPES, MAX_CHAIN_HOST_TYPES } from '../limits.ts'

const KEY = 'touchstone: function types given to the host'
const PLACES = { chain: 0, calls: 1 } as const
const LIMITS = { chain: MAX_CHAIN_HOST_TYPES, calls: MAX_CALL_HOST_TYPES } as const
export type HostTypesUser = keyof typeof PLACES

/** Where a user's types are counted, and how many there may be. */
export interface HostTypesRoom {
  readonly counts: Int32Array<SharedArrayBuffer>
  readonly place: number
  readonly limit: number
}

/** To be called on the main thread before it starts others; nodes of one process have one count, as V8 has. */
export function shareHostTypes(): Int32Array<SharedArrayBuffer> {
  const shared = sharedCounts()
  if (shared !== null) return shared
  const counts = new Int32Array(new SharedArrayBuffer(Object.keys(PLACES).length * Int32Array.BYTES_PER_ELEMENT))
  setEnvironmentData(KEY, counts)
  return counts
}

/** For a thread that runs contracts; null where nothing was shared. */
export function hostTypesOf(user: HostTypesUser): HostTypesRoom | null {
  const counts = sharedCounts()
  return counts === null ? null : { counts, place: PLACES[user], limit: LIMITS[user] }
}

/** Which are used up by nine parts of ten: a module soon finds no room, if it did not already. */
export function nearlyUsedUp(counts: Int32Array): readonly HostTypesUser[] {
  return (['chain', 'calls'] as const).filter((user) => Atomics.load(counts, PLACES[user]) > 0.9 * LIMITS[user])
}

function sharedCounts(): Int32Array<SharedArrayBuffer> | null {
  const found = getEnvironmentData(KEY)
  return found instanceof Int32Array ? (found as Int32Array<SharedArrayBuffer>) : null
}
