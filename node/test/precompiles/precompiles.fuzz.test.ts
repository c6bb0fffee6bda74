/**
 * Each precompile against one written anew, on inputs at the borders: some hundred cases of a fixed seed.
 * `npm run fuzz:precompiles` goes on for as long as it is told, and shows one case again.
 */
import { describe, expect, it } from 'vitest'
import { isPrecompile } from '../../src/execution/precompiles/precompileNames.ts'
import { BN254_ORDER, G1_BASE, G2_BASE, g1, g2, SECP256K1_BASE, SECP256K1_ORDER, secp256k1 } from './naiveCurve.ts'
import { pairingsMultiplyToOne } from './naivePairing.ts'
import { precompileSession } from './session.ts'

const CASES = 400

describe('the precompiles', () => {
  it('answer as those written anew do, and never throw', () => {
    const { finding, cases, outputs } = precompileSession(1, 0, (number) => number < CASES)
    expect(finding).toBeNull()
    for (let address = 1; address < 256; address++) {
      if (!isPrecompile(new Uint8Array(20).with(19, address))) continue
      expect(cases[address], `cases of ${address}`).toBeGreaterThan(10)
      expect(outputs[address], `outputs of ${address}`).toBeGreaterThan(5)
    }
  })
})

describe('what they are compared with', () => {
  it('knows the orders of its groups', () => {
    expect(secp256k1.multiply(SECP256K1_BASE, SECP256K1_ORDER)).toBeNull()
    expect(g1.multiply(G1_BASE, BN254_ORDER)).toBeNull()
    expect(g2.multiply(G2_BASE, BN254_ORDER)).toBeNull()
    expect([secp256k1.has(SECP256K1_BASE), g1.has(G1_BASE), g2.has(G2_BASE)]).toEqual([true, true, true])
  })
  it('has a pairing that is bilinear and not trivial', () => {
    const twice = g1.multiply(G1_BASE, 2n)!
    const negated = g2.negate(G2_BASE)!
    const pairs = (p: typeof twice) => [
      { p, q: G2_BASE },
      { p: G1_BASE, q: negated },
      { p: G1_BASE, q: negated },
    ]
    expect(pairingsMultiplyToOne(pairs(twice))).toBe(true)
    expect(pairingsMultiplyToOne(pairs(G1_BASE))).toBe(false)
  })
})
