/** Snappy decompression (google/snappy, format_description.txt): the index of a LevelDB table may be compressed. */
import { VarintReader } from './varint.ts'

/** Far more than the index of any table: 2 MiB of data in blocks of 4 KiB. */
const MAX_BYTES = 64 * 1024 * 1024

/** @throws RangeError on bytes that are no Snappy. */
export function decompressSnappy(bytes: Uint8Array): Uint8Array {
  const reader = new VarintReader(bytes)
  const length = reader.next()
  if (length > MAX_BYTES) throw new RangeError(`${length} bytes of decompressed data`)
  const out = new Uint8Array(length)
  let written = 0
  let at = reader.at
  const little = (count: number) => {
    let value = 0
    for (let index = 0; index < count; index++) value += (bytes[at + index] ?? 0) * 2 ** (8 * index)
    at += count
    return value
  }
  while (at < bytes.length) {
    const tag = bytes[at++]!
    if ((tag & 3) === 0) {
      const short = tag >>> 2
      const size = 1 + (short < 60 ? short : little(short - 59))
      if (at + size > bytes.length || written + size > length) throw new RangeError('a literal is too long')
      out.set(bytes.subarray(at, at + size), written)
      at += size
      written += size
      continue
    }
    const kind = tag & 3
    const size = kind === 1 ? 4 + ((tag >>> 2) & 7) : 1 + (tag >>> 2)
    const offset = kind === 1 ? (tag >>> 5) * 256 + little(1) : little(kind === 2 ? 2 : 4)
    if (offset === 0 || offset > written || written + size > length) throw new RangeError('a copy from nowhere')
    // Byte by byte: a copy may overlap what it writes.
    for (let index = 0; index < size; index++, written++) out[written] = out[written - offset]!
  }
  if (written !== length) throw new RangeError('fewer bytes than announced')
  return out
}
