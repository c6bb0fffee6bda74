/**
 * The file a chain is written to and executed again from (docs/protocol/export.md): a signature, a version, and records
 * with a length before and a checksum behind each. All integers are unsigned and big-endian.
 *
 *   file     signature (8) || version (4) || genesis record || block record... || end record
 *   record   type (1) || payload length (4) || payload || CRC-32 of all before it in the record (4)
 *   genesis  the genesis file, JSON in UTF-8
 *   block    number (8) || three times: length (4) || bytes; RLP of the block, of its certificate, of its receipts
 *   end      count of block records (8) || hash of the last block (32)
 */
import { concatBytes } from '../codec/bytes.ts'
import { crc32 } from './crc32.ts'

/** As in PNG: a byte above 127, a name, and the line ends that a transfer as text would change. */
export const SIGNATURE = Uint8Array.of(0x89, 0x54, 0x53, 0x43, 0x0d, 0x0a, 0x1a, 0x0a)
/** Of the layout above; the only one this program reads and writes. */
export const EXPORT_VERSION = 1
export const HEADER_BYTES: number = SIGNATURE.length + 4

export const RECORD_PREFIX_BYTES = 5
export const RECORD_SUFFIX_BYTES = 4
/**
 * Longest payload. A block has 2 MiB at most; its receipts are bounded by its gas, at 8 gas for a byte of log data;
 * a genesis has 100 000 accounts of about 100 bytes. A length above it is damage, and is not waited for.
 */
export const MAX_PAYLOAD_BYTES = 64 * 1024 * 1024

export const recordTypes = { genesis: 1, block: 2, end: 3 } as const
const END_BYTES = 40

export interface ExportedBlock {
  readonly number: bigint
  /** RLP. */
  readonly block: Uint8Array
  /** RLP. */
  readonly certificate: Uint8Array
  /** RLP list of receipt records as byte strings, as the database has them (docs/protocol/storage.md). */
  readonly receipts: Uint8Array
}

export interface ExportEnd {
  readonly blocks: bigint
  /** Of the last block; of block 0 when there are none. */
  readonly lastHash: Uint8Array
}

export function encodeHeader(): Uint8Array {
  const out = new Uint8Array(HEADER_BYTES)
  out.set(SIGNATURE)
  new DataView(out.buffer).setUint32(SIGNATURE.length, EXPORT_VERSION, false)
  return out
}

/** `json` is what parseGenesis reads. */
export function encodeGenesisRecord(json: object): Uint8Array {
  return encodeRecord(recordTypes.genesis, new TextEncoder().encode(JSON.stringify(json)))
}

export function encodeBlockRecord({ number, block, certificate, receipts }: ExportedBlock): Uint8Array {
  const parts = [block, certificate, receipts].flatMap((bytes) => [uint(BigInt(bytes.length), 4), bytes])
  return encodeRecord(recordTypes.block, concatBytes(uint(number, 8), ...parts))
}

export function encodeEndRecord({ blocks, lastHash }: ExportEnd): Uint8Array {
  return encodeRecord(recordTypes.end, concatBytes(uint(blocks, 8), lastHash))
}

/** Null when the payload is no block's. */
export function decodeBlockPayload(payload: Uint8Array): ExportedBlock | null {
  const view = viewOf(payload)
  if (payload.length < 8) return null
  let at = 8
  const parts: Uint8Array[] = []
  for (let i = 0; i < 3; i++) {
    if (at + 4 > payload.length) return null
    const length = view.getUint32(at, false)
    at += 4
    if (at + length > payload.length) return null
    parts.push(payload.subarray(at, at + length))
    at += length
  }
  if (at !== payload.length) return null
  const [block, certificate, receipts] = parts as [Uint8Array, Uint8Array, Uint8Array]
  return { number: view.getBigUint64(0, false), block, certificate, receipts }
}

/** Null when the payload is no end's. */
export function decodeEndPayload(payload: Uint8Array): ExportEnd | null {
  if (payload.length !== END_BYTES) return null
  return { blocks: viewOf(payload).getBigUint64(0, false), lastHash: payload.slice(8) }
}

function encodeRecord(type: number, payload: Uint8Array): Uint8Array {
  if (payload.length > MAX_PAYLOAD_BYTES) {
    throw new RangeError(`a record of ${payload.length} bytes; at most ${MAX_PAYLOAD_BYTES} are allowed`)
  }
  const prefix = concatBytes(Uint8Array.of(type), uint(BigInt(payload.length), 4))
  return concatBytes(prefix, payload, uint(BigInt(crc32(prefix, payload)), 4))
}

function uint(value: bigint, length: 4 | 8): Uint8Array {
  const out = new Uint8Array(length)
  if (length === 4) viewOf(out).setUint32(0, Number(value), false)
  else viewOf(out).setBigUint64(0, value, false)
  return out
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
}
