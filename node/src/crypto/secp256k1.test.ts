import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { seededRandom } from '@touchstone/vm/testing/random'
import { privateKeyToAccount } from 'viem/accounts'
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { bigintToBytes } from '../codec/bytes.ts'
import { fromHex, toHex } from '../codec/hex.ts'
import { keccak256 } from './keccak.ts'
import { openNativeProvider } from './nativeProvider.ts'
import { nobleProvider } from './nobleProvider.ts'
import { nodeProvider, publicKeysWith } from './nodeProvider.ts'
import { setCryptoProvider } from './provider.ts'
import { addressOfPrivateKey, recoverAddress, SECP256K1_HALF_ORDER, SECP256K1_ORDER, signHash } from './secp256k1.ts'
import { recoveryProviders } from './testing/recoveryProviders.ts'
import { openWasmProvider } from './wasmProvider.ts'

/** The first account of the well-known test mnemonic. */
const PRIVATE_KEY = fromHex('0xac0974bec39a17e36ba4a6b4d238ff944bacb478cbed5efcae784d7bf4f2ff80')

const providers = await recoveryProviders()
const nodeGypBuild = createRequire(import.meta.url)('node-gyp-build')

describe.each(providers)('%s', (_, provider) => {
  beforeAll(() => setCryptoProvider(provider))
  afterAll(() => setCryptoProvider(nobleProvider))

  test('address, signature and recovery agree with viem', async () => {
    const viem = privateKeyToAccount(toHex(PRIVATE_KEY))
    expect(toHex(addressOfPrivateKey(PRIVATE_KEY))).toBe(viem.address.toLowerCase())
    const random = seededRandom(3)
    for (let i = 0; i < 10; i++) {
      const hash = random.bytes(32)
      const { r, s, yParity } = signHash(hash, PRIVATE_KEY)
      const hex = `0x${r.toString(16).padStart(64, '0')}${s.toString(16).padStart(64, '0')}${yParity === 1 ? '1c' : '1b'}`
      expect(await viem.sign({ hash: toHex(hash) })).toBe(hex)
      expect(s <= SECP256K1_HALF_ORDER).toBe(true)
      expect(toHex(recoverAddress(hash, r, s, yParity)!)).toBe(viem.address.toLowerCase())
      // The same signature in its other form, which ecrecover takes and transactions refuse.
      const other = recoverAddress(hash, r, SECP256K1_ORDER - s, yParity === 1 ? 0 : 1)
      expect(toHex(other!)).toBe(viem.address.toLowerCase())
    }
  })

  test('no key for numbers out of range or an r that is no x coordinate', () => {
    const hash = keccak256(new Uint8Array(0))
    for (const [r, s] of [
      [0n, 1n],
      [1n, 0n],
      [SECP256K1_ORDER, 1n],
      [1n, SECP256K1_ORDER],
      [-1n, 1n],
      // x = 5 is on no point: 5^3 + 7 is not a square.
      [5n, 1n],
    ] as const) {
      expect(recoverAddress(hash, r, s, 0), `r ${r} s ${s}`).toBeNull()
    }
    expect(recoverAddress(hash, 1n, 1n, 0)).not.toBeNull()
    expect(() => recoverAddress(new Uint8Array(31), 1n, 1n, 0)).toThrow(RangeError)
  })

  test('the point at infinity is nobody', () => {
    // With s r^-1 R = h r^-1 G the recovered point is infinity: R = G, so r = Gx and s = h.
    const gx = 0x79be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798n
    const s = 12345n
    const hash = fromHex(`0x${s.toString(16).padStart(64, '0')}`)
    expect(recoverAddress(hash, gx, s, 0)).toBeNull()
  })

  test('a private key out of range is refused', () => {
    expect(() => addressOfPrivateKey(new Uint8Array(32))).toThrow()
    expect(() => addressOfPrivateKey(new Uint8Array(32).fill(255))).toThrow()
    expect(() => signHash(new Uint8Array(32), new Uint8Array(32))).toThrow()
  })
})

test('OpenSSL and noble agree on the public key of any private key', () => {
  const random = seededRandom(29)
  const edges = [1n, 2n, SECP256K1_HALF_ORDER, SECP256K1_ORDER - 1n].map((key) => bigintToBytes(key, 32))
  let zeros = 0
  for (const key of [...edges, ...Array.from({ length: 600 }, () => random.bytes(32))]) {
    const publicKey = nodeProvider.publicKeySecp256k1(key)
    expect(publicKey, toHex(key)).toEqual(nobleProvider.publicKeySecp256k1(key))
    if (publicKey[0] === 0 || publicKey[32] === 0) zeros++
  }
  // Coordinates with fewer digits.
  expect(zeros).toBeGreaterThan(0)
  const none = [0n, SECP256K1_ORDER, SECP256K1_ORDER + 1n, 2n ** 256n - 1n].map((key) => bigintToBytes(key, 32))
  for (const key of [...none, new Uint8Array(31).fill(1), new Uint8Array(33).fill(1, 1), new Uint8Array(0)]) {
    for (const { publicKeySecp256k1 } of [nodeProvider, nobleProvider]) {
      expect(() => publicKeySecp256k1(key), toHex(key)).toThrow()
    }
  }
})

test.each([
  ['noble', nobleProvider],
  ['OpenSSL', nodeProvider],
] as const)('what is no private key is refused in the same words with %s', (_, provider) => {
  setCryptoProvider(provider)
  onTestFinished(() => setCryptoProvider(nobleProvider))
  const number = (key: bigint) => bigintToBytes(key, 32)
  for (const [key, words] of [
    [number(0n), 'a private key is from 1 to the order of the curve less 1, this one is 0'],
    [number(SECP256K1_ORDER), 'less 1, this one is not below the order'],
    [number(2n ** 256n - 1n), 'less 1, this one is not below the order'],
    [new Uint8Array(31).fill(1), 'a private key has 32 bytes, this one has 31'],
    [new Uint8Array(33).fill(1, 1), 'a private key has 32 bytes, this one has 33'],
  ] as const) {
    expect(() => addressOfPrivateKey(key), toHex(key)).toThrow(words)
  }
  expect(addressOfPrivateKey(number(SECP256K1_ORDER - 1n))).toHaveLength(20)
})

test("a library without the curve leaves public keys to noble's", () => {
  expect(publicKeysWith(['prime256v1', 'secp256k1'])).toBe(nodeProvider.publicKeySecp256k1)
  expect(publicKeysWith(['prime256v1'])).toBe(nobleProvider.publicKeySecp256k1)
})

test('the providers agree on the keys recovered from anything', () => {
  const random = seededRandom(17)
  /** Numbers about the borders of what r and s may be, which random ones never meet. */
  const edges = [1n, 2n, SECP256K1_HALF_ORDER, SECP256K1_HALF_ORDER + 1n, SECP256K1_ORDER - 1n]
  let keys = 0
  for (let i = 0; i < 150; i++) {
    const hash = i % 5 === 0 ? new Uint8Array(32).fill(i % 2 === 0 ? 0 : 255) : random.bytes(32)
    const signature = random.bytes(64)
    if (i % 3 === 0) signature.set(bigintToBytes(edges[random.below(edges.length)]!, 32), 32)
    if (i % 7 === 0) signature.set(bigintToBytes(edges[random.below(edges.length)]!, 32), 0)
    for (const yParity of [0, 1] as const) {
      const key = nobleProvider.recoverPublicKey(hash, signature, yParity)
      for (const [name, { recoverPublicKey }] of providers.slice(1)) {
        expect(recoverPublicKey(hash, signature, yParity), `${name}, case ${i}`).toEqual(key)
      }
      if (key !== null) keys++
    }
  }
  // About half of all numbers are x coordinates.
  expect(keys).toBeGreaterThan(100)
  expect(keys).toBeLessThan(200)
})

test('a machine that puts the highest byte first stays with noble', async () => {
  expect(await openWasmProvider(false)).toEqual({})
  expect(await openWasmProvider(true)).toHaveProperty('recoverPublicKey')
})

describe('the native provider', () => {
  const [hash, signature] = [new Uint8Array(32).fill(5), new Uint8Array(64).fill(1)]
  const giving = (outcome: number) =>
    openNativeProvider(() => ({
      Secp256k1: class {
        ecdsaRecover = () => outcome
      },
    })).recoverPublicKey!

  test('is none where its file is missing or does not load, and hides no other fault', () => {
    const failing = (error: Error) => () =>
      openNativeProvider(() => {
        throw error
      })
    const unloadable = Object.assign(new Error('libc.musl-x86_64.so.1'), { code: 'ERR_DLOPEN_FAILED' })
    expect(failing(unloadable)()).toEqual({})
    expect(openNativeProvider((folder) => nodeGypBuild(join(folder, 'lib')))).toEqual({})
    expect(failing(new RangeError('Maximum call stack size exceeded'))).toThrow(RangeError)
  })

  test.each(['3.8.1', '4.0.4', '5.0.2'])('is of release 5.0.2 alone, where folders above have %s', (version) => {
    const folder = mkdtempSync(join(tmpdir(), 'touchstone-secp256k1-'))
    try {
      const of = join(folder, 'node_modules/secp256k1')
      mkdirSync(of, { recursive: true })
      writeFileSync(join(of, 'package.json'), JSON.stringify({ name: 'secp256k1', version }))
      let loaded = 0
      const load = () => {
        loaded++
        return {
          Secp256k1: class {
            ecdsaRecover = () => 1
          },
        }
      }
      const { recoverPublicKey } = openNativeProvider(load, join(folder, 'any.js'))
      expect([recoverPublicKey !== undefined, loaded]).toEqual(version === '5.0.2' ? [true, 1] : [false, 0])
    } finally {
      rmSync(folder, { recursive: true })
    }
  })

  test('makes no verdict of an outcome that it does not know', () => {
    expect(giving(0)(hash, signature, 0)).toHaveLength(64)
    expect(giving(1)(hash, signature, 0)).toBeNull()
    expect(giving(2)(hash, signature, 0)).toBeNull()
    expect(() => giving(3)(hash, signature, 0)).toThrow('libsecp256k1 gave 3')
  })
})
