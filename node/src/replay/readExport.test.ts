import { seededRandom } from '@touchstone/vm/testing/random'
import { describe, expect, it } from 'vitest'
import { genesis } from '../chain/testing/fixtures.ts'
import { genesisToJson, parseGenesis } from '../types/genesisCodec.ts'
import { crc32 } from './crc32.ts'
import { ExportError } from './exportError.ts'
import {
  encodeBlockRecord,
  encodeEndRecord,
  encodeGenesisRecord,
  encodeHeader,
  MAX_PAYLOAD_BYTES,
} from './exportFormat.ts'
import { type ExportItem, readExport } from './readExport.ts'

const bytes = (...values: number[]) => Uint8Array.from(values)
const block = (number: bigint) => ({ number, block: bytes(1, 2), certificate: bytes(), receipts: bytes(3) })
const end = (blocks: bigint) => encodeEndRecord({ blocks, lastHash: new Uint8Array(32).fill(7) })
const start = () => [encodeHeader(), encodeGenesisRecord(genesisToJson(genesis))]
const join = (...parts: Uint8Array[]) => Uint8Array.from(Buffer.concat(parts))
const whole = join(...start(), encodeBlockRecord(block(1n)), encodeBlockRecord(block(2n)), end(2n))

async function read(chunks: Iterable<Uint8Array>): Promise<ExportItem[]> {
  const items: ExportItem[] = []
  for await (const item of readExport(chunks)) items.push(item)
  return items
}

async function refusal(file: Uint8Array): Promise<ExportError> {
  const error = await read([file]).then(
    () => new Error('it was read'),
    (thrown: unknown) => thrown,
  )
  if (error instanceof ExportError) return error
  throw error
}

describe('an export', () => {
  it('reads as it was written, in chunks of any size', async () => {
    for (const size of [1, 2, 7, 64, whole.length]) {
      const chunks = Array.from({ length: Math.ceil(whole.length / size) }, (_, i) =>
        whole.subarray(i * size, (i + 1) * size),
      )
      expect(await read(chunks)).toEqual([
        // With its accounts in order, as the file has them.
        { kind: 'genesis', genesis: parseGenesis(genesisToJson(genesis)) },
        { kind: 'block', block: block(1n) },
        { kind: 'block', block: block(2n) },
        { kind: 'end', end: { blocks: 2n, lastHash: new Uint8Array(32).fill(7) } },
      ])
    }
  })

  it('has the bytes the document says', () => {
    expect(Buffer.from(encodeHeader()).toString('hex')).toBe('895453430d0a1a0a00000001')
    const record = encodeBlockRecord(block(5n))
    const checksum = crc32(record.subarray(0, -4)).toString(16).padStart(8, '0')
    expect(Buffer.from(record).toString('hex')).toBe(
      `02000000170000000000000005000000020102000000000000000103${checksum}`,
    )
    // The check value of the CRC catalogue.
    expect(crc32(new TextEncoder().encode('1234'), new TextEncoder().encode('56789'))).toBe(0xcbf43926)
  })

  it('that was cut off anywhere is `truncated`', async () => {
    for (let length = 1; length < whole.length; length++) {
      const error = await refusal(whole.subarray(0, length))
      expect(error.code, `${length} bytes`).toBe('truncated')
    }
  })

  it.each([
    ['nothing', bytes(), 'not-an-export', /it is empty/],
    ['text', new TextEncoder().encode('{"blocks": []}'), 'not-an-export', /begins with 0x7b22/],
    ['an export changed as text', join(bytes(0x89, 0x54, 0x53, 0x43, 0x0a, 0x1a, 0x0a), whole), 'not-an-export', /./],
    ['another version', join(encodeHeader().with(11, 2), whole.subarray(12)), 'other-version', /version 2/],
    ['no genesis', join(encodeHeader(), encodeBlockRecord(block(1n))), 'damaged', /first record/],
    ['a bad genesis', join(encodeHeader(), encodeGenesisRecord({ chainId: 1 })), 'damaged', /genesis.timestamp/],
    ['a gap', join(...start(), encodeBlockRecord(block(2n))), 'damaged', /block 2 where block 1/],
    ['a wrong count', join(...start(), encodeBlockRecord(block(1n)), end(2n)), 'damaged', /2 blocks, there are 1/],
    ['more behind', join(whole, bytes(0)), 'damaged', /follows the end/],
    ['two geneses', join(...start(), start()[1]!), 'damaged', /record of type 1/],
    ['a huge record', join(...start(), bytes(2, 0x04, 0, 0, 1)), 'damaged', new RegExp(`${MAX_PAYLOAD_BYTES + 1}`)],
  ])('of %s is refused', async (_, file, code, message) => {
    const error = await refusal(file)
    expect(error.code).toBe(code)
    expect(error.message).toMatch(message)
  })

  it('with any bit changed is refused', async () => {
    for (let bit = 0; bit < whole.length * 8; bit += 3) {
      const changed = whole.slice()
      changed[bit >> 3]! ^= 1 << (bit & 7)
      expect(await refusal(changed), `bit ${bit}`).toBeInstanceOf(ExportError)
    }
  })

  it('of noise is refused and never more than an ExportError', async () => {
    const random = seededRandom(4)
    for (let round = 0; round < 500; round++) {
      const noise = random.bytes(1 + random.below(60))
      expect(await refusal(random.below(2) === 0 ? noise : join(...start(), noise))).toBeInstanceOf(ExportError)
    }
  })
})
