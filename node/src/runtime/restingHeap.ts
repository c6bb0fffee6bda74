/**
 * A start leaves as much behind as it keeps, and V8 takes it away when a heap grows, which one that rests does not. So a
 * thread collects once, when it has had nothing to do for a moment. Why it is so: docs/rationale/execution.md.
 */
import { setFlagsFromString } from 'node:v8'
import { backgroundClock, type Clock } from './clock.ts'

/** Milliseconds between two looks. */
const REST_MS = 1_000
/** Of that time a thread may have been at work, to be at rest: a collection takes some 30 ms. */
const MOST_BUSY = 0.05
/** Looks, until a thread is left alone: V8 collects by itself where there is always work. */
export const MAX_LOOKS_FOR_REST = 60

export interface RestOptions {
  readonly clock?: Clock
  /** The part of the time since the last look, or since now, in which the thread was at work: from 0 to 1. */
  readonly busy?: () => number
  /** False where it could not. */
  readonly collect?: () => boolean
}

/** For a thread that has started. */
export function collectAtRest({
  clock = backgroundClock,
  busy = busyPart(),
  collect = collectAll,
}: RestOptions = {}): void {
  const look = (left: number): void => {
    if (left === 0) return
    clock.after(REST_MS, () => {
      if (busy() > MOST_BUSY || !collect()) look(left - 1)
    })
  }
  look(MAX_LOOKS_FOR_REST)
}

function busyPart(): () => number {
  let last = performance.eventLoopUtilization()
  return () => {
    const now = performance.eventLoopUtilization()
    const { utilization } = performance.eventLoopUtilization(now, last)
    last = now
    return utilization
  }
}

/**
 * All garbage of this thread, and young objects' room becomes small again. V8 gives the function to new contexts only,
 * while a flag of the whole process is set. @returns false where another thread has just taken that back: not now, then.
 */
export function collectAll(): boolean {
  setFlagsFromString('--expose-gc')
  const collect: unknown = process.getBuiltinModule('node:vm').runInNewContext('globalThis.gc')
  setFlagsFromString('--no-expose-gc')
  if (typeof collect !== 'function') return false
  // That of Node 20 takes any word for a wish to collect young objects only.
  if (Number.parseInt(process.versions.v8, 10) < 12) collect()
  else collect({ type: 'major', flavor: 'last-resort' })
  return true
}
