import { afterEach, describe, expect, it, vi } from 'vitest'
import { seededRandom } from '../../testing/random.ts'

interface Memory {
  readonly buffer: ArrayBuffer
  grow(pages: number): number
}
interface WebAssemblyOfHost {
  readonly Memory: new (limits: { initial: number; maximum: number }) => Memory
}
const host = (globalThis as unknown as { WebAssembly: WebAssemblyOfHost }).WebAssembly

afterEach(() => {
  vi.unstubAllGlobals()
  vi.resetModules()
})

describe.each([
  ['with wide words', false],
  ['without', true],
])('a memory cleaned %s', (_name, refuses) => {
  it('is zero wherever it was written, and its neighbour is not touched', async () => {
    vi.resetModules()
    if (refuses) {
      vi.stubGlobal('WebAssembly', Object.assign(Object.create(host), { validate: () => false }))
    }
    const { memoryCleaner } = await import('./memoryCleaner.ts')
    const random = seededRandom(3)
    const memory = new host.Memory({ initial: 2, maximum: 4 })
    const other = new host.Memory({ initial: 1, maximum: 1 })
    new Uint8Array(other.buffer).fill(7)
    const clean = memoryCleaner(memory as never)
    for (let round = 0; round < 200; round++) {
      const bytes = new Uint8Array(memory.buffer)
      const last = bytes.length - 1
      const places = [0, last, 255, 256, last - 255, last - 256, random.below(last)]
      for (const at of places) if (random.below(2)) bytes[at] = 1 + random.below(255)
      if (round === 150) bytes.fill(255)
      const kept = bytes.slice(0, 512)
      clean(512)
      expect(Buffer.compare(bytes.subarray(0, 512), kept)).toBe(0)
      expect(bytes.findIndex((byte, i) => i >= 512 && byte !== 0)).toBe(-1)
      clean(0)
      const dirty = bytes.findIndex((byte) => byte !== 0)
      if (dirty !== -1) expect(`byte ${dirty} after round ${round}`).toBe('zero')
      if (round === 100) memory.grow(1)
    }
    memoryCleaner(new host.Memory({ initial: 0, maximum: 1 }) as never)(0)
    expect(new Uint8Array(other.buffer).every((byte) => byte === 7)).toBe(true)
  })
})

it('passes on what compiling its code throws: the host took the module, so that is a failure of the machine', async () => {
  vi.resetModules()
  const Module = class {
    constructor() {
      throw new RangeError('WebAssembly.Module(): Out of memory')
    }
  }
  vi.stubGlobal('WebAssembly', Object.assign(Object.create(host), { Module }))
  const { memoryCleaner } = await import('./memoryCleaner.ts')
  const memory = new host.Memory({ initial: 1, maximum: 1 })
  expect(() => memoryCleaner(memory as never)).toThrow(RangeError)
})
