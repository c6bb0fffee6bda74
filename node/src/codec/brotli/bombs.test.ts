/** Small streams made to become large, or to take long: what bounds them is `MAX_MODULE_BYTES`, and their own length. */
import { constants, createBrotliCompress } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { MAX_CODE_BYTES, MAX_MODULE_BYTES } from '../../execution/limits.ts'
import { decompressBrotli } from './brotli.ts'

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

  it('of nothing but empty metadata ends with its MAX_CODE_BYTES', () => {
    // A window of 16 bits, then blocks of no metadata up to the end, which never comes.
    const packed = new Uint8Array(MAX_CODE_BYTES)
    packed.fill(0x06, 1)
    packed[0] = 0x0c
    expect(decompressBrotli(packed, MAX_MODULE_BYTES).ok).toBe(false)
  })
})
