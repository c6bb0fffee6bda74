/** The SDK's memory of one call. An instance lives for one call, so these globals start fresh each time. */

import { storage_flush_cache } from './hostio'
import { revert } from './revert'

/** Set while a function declared @view or @pure runs: every state change is refused. */
let readOnly: bool = false
/** Set by a write to storage that is not flushed yet. */
let unflushed: bool = false

export function setReadOnly(): void {
  readOnly = true
}

export function refuseIfReadOnly(): void {
  if (readOnly) revert('a view function may not change state')
}

export function markUnflushed(): void {
  unflushed = true
}

/** Writes cached slots to the chain. With `clear`, later reads ask the chain again, as a callee may have changed them. */
export function flushStorage(clear: bool): void {
  if (unflushed || clear) storage_flush_cache(<i32>clear)
  unflushed = false
}
