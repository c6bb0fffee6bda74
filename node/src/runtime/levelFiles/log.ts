/**
 * LevelDB's log format (deps/leveldb/doc/log_format.md), which its logs and its MANIFEST have: blocks of 32 KiB with
 * records `masked crc (4), length (2), type (1), data`, little-endian; FULL 1, FIRST 2, MIDDLE 3, LAST 4.
 */
import { crc32c, masked } from './crc32c.ts'

const BLOCK_BYTES = 32_768
const HEADER_BYTES = 7
const FULL = 1
const FIRST = 2
const LAST = 4

export interface LogContent {
  /** Whole records in order, up to the first that is damaged. */
  readonly records: readonly Uint8Array[]
  /** Offset of the first record that is damaged or cut off; null when there is none. */
  readonly damagedAt: number | null
  /**
   * Whether sound records follow it. A crash cuts off the end of what was being written; nothing sound follows. Records
   * after a damaged one mean that something which had been written was changed.
   */
  readonly goesOn: boolean
}

export function readLog(bytes: Uint8Array): LogContent {
  const records: Uint8Array[] = []
  let parts: Uint8Array[] = []
  let at = 0
  while (at < bytes.length) {
    const left = BLOCK_BYTES - (at % BLOCK_BYTES)
    if (left < HEADER_BYTES) {
      at += left
      continue
    }
    const length = soundLength(bytes, at)
    if (length === null) return { records, damagedAt: at, goesOn: soundRecordAfter(bytes, at) }
    const type = bytes[at + 6]!
    const data = bytes.subarray(at + HEADER_BYTES, at + HEADER_BYTES + length)
    if (type === FULL || type === FIRST) parts = []
    parts.push(data)
    if (type === FULL || type === LAST) records.push(joined(parts))
    at += HEADER_BYTES + length
  }
  return { records, damagedAt: null, goesOn: false }
}

/** Length of the data of the record at `at`; null when there is no sound one. */
function soundLength(bytes: Uint8Array, at: number): number | null {
  const end = Math.min(bytes.length, at - (at % BLOCK_BYTES) + BLOCK_BYTES)
  if (at + HEADER_BYTES > end) return null
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const length = view.getUint16(at + 4, true)
  const type = bytes[at + 6]!
  if (type < FULL || type > LAST || at + HEADER_BYTES + length > end) return null
  // The checksum covers the type and the data.
  return masked(crc32c(bytes, at + 6, at + HEADER_BYTES + length)) === view.getUint32(at, true) ? length : null
}

/** A damaged length hides where the next record begins, so every place is tried. */
function soundRecordAfter(bytes: Uint8Array, damagedAt: number): boolean {
  for (let at = damagedAt + 1; at + HEADER_BYTES <= bytes.length; at++) if (soundLength(bytes, at) !== null) return true
  return false
}

function joined(parts: readonly Uint8Array[]): Uint8Array {
  if (parts.length === 1) return parts[0]!
  const out = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0))
  let at = 0
  for (const part of parts) {
    out.set(part, at)
    at += part.length
  }
  return out
}
