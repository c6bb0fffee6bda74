import { describe, expect, it } from 'vitest'
import { seededRandom } from '../../testing/random.ts'
import { isUtf8 } from './utf8.ts'

const decoder = new TextDecoder('utf-8', { ignoreBOM: true })
const encoder = new TextEncoder()

/** Ill-formed bytes come back as U+FFFD. */
function hostTakes(bytes: readonly number[]): boolean {
  const again = encoder.encode(decoder.decode(Uint8Array.from(bytes)))
  return again.length === bytes.length && again.every((byte, i) => byte === bytes[i])
}

describe('isUtf8 answers as the host decodes', () => {
  it('all strings of up to two bytes', () => {
    for (let a = 0; a < 256; a++) {
      expect(isUtf8(Uint8Array.of(a)), `${a}`).toBe(hostTakes([a]))
      for (let b = 0; b < 256; b++) {
        if (isUtf8(Uint8Array.of(a, b)) !== hostTakes([a, b])) throw new Error(`bytes ${a} ${b}`)
      }
    }
  })
  it('strings of three to six bytes, from bytes where a rule changes', () => {
    const edges = [
      0x00, 0x41, 0x7f, 0x80, 0x8f, 0x90, 0x9f, 0xa0, 0xbf, 0xc0, 0xc1, 0xc2, 0xdf, 0xe0, 0xe1, 0xec, 0xed, 0xee, 0xef,
      0xf0, 0xf1, 0xf3, 0xf4, 0xf5, 0xff,
    ]
    const random = seededRandom(1)
    let taken = 0
    for (let round = 0; round < 60_000; round++) {
      const bytes = Array.from({ length: 3 + random.below(4) }, () => random.pick(edges))
      const expected = hostTakes(bytes)
      if (expected) taken++
      if (isUtf8(Uint8Array.from(bytes)) !== expected) throw new Error(`bytes ${bytes.join(' ')}`)
    }
    expect(taken).toBeGreaterThan(100)
  })
})
