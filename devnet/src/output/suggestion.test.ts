import { expect, it } from 'vitest'
import { closest } from './suggestion.ts'

it('finds what was meant, and nothing when nothing is near', () => {
  expect(closest('trasfer', ['approve', 'transfer', 'transferFrom'])).toBe('transfer')
  expect(closest('BALANCEOF', ['balanceOf'])).toBe('balanceOf')
  expect(closest('frobnicate', ['approve', 'transfer'])).toBeNull()
  expect(closest('x', [])).toBeNull()
})
