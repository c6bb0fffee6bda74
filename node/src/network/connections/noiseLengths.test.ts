import type { MessageStream } from '@libp2p/interface'
import { afterEach, expect, it } from 'vitest'
import { speakerAndHearer, stopNetworks, text, until } from '../testing/testNetworks.ts'
import { readLengthsQuietly } from './noiseLengths.ts'

afterEach(async () => {
  globalThis.RangeError = Original
  await stopNetworks()
})

const Original = globalThis.RangeError

it('nothing is thrown for each piece that is read, over real connections', async () => {
  const { speaker, heard } = await speakerAndHearer()
  const made: string[] = []
  // Called with and without `new`.
  globalThis.RangeError = new Proxy(Original, {
    apply(target, _self, [message]) {
      made.push(String(message))
      return target(message)
    },
  })
  for (let i = 0; i < 20; i++) {
    speaker.publish('tx', text(`${i}`))
    await until(() => heard() > i, 'it is heard')
  }
  expect(made).toEqual([])
})

it('lengths are those of noise, and that of what has none is more than there is', () => {
  const decoder = { lengthDecoder: (_: Uint8Array) => 0 }
  readLengthsQuietly({ decoder } as unknown as MessageStream)
  expect(decoder.lengthDecoder(Uint8Array.of(1, 2, 3))).toBe(0x102)
  expect(decoder.lengthDecoder(Uint8Array.of(0, 0))).toBe(0)
  expect(decoder.lengthDecoder(Uint8Array.of(1))).toBeGreaterThan(1)
  expect(decoder.lengthDecoder(new Uint8Array(0))).toBeGreaterThan(0)
})

it('a stream of another kind stays as it is', () => {
  const stream = { decoder: { lengthDecoder: 'none' } } as unknown as MessageStream
  readLengthsQuietly(stream)
  expect(stream).toEqual({ decoder: { lengthDecoder: 'none' } })
  readLengthsQuietly({} as MessageStream)
})
