import { describe, expect, it } from 'vitest'
import { concatBytes } from '../../codec/bytes.ts'
import { text } from '../testing/testNetworks.ts'
import { Negotiation } from './negotiation.ts'

const message = (name: string) => {
  const bytes = text(`${name}\n`)
  const length = bytes.length < 128 ? [bytes.length] : [(bytes.length & 127) | 128, bytes.length >> 7]
  return concatBytes(Uint8Array.from(length), bytes)
}
const negotiation = () => new Negotiation(3, (name) => name === '/served' || name.length === 200)

describe('what two peers say about protocols', () => {
  it.each([1, 2, 7, 1_000])('ends with a name that is served, in pieces of %i bytes', (size) => {
    const talk = negotiation()
    const bytes = concatBytes(message('/multistream/1.0.0'), message('/not this one'), message('/served'))
    const states: string[] = []
    for (let at = 0; at < bytes.length; at += size) states.push(talk.push(bytes.subarray(at, at + size)))
    expect(states.at(-1)).toBe('agreed')
    expect(states.slice(0, -1).every((state) => state === 'going-on')).toBe(true)
  })

  it('does not look at what follows', () => {
    expect(negotiation().push(concatBytes(message('/served'), new Uint8Array(5_000)))).toBe('agreed')
    expect(negotiation().push(message('x'.repeat(200)))).toBe('agreed')
  })

  it('has so many messages', () => {
    const talk = negotiation()
    expect(talk.push(concatBytes(message('ls'), message('ls')))).toBe('going-on')
    expect(talk.push(message('/served'))).toBe('agreed')
    const endless = negotiation()
    expect(endless.push(concatBytes(message('ls'), message('/a'), message('ls')))).toBe('broken')
  })

  it.each([
    ['without a length', Uint8Array.of(0)],
    ['longer than a name', Uint8Array.of(0x81, 0x08)],
    ['with a length of three bytes', Uint8Array.of(0x80, 0x80, 0x01)],
  ])('is not %s', (_what, bytes) => {
    expect(negotiation().push(bytes)).toBe('broken')
  })
})
