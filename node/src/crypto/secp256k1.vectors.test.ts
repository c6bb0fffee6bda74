/**
 * Ethereum never verifies a signature against a key, it recovers the key; so a Wycheproof case counts as valid here when
 * recovery gives the key of the case. DER, which this chain has no use for, is read by noble.
 */
import { secp256k1 } from '@noble/curves/secp256k1.js'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { describeVectors } from '../../test/support/vectorFiles.ts'
import { bigintToBytes, bytesToBigint } from '../codec/bytes.ts'
import { fromHex, toHex } from '../codec/hex.ts'
import { nobleProvider } from './nobleProvider.ts'
import { setCryptoProvider } from './provider.ts'
import { addressOfPublicKey, recoverAddress, SECP256K1_HALF_ORDER, SECP256K1_ORDER } from './secp256k1.ts'
import { sha256 } from './sha256.ts'
import { recoveryProviders } from './testing/recoveryProviders.ts'

interface EcdsaFile {
  readonly testGroups: readonly {
    readonly publicKey: { readonly uncompressed: string }
    readonly tests: readonly Case[]
  }[]
}
interface Case {
  readonly tcId: number
  readonly comment: string
  readonly flags: readonly string[]
  readonly msg: string
  readonly sig: string
  readonly result: 'valid' | 'invalid' | 'acceptable'
}
interface EcdhFile {
  readonly testGroups: readonly {
    readonly tests: readonly {
      readonly tcId: number
      readonly flags: readonly string[]
      readonly public: string
      readonly private: string
      readonly shared: string
      readonly result: 'valid' | 'invalid' | 'acceptable'
    }[]
  }[]
}

const PRIME = 2n ** 256n - 2n ** 32n - 977n

function isRecovered(r: bigint, s: bigint, hash: Uint8Array, publicKey: Uint8Array): boolean {
  const expected = toHex(addressOfPublicKey(publicKey.subarray(1)))
  return ([0, 1] as const).some((parity) => {
    const address = recoverAddress(hash, r, s, parity)
    return address !== null && toHex(address) === expected
  })
}

/** The one thing recovery by parity leaves out, in Ethereum as here: a nonce point whose x is r + n. */
function mayHaveLargeX(r: bigint): boolean {
  return r + SECP256K1_ORDER < PRIME
}

function derIntegers(sig: Uint8Array): { r: bigint; s: bigint } | null {
  try {
    return secp256k1.Signature.fromBytes(sig, 'der')
  } catch {
    return null
  }
}

function compactIntegers(sig: Uint8Array): { r: bigint; s: bigint } | null {
  return sig.length === 64 ? { r: bytesToBigint(sig.subarray(0, 32)), s: bytesToBigint(sig.subarray(32)) } : null
}

const providers = await recoveryProviders()

describeVectors('wycheproof', (files) => {
  describe.each(providers)('%s', (_, provider) => {
    beforeAll(() => setCryptoProvider(provider))
    afterAll(() => setCryptoProvider(nobleProvider))

    test.each([
      ['ecdsa_secp256k1_sha256_test.json', 476, derIntegers, false],
      ['ecdsa_secp256k1_sha256_p1363_test.json', 252, compactIntegers, false],
      ['ecdsa_secp256k1_sha256_bitcoin_test.json', 463, derIntegers, true],
    ] as const)('%s, all %i cases', (file, count, integersOf, onlyLowS) => {
      let cases = 0
      let largeX = 0
      for (const group of files.json<EcdsaFile>(file).testGroups) {
        const publicKey = fromHex(`0x${group.publicKey.uncompressed}`)
        for (const { tcId, comment, msg, sig, result } of group.tests) {
          cases++
          const parsed = integersOf(fromHex(`0x${sig}`))
          const isLow = parsed !== null && parsed.s <= SECP256K1_HALF_ORDER
          const hash = sha256(fromHex(`0x${msg}`))
          const valid = parsed !== null && (isLow || !onlyLowS) && isRecovered(parsed.r, parsed.s, hash, publicKey)
          if (result === 'valid' && !valid && parsed !== null && mayHaveLargeX(parsed.r)) {
            largeX++
            continue
          }
          expect(valid, `tcId ${tcId}: ${comment}`).toBe(result === 'valid')
        }
      }
      expect(cases).toBe(count)
      // Valid signatures whose nonce point has x >= n, which carry no Ethereum parity: a handful, or the excuse is too wide.
      expect(largeX).toBeLessThanOrEqual(3)
    })
  })

  test('ecdh_secp256k1_test.json: the point multiplication that recovery rests on', () => {
    let checked = 0
    for (const group of files.json<EcdhFile>('ecdh_secp256k1_test.json').testGroups) {
      for (const { tcId, flags, ...vector } of group.tests) {
        if (vector.result === 'acceptable') continue
        const shared = sharedSecret(vector.public, vector.private)
        if (vector.result === 'valid') expect(shared, `tcId ${tcId}`).toBe(vector.shared)
        else expect(shared, `tcId ${tcId} ${flags}`).toBeNull()
        checked++
      }
    }
    expect(checked).toBe(522)
  })
})

/** SubjectPublicKeyInfo for an uncompressed point on the named curve secp256k1, as far as the point (RFC 5480). */
const SPKI_PREFIX = '3056301006072a8648ce3d020106052b8104000a034200'

/** Null when the key is refused. */
function sharedSecret(spki: string, privateHex: string): string | null {
  if (!spki.startsWith(SPKI_PREFIX)) return null
  try {
    const privateKey = bigintToBytes(BigInt(`0x${privateHex}`), 32)
    const shared = secp256k1.getSharedSecret(privateKey, fromHex(`0x${spki.slice(SPKI_PREFIX.length)}`))
    return toHex(shared.subarray(1)).slice(2)
  } catch {
    return null
  }
}
