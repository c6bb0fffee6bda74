/** The SDK's memory of one call. An instance lives for one call, so these globals start fresh each time. */

import { storage_flush_cache } from './hostio'
import { revert } from './revert'

/** While a function declared @view or @pure runs: every state change is refused. */
const READ_ONLY: u32 = 1
/** After a write to storage that is not flushed yet. */
const UNFLUSHED: u32 = 2

/** One global for both: every frame pays for each. */
let flags: u32 = 0

export function setReadOnly(): void {
  flags |= READ_ONLY
}

export function refuseIfReadOnly(): void {
  if (flags & READ_ONLY) revert('a view function may not change state')
}

export function markUnflushed(): void {
  flags |= UNFLUSHED
}

/** Writes cached slots to the chain. With `clear`, later reads ask the chain again, as a callee may have changed them. */
export function flushStorage(clear: bool): void {
  if ((flags & UNFLUSHED) != 0 || clear) storage_flush_cache(<i32>clear)
  flags &= ~UNFLUSHED
}
