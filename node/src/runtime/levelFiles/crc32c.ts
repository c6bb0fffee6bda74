/**
 * CRC-32C (Castagnoli polynomial, reflected 0x82f63b78), as LevelDB writes it: masked, so that a checksum of data that
 * holds checksums stays strong (deps/leveldb/util/crc32c.h). Eight bytes a step with a table each ("slicing by 8").
 */
const SLICES = 8
const MASK_DELTA = 0xa282ead8

/** Table `slice` is at 256 * slice. */
const table = new Int32Array(SLICES * 256)
for (let byte = 0; byte < 256; byte++) {
  let crc = byte
  for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ 0x82f63b78 : crc >>> 1
  table[byte] = crc
}
for (let at = 256; at < table.length; at++) {
  const before = table[at - 256]!
  table[at] = (before >>> 8) ^ table[before & 0xff]!
}

/** Of `bytes[from .. to)`; unsigned. */
export function crc32c(bytes: Uint8Array, from: number, to: number): number {
  let crc = -1
  let at = from
  for (; at + SLICES <= to; at += SLICES) {
    const low = crc ^ (bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24))
    crc =
      table[0x700 + (low & 0xff)]! ^
      table[0x600 + ((low >>> 8) & 0xff)]! ^
      table[0x500 + ((low >>> 16) & 0xff)]! ^
      table[0x400 + (low >>> 24)]! ^
      table[0x300 + bytes[at + 4]!]! ^
      table[0x200 + bytes[at + 5]!]! ^
      table[0x100 + bytes[at + 6]!]! ^
      table[bytes[at + 7]!]!
  }
  for (; at < to; at++) crc = (crc >>> 8) ^ table[(crc ^ bytes[at]!) & 0xff]!
  return ~crc >>> 0
}

/** The form in which LevelDB stores a checksum. */
export function masked(crc: number): number {
  return (((crc >>> 15) | (crc << 17)) + MASK_DELTA) >>> 0
}
