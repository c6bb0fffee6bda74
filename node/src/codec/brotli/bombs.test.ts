/** Small streams made to become large, or to take long: what bounds them is `MAX_MODULE_BYTES`, and work.ts. */
import { readFileSync } from 'node:fs'
import { brotliCompressSync, brotliDecompressSync, constants, createBrotliCompress } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { MAX_MODULE_BYTES } from '../../execution/limits.ts'
import { decompressBrotli } from './brotli.ts'
import { contextMaps, emptyMetadata, emptyWords, prefixCodes } from './testing/costlyStreams.ts'
import { FREE_WORK, WORK_PER_BYTE, Work } from './work.ts'

const MEGABYTE = 1_048_576

/** `megabytes` of zeros, packed piece by piece, so that this process never holds them. */
async function packedZeros(megabytes: number): Promise<Uint8Array> {
  const packer = createBrotliCompress({ params: { [constants.BROTLI_PARAM_QUALITY]: 5 } })
  const parts: Uint8Array[] = []
  packer.on('data', (part: Uint8Array) => parts.push(part))
  const ended = new Promise((resolve) => packer.on('end', resolve))
  const piece = new Uint8Array(MEGABYTE)
  for (let i = 0; i < megabytes; i++) {
    if (!packer.write(piece)) await new Promise((resolve) => packer.once('drain', resolve))
  }
  packer.end()
  await ended
  return Uint8Array.from(Buffer.concat(parts))
}

describe('a Brotli bomb', () => {
  it('stops at MAX_MODULE_BYTES, and is never held unpacked', async () => {
    const megabytes = 192
    const packed = await packedZeros(megabytes)
    expect(packed.length).toBeLessThan(1_000)
    const before = process.resourceUsage().maxRSS
    expect(decompressBrotli(packed, MAX_MODULE_BYTES)).toEqual({ ok: false, code: 'too-long' })
    // In KiB: a third of what the whole would take.
    expect(process.resourceUsage().maxRSS - before).toBeLessThan((megabytes * 1024) / 3)
  })

  it('of exactly MAX_MODULE_BYTES is unpacked, of a byte more is not', async () => {
    const packed = await packedZeros(MAX_MODULE_BYTES / MEGABYTE)
    const whole = decompressBrotli(packed, MAX_MODULE_BYTES)
    expect(whole.ok && whole.bytes.length).toBe(MAX_MODULE_BYTES)
    expect(decompressBrotli(packed, MAX_MODULE_BYTES - 1)).toEqual({ ok: false, code: 'too-long' })
  })
})

describe('a stream that asks for more work than its bytes account for', () => {
  const streams: readonly (readonly [name: string, stream: (count: number) => Uint8Array, refused: number])[] = [
    ['prefix codes', prefixCodes, 1],
    ['context maps', contextMaps, 1],
    ['empty metadata', emptyMetadata, 3_000],
    ['dictionary words of which nothing is left', emptyWords, 1_500],
  ]
  it.each(streams)('is refused where Node unpacks it: %s', (_, stream, refused) => {
    const packed = stream(refused)
    expect(brotliDecompressSync(packed).every((byte) => byte === 0)).toBe(true)
    expect(decompressBrotli(packed, MAX_MODULE_BYTES)).toEqual({ ok: false, code: 'too-much-work' })
  })
  it.each(streams.slice(2))('is unpacked when it is short: %s', (_, stream, refused) => {
    const packed = stream(Math.floor(refused / 8))
    const bytes = Uint8Array.from(brotliDecompressSync(packed))
    expect(decompressBrotli(packed, MAX_MODULE_BYTES)).toEqual({ ok: true, bytes })
  })
  it('is given up before the work is done', () => {
    const output = { length: 10 }
    const work = new Work(100, output)
    work.add(FREE_WORK + WORK_PER_BYTE * 110)
    expect(() => work.add(1)).toThrow('more work than the bytes of the stream account for')
    output.length = 11
    work.add(WORK_PER_BYTE - 1)
    expect(() => work.add(1)).toThrow('more work than the bytes of the stream account for')
  })
  it('is none that an encoder writes, at any quality', () => {
    const module = Uint8Array.from(readFileSync(new URL('../../../../contracts/foreign/counter.wasm', import.meta.url)))
    for (const bytes of [module, module.subarray(0, 4_000), module.subarray(8_000, 8_300), new Uint8Array(0)]) {
      for (let quality = constants.BROTLI_MIN_QUALITY; quality <= constants.BROTLI_MAX_QUALITY; quality++) {
        for (const window of [constants.BROTLI_MIN_WINDOW_BITS, constants.BROTLI_MAX_WINDOW_BITS]) {
          const params = { [constants.BROTLI_PARAM_QUALITY]: quality, [constants.BROTLI_PARAM_LGWIN]: window }
          const packed = Uint8Array.from(brotliCompressSync(bytes, { params }))
          expect(decompressBrotli(packed, bytes.length), `quality ${quality}, window ${window}`).toEqual({
            ok: true,
            bytes,
          })
        }
      }
    }
  })
})
