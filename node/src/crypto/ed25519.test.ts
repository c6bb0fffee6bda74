/** The written rule of ed25519.ts, point by point, with every provider. */
import { ed25519 } from '@noble/curves/ed25519.js'
import { sha512 } from '@noble/hashes/sha2.js'
import { seededRandom } from '@touchstone/vm/testing/random'
import { afterEach, describe, expect, test } from 'vitest'
import { bigintToBytes, bytesToBigint, concatBytes } from '../codec/bytes.ts'
import { fromHex, toHex } from '../codec/hex.ts'
import { ed25519PublicKey, ed25519Sign, ed25519Verify, isEd25519PublicKey } from './ed25519.ts'
import { nobleProvider } from './nobleProvider.ts'
import { nodeProvider } from './nodeProvider.ts'
import { setCryptoProvider } from './provider.ts'

const { Point } = ed25519
const ORDER = Point.Fn.ORDER
const PRIME = 2n ** 255n - 19n
const seed = seededRandom(7).bytes(32)
const message = fromHex('0x746f756368')

const le = (value: bigint) => bigintToBytes(value, 32).reverse()
/** A point of order 8, to make keys and R with a torsion component. */
const TORSION = Point.fromBytes(fromHex('0x26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05'), false)

function challenge(r: Uint8Array, publicKey: Uint8Array): bigint {
  return bytesToBigint(sha512(concatBytes(r, publicKey, message)).reverse()) % ORDER
}

/** All eight, and the encodings of them that are not canonical. */
const smallOrder = [
  '0x0100000000000000000000000000000000000000000000000000000000000000',
  '0xecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
  '0x0000000000000000000000000000000000000000000000000000000000000080',
  '0x0000000000000000000000000000000000000000000000000000000000000000',
  '0xc7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a',
  '0xc7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa',
  '0x26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05',
  '0x26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc85',
  '0x0100000000000000000000000000000000000000000000000000000000000080',
  '0xecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff',
  '0xeeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
  '0xeeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff',
  '0xedffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff',
  '0xedffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
]

afterEach(() => setCryptoProvider(nobleProvider))

describe.each([
  ['noble', nobleProvider],
  ['node', { ...nobleProvider, ...nodeProvider }],
])('with the %s provider', (_, provider) => {
  const verify = (signature: Uint8Array, publicKey: Uint8Array) => {
    setCryptoProvider(provider)
    return ed25519Verify(signature, message, publicKey)
  }
  const publicKey = ed25519PublicKey(seed)
  const signature = ed25519Sign(message, seed)

  test('an honest signature is valid, and no bit of it may change', () => {
    expect(verify(signature, publicKey)).toBe(true)
    for (let bit = 0; bit < 512; bit += 37) {
      const changed = signature.slice()
      changed[bit >> 3]! ^= 1 << (bit & 7)
      expect(verify(changed, publicKey), `bit ${bit}`).toBe(false)
    }
  })

  test('1: other lengths are invalid', () => {
    expect(verify(signature.subarray(0, 63), publicKey)).toBe(false)
    expect(verify(concatBytes(signature, new Uint8Array(1)), publicKey)).toBe(false)
    expect(verify(signature, publicKey.subarray(1))).toBe(false)
    expect(verify(new Uint8Array(0), new Uint8Array(0))).toBe(false)
  })

  test('2: S plus the order is another form of the same signature, and invalid', () => {
    const s = bytesToBigint(signature.slice(32).reverse())
    expect(verify(concatBytes(signature.subarray(0, 32), le(s + ORDER)), publicKey)).toBe(false)
  })

  test('3: a key that is no point, or not encoded canonically, is invalid', () => {
    // y = 2 is on no point; y = prime + 3 is the point of y = 3, written too large.
    expect(verify(signature, le(2n))).toBe(false)
    expect(isEd25519PublicKey(le(3n))).toBe(true)
    expect(isEd25519PublicKey(le(PRIME + 3n))).toBe(false)
  })

  test('4: keys of small order are invalid, in every encoding', () => {
    for (const hex of smallOrder) {
      const key = fromHex(hex)
      expect(isEd25519PublicKey(key), hex).toBe(false)
      // R of the identity and S = 0 satisfies the equation for the identity as key.
      expect(verify(concatBytes(le(1n), le(0n)), key), hex).toBe(false)
    }
  })

  test('5: a signature that needs the cofactor is invalid', () => {
    // R is off by a point of order 8: [8]SB = [8]R + [8]kA holds, SB = R + kA does not.
    const { scalar } = ed25519.utils.getExtendedPublicKey(seed)
    const nonce = 12345n
    const r = Point.BASE.multiply(nonce).add(TORSION).toBytes()
    const s = (nonce + challenge(r, publicKey) * scalar) % ORDER
    const crafted = concatBytes(r, le(s))
    expect(ed25519.verify(crafted, message, publicKey, { zip215: true })).toBe(true)
    expect(verify(crafted, publicKey)).toBe(false)
  })

  test('5: a key with a torsion component verifies exactly when the equation holds without cofactor', () => {
    const { scalar } = ed25519.utils.getExtendedPublicKey(seed)
    const mixed = Point.BASE.multiply(scalar).add(TORSION).toBytes()
    expect(isEd25519PublicKey(mixed)).toBe(true)
    let valid = 0
    for (let nonce = 1n; nonce <= 64n; nonce++) {
      const r = Point.BASE.multiply(nonce).toBytes()
      const k = challenge(r, mixed)
      const crafted = concatBytes(r, le((nonce + k * scalar) % ORDER))
      const outcome = verify(crafted, mixed)
      // [k]A has no torsion left only when k is a multiple of 8.
      expect(outcome, `nonce ${nonce}`).toBe(k % 8n === 0n)
      if (outcome) valid++
    }
    expect(valid).toBeGreaterThan(0)
  })

  test('4 and 5: R of small order is invalid, in every encoding', () => {
    const { scalar } = ed25519.utils.getExtendedPublicKey(seed)
    for (const hex of smallOrder) {
      // For the identity the equation holds.
      const r = fromHex(hex)
      const s = (challenge(r, publicKey) * scalar) % ORDER
      expect(verify(concatBytes(r, le(s)), publicKey), hex).toBe(false)
    }
  })

  test('5: the encoding of R must be the canonical one', () => {
    // A point has a second encoding only where y is below 19; those of small order aside, nobody knows their nonce.
    // So the bytes are compared: a provider that decodes R first would not see the sign bit of x = 0, for one.
    expect(verify(concatBytes(le(PRIME + 3n), signature.subarray(32)), publicKey)).toBe(false)
  })

  test('4: a key of small order is found by its order too, not by the list alone', () => {
    for (const hex of smallOrder.slice(0, 8)) {
      expect(isEd25519PublicKey(fromHex(hex))).toBe(false)
    }
    let point = TORSION
    for (let i = 0; i < 8; i++) {
      expect(point.isSmallOrder()).toBe(true)
      if (!point.is0()) expect(smallOrder).toContain(toHex(point.toBytes()))
      point = point.add(TORSION)
    }
  })
})

test('1 to 4 hold whatever the provider says', () => {
  setCryptoProvider({ verifyEd25519: () => true })
  const publicKey = ed25519PublicKey(seed)
  const signature = ed25519Sign(message, seed)
  const r = signature.subarray(0, 32)
  expect(ed25519Verify(signature, message, publicKey)).toBe(true)
  expect(ed25519Verify(signature.subarray(1), message, publicKey)).toBe(false)
  expect(ed25519Verify(concatBytes(r, le(ORDER)), message, publicKey)).toBe(false)
  expect(ed25519Verify(concatBytes(r, le(ORDER - 1n)), message, publicKey)).toBe(true)
  expect(ed25519Verify(signature, message, le(PRIME + 3n))).toBe(false)
  for (const hex of smallOrder.slice(0, 8)) {
    expect(ed25519Verify(signature, message, fromHex(hex)), hex).toBe(false)
    expect(ed25519Verify(concatBytes(fromHex(hex), le(1n)), message, publicKey), hex).toBe(false)
  }
})

test('Node signs as noble does, whatever the key and the length of the message', () => {
  const random = seededRandom(11)
  for (let length = 0; length < 300; length += 7) {
    const [key, text] = [random.bytes(32), random.bytes(length)]
    const signed = nodeProvider.signEd25519(text, key)
    expect(toHex(signed), `${toHex(key)} ${length}`).toBe(toHex(nobleProvider.signEd25519(text, key)))
    expect(signed.buffer.byteLength).toBe(64)
  }
})

test.each([0, 31, 33, 64])('a private key of %i bytes signs nothing', (length) => {
  setCryptoProvider(nodeProvider)
  expect(() => ed25519Sign(message, new Uint8Array(length))).toThrow(`has 32 bytes, not ${length}`)
  expect(() => ed25519PublicKey(new Uint8Array(length))).toThrow(`has 32 bytes, not ${length}`)
})

test('OpenSSL and noble agree on public keys, whichever key was used before', () => {
  const random = seededRandom(31)
  const seeds = [
    new Uint8Array(32),
    new Uint8Array(32).fill(255),
    ...Array.from({ length: 50 }, () => random.bytes(32)),
  ]
  for (const [index, key] of seeds.entries()) {
    nodeProvider.signEd25519(message, seeds[(index * 7) % seeds.length]!)
    const publicKey = nodeProvider.publicKeyEd25519(key)
    expect(toHex(publicKey), toHex(key)).toBe(toHex(nobleProvider.publicKeyEd25519(key)))
    expect(publicKey.buffer.byteLength).toBe(32)
  }
})

test.each([
  ['noble', nobleProvider],
  ['node', { ...nobleProvider, ...nodeProvider }],
])('RFC 8032, section 7.1, test 2 with the %s provider', (_, provider) => {
  setCryptoProvider(provider)
  const secret = fromHex('0x4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb')
  expect(toHex(ed25519PublicKey(secret))).toBe('0x3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c')
  expect(toHex(ed25519Sign(Uint8Array.of(0x72), secret))).toBe(
    '0x92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da' +
      '085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00',
  )
})
