import { describe, expect, it } from 'vitest'
import { parseAmount } from './amount.ts'

describe('parseAmount', () => {
  it('reads decimal, hex and units', () => {
    expect(parseAmount('12', 'value')).toBe(12n)
    expect(parseAmount('1_000', 'value')).toBe(1000n)
    expect(parseAmount('0x0c', 'value')).toBe(12n)
    expect(parseAmount('1.5ether', 'value')).toBe(1_500_000_000_000_000_000n)
    expect(parseAmount('20 gwei', 'value')).toBe(20_000_000_000n)
  })

  it.each(['', 'x', '1.5', '1.0000000001gwei', '3 dollars', '-1', '1e18', '0x'])('refuses %j', (text) => {
    expect(() => parseAmount(text, '--value')).toThrow(/--value: /)
  })
})
