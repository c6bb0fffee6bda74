/**
 * The checksums of a LevelDB table (deps/leveldb/doc/table_format.md): blocks, each followed by a type (1 byte) and a
 * masked CRC-32C (4); an index block with the places of all data blocks; 48 bytes of footer. LevelDB writes these
 * checksums, and compares them on reading only when told to, which its binding for Node cannot do.
 */
import { crc32c, masked } from './crc32c.ts'
import { decompressSnappy } from './snappy.ts'
import { VarintReader } from './varint.ts'

const FOOTER_BYTES = 48
const TRAILER_BYTES = 5
/** kTableMagicNumber, little-endian. */
const MAGIC = Uint8Array.of(0x57, 0xfb, 0x80, 0x8b, 0x24, 0x75, 0x47, 0xdb)
const UNCOMPRESSED = 0
const SNAPPY = 1

interface Handle {
  readonly offset: number
  readonly size: number
}

/** The damage of the table; null when there is none. */
export function tableDamage(bytes: Uint8Array): string | null {
  try {
    const { metaindex, index } = readFooter(bytes)
    checkedBlock(bytes, metaindex, 'the meta index')
    for (const { offset, size } of handlesIn(checkedBlock(bytes, index, 'the index'))) {
      checkedBlock(bytes, { offset, size }, `the block at ${offset}`)
    }
    return null
  } catch (error) {
    if (error instanceof RangeError) return error.message
    throw error
  }
}

function readFooter(bytes: Uint8Array): { readonly metaindex: Handle; readonly index: Handle } {
  const start = bytes.length - FOOTER_BYTES
  if (start < 0 || !MAGIC.every((byte, at) => byte === bytes[bytes.length - MAGIC.length + at])) {
    throw new RangeError('it does not end as a table does')
  }
  const reader = new VarintReader(bytes, start)
  return { metaindex: readHandle(reader), index: readHandle(reader) }
}

function readHandle(reader: VarintReader): Handle {
  return { offset: reader.next(), size: reader.next() }
}

/** The block's content, compressed or not as it is stored, with its type. @throws RangeError when its checksum differs. */
function checkedBlock(bytes: Uint8Array, { offset, size }: Handle, what: string): Uint8Array {
  const end = offset + size
  if (end + TRAILER_BYTES > bytes.length) throw new RangeError(`${what} lies past the end`)
  const stored = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength).getUint32(end + 1, true)
  if (masked(crc32c(bytes, offset, end + 1)) !== stored) throw new RangeError(`${what} does not have its checksum`)
  return bytes.subarray(offset, end + 1)
}

/** The places of data blocks in an index block: entries with shared key prefixes, then an array of restart points. */
function* handlesIn(block: Uint8Array): Generator<Handle> {
  const type = block[block.length - 1]
  const stored = block.subarray(0, -1)
  if (type !== UNCOMPRESSED && type !== SNAPPY) throw new RangeError(`the index has the unknown compression ${type}`)
  const content = type === SNAPPY ? decompressSnappy(stored) : stored
  if (content.length < 4) throw new RangeError('the index is too short')
  const view = new DataView(content.buffer, content.byteOffset, content.byteLength)
  const restarts = view.getUint32(content.length - 4, true)
  const end = content.length - 4 - 4 * restarts
  if (end < 0) throw new RangeError('the index has too many restart points')
  const entries = content.subarray(0, end)
  for (let at = 0; at < end; ) {
    const reader = new VarintReader(entries, at)
    reader.next()
    const [keyLength, valueLength] = [reader.next(), reader.next()]
    yield readHandle(new VarintReader(entries, reader.at + keyLength))
    at = reader.at + keyLength + valueLength
  }
}
