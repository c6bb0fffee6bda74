/**
 * Near the end of the stack every one of these runs into a RangeError somewhere inside, in the library too. It has to
 * come out as that: an answer made of it ("invalid") would differ from that of machines with another stack.
 */
import { describe, expect, it } from 'vitest'
import { bigintToBytes, concatBytes } from '../codec/bytes.ts'
import { bn254Add, bn254Mul, bn254Pairing } from './bn254.ts'
import { ed25519PublicKey, ed25519Sign, ed25519Verify, isEd25519PublicKey } from './ed25519.ts'
import { nobleProvider } from './nobleProvider.ts'
import { setCryptoProvider } from './provider.ts'
import { addressOfPrivateKey, recoverAddress, signHash } from './secp256k1.ts'
import { recoveryProviders } from './testing/recoveryProviders.ts'

/** Calls `work` at every depth from the end of the stack upwards, until it has given an answer ten times. */
function nearTheEnd<T>(work: () => T): { readonly answers: readonly T[]; readonly overflows: number } {
  const answers: T[] = []
  let overflows = 0
  const attempt = (): void => {
    if (answers.length >= 10) return
    try {
      answers.push(work())
    } catch (error) {
      if (!(error instanceof RangeError)) throw error
      overflows++
    }
  }
  const dive = (): void => {
    try {
      dive()
    } catch (error) {
      if (!(error instanceof RangeError)) throw error
    }
    attempt()
  }
  dive()
  return { answers, overflows }
}

const word = (value: bigint) => bigintToBytes(value, 32)
const G1 = concatBytes(word(1n), word(2n))
const G2 = concatBytes(
  word(11559732032986387107991004021392285783925812861821192530917403151452391805634n),
  word(10857046999023057135944570762232829481370756359578518086990519993285655852781n),
  word(4082367875863433681332203403145435568316851327593401208105741076214120093531n),
  word(8495653923123431417604973247489272438418190587263600148770280649306958101930n),
)
const hash = new Uint8Array(32).fill(5)
const secret = new Uint8Array(32).fill(6)
const { r, s, yParity } = signHash(hash, secret)
const message = Uint8Array.of(1, 2, 3)
const signature = ed25519Sign(message, secret)
const publicKey = ed25519PublicKey(secret)
/** The answer for a key is kept, so each attempt takes another. */
const keys = Array.from({ length: 400 }, (_, i) => ed25519PublicKey(bigintToBytes(BigInt(1000 + i), 32)))
let next = 0

const recoverers = await recoveryProviders()

describe('near the end of the stack', () => {
  it.each<[string, () => unknown, unknown]>([
    ['bn254 addition', () => bn254Add(concatBytes(G1, new Uint8Array(64))), G1],
    ['bn254 multiplication', () => bn254Mul(concatBytes(G1, word(1n))), G1],
    ['bn254 pairing', () => bn254Pairing(concatBytes(G1, G2)), word(0n)],
    ['ed25519 verification', () => ed25519Verify(signature, message, publicKey), true],
    ['the check of an ed25519 key', () => isEd25519PublicKey(keys[next++ % keys.length]!), true],
  ])('%s gives the right answer or an overflow', (_, work, expected) => {
    const { answers, overflows } = nearTheEnd(work)
    expect(overflows).toBeGreaterThan(0)
    expect(answers.length).toBe(10)
    for (const answer of answers) expect(answer).toEqual(expected)
  })

  it.each(recoverers)('recovery by %s gives the right answer or an overflow', (_, provider) => {
    setCryptoProvider(provider)
    const { answers, overflows } = nearTheEnd(() => recoverAddress(hash, r, s, yParity))
    setCryptoProvider(nobleProvider)
    expect(overflows).toBeGreaterThan(0)
    expect(answers.length).toBe(10)
    for (const answer of answers) expect(answer).toEqual(addressOfPrivateKey(secret))
  })

  it('the keys asked about there are still what they are', () => {
    for (const key of keys) expect(isEd25519PublicKey(key)).toBe(true)
  })
})
