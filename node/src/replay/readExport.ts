/**
 * Reads an export as it comes, in chunks of any size; holds one record and one chunk at a time. Checks the layout, the
 * checksums and the order of records; the replay judges the bytes in them.
 */
import { concatBytes, EMPTY_BYTES, equalBytes } from '../codec/bytes.ts'
import { CodecError } from '../codec/codecError.ts'
import { parseExactJson } from '../codec/exactJson.ts'
import { toHex } from '../codec/hex.ts'
import type { Genesis } from '../types/genesis.ts'
import { parseGenesis } from '../types/genesisCodec.ts'
import { crc32 } from './crc32.ts'
import { ExportError } from './exportError.ts'
import {
  decodeBlockPayload,
  decodeEndPayload,
  EXPORT_VERSION,
  type ExportEnd,
  type ExportedBlock,
  HEADER_BYTES,
  MAX_PAYLOAD_BYTES,
  RECORD_PREFIX_BYTES,
  RECORD_SUFFIX_BYTES,
  recordTypes,
  SIGNATURE,
} from './exportFormat.ts'

export type ExportItem =
  | { readonly kind: 'genesis'; readonly genesis: Genesis }
  | { readonly kind: 'block'; readonly block: ExportedBlock }
  | { readonly kind: 'end'; readonly end: ExportEnd }

export type Chunks = AsyncIterable<Uint8Array> | Iterable<Uint8Array>

/** First the genesis, then blocks from 1 upwards, then the end. @throws ExportError, whatever the bytes are. */
export async function* readExport(chunks: Chunks): AsyncGenerator<ExportItem, void, void> {
  const source = new ByteSource(chunks)
  await readHeader(source)
  const first = await readRecord(source)
  if (first.type !== recordTypes.genesis) throw damaged(first.at, 'the first record is not the genesis')
  yield { kind: 'genesis', genesis: genesisOf(first.payload) }
  let blocks = 0n
  for (;;) {
    const { type, payload, at } = await readRecord(source)
    if (type === recordTypes.block) {
      const block = decodeBlockPayload(payload)
      if (block === null) throw damaged(at, 'a block record whose parts do not fill it')
      blocks++
      if (block.number !== blocks) throw damaged(at, `block ${block.number} where block ${blocks} belongs`)
      yield { kind: 'block', block }
    } else if (type === recordTypes.end) {
      const end = decodeEndPayload(payload)
      if (end === null) throw damaged(at, 'an end record of the wrong length')
      if (end.blocks !== blocks) throw damaged(at, `the end tells of ${end.blocks} blocks, there are ${blocks}`)
      if ((await source.take(1)) !== null) throw damaged(source.at - 1, 'something follows the end record')
      yield { kind: 'end', end }
      return
    } else throw damaged(at, `a record of type ${type}; known are 1 (genesis), 2 (block) and 3 (end)`)
  }
}

async function readHeader(source: ByteSource): Promise<void> {
  const header = await source.take(HEADER_BYTES)
  const signature = (header ?? source.rest()).subarray(0, SIGNATURE.length)
  if (!equalBytes(signature, SIGNATURE.subarray(0, signature.length)) || signature.length === 0) {
    const shown = signature.length === 0 ? 'it is empty' : `it begins with ${toHex(signature)}`
    throw new ExportError(
      'not-an-export',
      `This is no export of a chain: ${shown}, an export with ${toHex(SIGNATURE)}. Give a file written by devnet export.`,
    )
  }
  if (header === null) throw truncated(source.at)
  const version = viewOf(header).getUint32(SIGNATURE.length, false)
  if (version !== EXPORT_VERSION) {
    throw new ExportError(
      'other-version',
      `The export has version ${version}, this program reads version ${EXPORT_VERSION}. Export it again with this program.`,
    )
  }
}

interface ReadRecord {
  readonly type: number
  readonly payload: Uint8Array
  /** Offset in the file. */
  readonly at: number
}

async function readRecord(source: ByteSource): Promise<ReadRecord> {
  const at = source.at
  const prefix = await source.take(RECORD_PREFIX_BYTES)
  if (prefix === null) throw truncated(source.at)
  const length = viewOf(prefix).getUint32(1, false)
  if (length > MAX_PAYLOAD_BYTES) {
    throw damaged(at, `a record announces ${length} bytes; at most ${MAX_PAYLOAD_BYTES} are allowed`)
  }
  const rest = await source.take(length + RECORD_SUFFIX_BYTES)
  if (rest === null) throw truncated(source.at)
  const payload = rest.subarray(0, length)
  const found = crc32(prefix, payload)
  const expected = viewOf(rest).getUint32(length, false)
  if (found !== expected) throw damaged(at, `the checksum of a record is ${hex32(found)}, not ${hex32(expected)}`)
  return { type: prefix[0]!, payload, at }
}

function genesisOf(payload: Uint8Array): Genesis {
  try {
    // Bytes that are no UTF-8 become U+FFFD, which no field of a genesis allows.
    return parseGenesis(parseExactJson(new TextDecoder().decode(payload)))
  } catch (cause) {
    if (!(cause instanceof CodecError) && !(cause instanceof SyntaxError)) throw cause
    throw new ExportError('damaged', `The genesis in the export cannot be read: ${cause.message}`, { cause })
  }
}

/** Bytes in any number, from chunks of any length. */
class ByteSource {
  readonly #chunks: AsyncIterator<Uint8Array> | Iterator<Uint8Array>
  #held: Uint8Array[] = []
  #heldBytes = 0
  /** Offset in the file of what comes next. */
  at = 0

  constructor(chunks: Chunks) {
    this.#chunks = Symbol.asyncIterator in chunks ? chunks[Symbol.asyncIterator]() : chunks[Symbol.iterator]()
  }

  /** Null when fewer are left. */
  async take(count: number): Promise<Uint8Array | null> {
    while (this.#heldBytes < count) {
      const next = await this.#chunks.next()
      if (next.done) return null
      this.#held.push(next.value)
      this.#heldBytes += next.value.length
    }
    const all = this.#held.length === 1 ? this.#held[0]! : concatBytes(...this.#held)
    this.#held = count === all.length ? [] : [all.subarray(count)]
    this.#heldBytes -= count
    this.at += count
    return all.subarray(0, count)
  }

  /** The bytes left after `take` found too little. */
  rest(): Uint8Array {
    return this.#held.length === 0 ? EMPTY_BYTES : concatBytes(...this.#held)
  }
}

function truncated(at: number): ExportError {
  return new ExportError(
    'truncated',
    `The export ends too early, after byte ${at}: it was cut off, or is still being written. Export it again.`,
  )
}

function damaged(at: number, what: string): ExportError {
  return new ExportError('damaged', `The export is damaged: ${what}, at byte ${at}. Export it again.`)
}

function hex32(value: number): string {
  return `0x${value.toString(16).padStart(8, '0')}`
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
}
