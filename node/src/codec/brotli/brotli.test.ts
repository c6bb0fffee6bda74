/** Against the decoder Node ships: what it unpacks, what it refuses, and where a stream ends. */
import { brotliCompressSync, brotliDecompressSync, constants, crc32 } from 'node:zlib'
import { type Random, seededRandom } from '@touchstone/vm/testing/random'
import { describe, expect, it } from 'vitest'
import { unpackDictionaryByZlib } from '../../runtime/zlibDictionary.ts'
import { decompressBrotli } from './brotli.ts'
import type { BrotliOutcome } from './decode.ts'
import { DICTIONARY_BYTES, packedDictionary, unpackDictionary } from './dictionary.ts'
import { TRANSFORM_COUNT, transformWord } from './transforms.ts'

const LIMIT = 1 << 20

function pack(bytes: Uint8Array, quality: number, window: number, mode: number): Uint8Array {
  const packed = brotliCompressSync(bytes, {
    params: {
      [constants.BROTLI_PARAM_QUALITY]: quality,
      [constants.BROTLI_PARAM_LGWIN]: window,
      [constants.BROTLI_PARAM_MODE]: mode,
    },
  })
  return Uint8Array.from(packed)
}

/** Node's answer, as this module would say it. With `info` the result tells how much of the input was read. */
function oracle(packed: Uint8Array, limit = LIMIT): BrotliOutcome {
  try {
    const { buffer, engine } = brotliDecompressSync(packed, {
      maxOutputLength: Math.max(1, limit),
      params: { [constants.BROTLI_DECODER_PARAM_LARGE_WINDOW]: 0 },
      info: true,
    } as Parameters<typeof brotliDecompressSync>[1]) as unknown as {
      readonly buffer: Uint8Array
      readonly engine: { readonly bytesWritten: number }
    }
    if (buffer.length > limit) return { ok: false, code: 'too-long' }
    if (engine.bytesWritten !== packed.length) return { ok: false, code: 'trailing-bytes' }
    return { ok: true, bytes: Uint8Array.from(buffer) }
  } catch (error) {
    const tooLong = (error as { readonly code?: string }).code === 'ERR_BUFFER_TOO_LARGE'
    return { ok: false, code: tooLong ? 'too-long' : 'malformed' }
  }
}

/** Text with words of the dictionary, letters of several bytes, runs, and noise. */
function sample(random: Random): Uint8Array {
  const dictionary = unpackDictionary()
  const parts: Uint8Array[] = []
  let length = 0
  const wanted = random.below(6_000)
  while (length < wanted) {
    const kind = random.below(5)
    const at = random.below(DICTIONARY_BYTES - 64)
    const part =
      kind === 0
        ? random.bytes(random.below(200))
        : kind === 1
          ? new Uint8Array(random.below(300)).fill(random.below(256))
          : kind === 2
            ? transformWord(dictionary.slice(at, at + 4 + random.below(20)), random.below(TRANSFORM_COUNT))
            : kind === 3
              ? new TextEncoder().encode(
                  ['the Übung of ', 'контракт ', 'local.get 0 i32.const ', '日本語 '][random.below(4)],
                )
              : (parts[random.below(Math.max(1, parts.length))] ?? new Uint8Array(1))
    parts.push(part)
    length += part.length
  }
  return Uint8Array.from(parts.flatMap((part) => [...part]))
}

describe('brotli', () => {
  it('has the dictionary of the standard', () => {
    expect(unpackDictionary().length).toBe(DICTIONARY_BYTES)
    expect(crc32(unpackDictionary())).toBe(0x5136cb04)
    expect(unpackDictionaryByZlib(packedDictionary())).toEqual(unpackDictionary())
  })

  it('takes no other dictionary of a zlib', () => {
    const other = unpackDictionary().slice()
    other[70_000]! ^= 1
    expect(unpackDictionaryByZlib(brotliCompressSync(other))).toBeNull()
  })

  it.each([1, 2, 3])('unpacks what any setting packs, seed %i', (seed) => {
    const random = seededRandom(seed)
    for (let round = 0; round < 12; round++) {
      const bytes = sample(random)
      const packed = pack(bytes, random.below(12), 10 + random.below(9), random.below(3))
      expect(decompressBrotli(packed, LIMIT)).toEqual({ ok: true, bytes })
      expect(decompressBrotli(packed, bytes.length)).toEqual({ ok: true, bytes })
      if (bytes.length > 0) expect(decompressBrotli(packed, bytes.length - 1)).toEqual({ ok: false, code: 'too-long' })
      expect(decompressBrotli(packed.subarray(0, packed.length - 1), LIMIT)).toEqual({ ok: false, code: 'malformed' })
      const longer = Uint8Array.from([...packed, 0])
      expect(decompressBrotli(longer, LIMIT)).toEqual({ ok: false, code: 'trailing-bytes' })
    }
  })

  it.each([1, 2])('takes and refuses damaged streams as Node does, seed %i', (seed) => {
    const random = seededRandom(1000 + seed)
    let whole = 0
    // Packing costs more than all else, so each stream is damaged many times.
    const streams = Array.from({ length: 25 }, () =>
      pack(sample(random).subarray(0, random.below(400)), random.below(12), 10 + random.below(8), random.below(3)),
    )
    for (let round = 0; round < 600; round++) {
      const packed = random.pick(streams).slice()
      for (let flips = 1 + random.below(3); flips > 0; flips--) {
        // The header decides most, and is short.
        const at = random.below(random.below(2) === 0 ? Math.min(12, packed.length) : packed.length)
        packed[at]! ^= 1 << random.below(8)
      }
      const expected = oracle(packed)
      const found = decompressBrotli(packed, LIMIT)
      // Which of two faults is found first is no rule; that there is one is.
      expect(found.ok, `round ${round}: ${Buffer.from(packed).toString('hex')}`).toBe(expected.ok)
      if (expected.ok) {
        expect(found).toEqual(expected)
        whole++
      } else if (expected.code === 'trailing-bytes') expect(found).toEqual(expected)
    }
    expect(whole).toBeGreaterThan(20)
  })

  it.each([5, 6])('takes and refuses noise as Node does, seed %i', (seed) => {
    const random = seededRandom(2000 + seed)
    for (let round = 0; round < 1_500; round++) {
      const packed = random.bytes(1 + random.below(40))
      expect(decompressBrotli(packed, LIMIT).ok, Buffer.from(packed).toString('hex')).toBe(oracle(packed).ok)
    }
  })

  it.each([
    ['nothing', ''],
    ['a large window', '11'],
    ['a large window with a size', '119a06'],
    ['the empty stream', '06'],
    ['the empty stream with a bit set behind it', '86'],
    ['metadata with its reserved bit set', '1c'],
    ['metadata, then the end', '0c0003'],
    ['metadata that is last', '0d00'],
    ['metadata cut short', '2c05'],
  ])('%s: as Node does', (_, hex) => {
    const packed = Uint8Array.from(Buffer.from(hex, 'hex'))
    const found = decompressBrotli(packed, LIMIT)
    const expected = oracle(packed)
    expect(found.ok).toBe(expected.ok)
    if (expected.ok) expect(found).toEqual(expected)
  })
})
