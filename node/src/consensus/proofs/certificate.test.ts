import { beforeAll, describe, expect, it } from 'vitest'
import type { Certificate } from '../../types/certificate.ts'
import { createValidatorSet, type ValidatorSet } from '../core/validatorSet.ts'
import type { Vote } from '../core/vote.ts'
import { voteSignBytes } from '../signing/signBytes.ts'
import { type SigningKey, signingKey } from '../signing/signer.ts'
import { buildCertificate, verifyCertificate } from './certificate.ts'

const CHAIN_ID = 31337n
const GENESIS = new Uint8Array(32).fill(0x6e)
const OTHER_GENESIS = new Uint8Array(32).fill(0x6f)
const CHAIN = { chainId: CHAIN_ID, genesisHash: GENESIS }
const HASH = new Uint8Array(32).fill(0xab)
const ID = 'ab'.repeat(32)
let keys: SigningKey[]
let set: ValidatorSet
let certificate: Certificate

function precommit(validator: number, id: string | null = ID): Vote {
  const hash = id === null ? null : id === ID ? HASH : new Uint8Array(32).fill(0xcd)
  const signature = keys[validator]!.sign(voteSignBytes(GENESIS, 7n, 2, 'precommit', hash))
  return { type: 'precommit', height: 7n, round: 2, id, validator, signature }
}

beforeAll(() => {
  keys = [1, 2, 3, 4].map((byte) => signingKey(new Uint8Array(32).fill(byte)))
  set = createValidatorSet(keys.map(({ publicKey }) => ({ publicKey, power: 1n, feeRecipient: new Uint8Array(20) })))
  certificate = buildCertificate(
    CHAIN_ID,
    [0, 1, 3].map((index) => precommit(index)),
  )
})

const fault = (changed: Certificate, chain = CHAIN) => {
  const outcome = verifyCertificate(changed, set, chain)
  return outcome.ok ? null : outcome.code
}

describe('verifyCertificate', () => {
  it('accepts what more than two thirds signed', () => {
    expect(verifyCertificate(certificate, set, CHAIN)).toEqual({ ok: true })
  })

  it('refuses anything that was changed', () => {
    expect(fault({ ...certificate, height: 8n })).toBe('bad-signature')
    expect(fault({ ...certificate, round: 1 })).toBe('bad-signature')
    expect(fault({ ...certificate, blockHash: new Uint8Array(32) })).toBe('bad-signature')
    expect(fault(certificate, { ...CHAIN, chainId: 1n })).toBe('wrong-chain')
    expect(fault(certificate, { ...CHAIN, genesisHash: OTHER_GENESIS })).toBe('bad-signature')
    expect(fault({ ...certificate, blockHash: new Uint8Array(31) })).toBe('bad-hash')
  })

  it('refuses two thirds and less', () => {
    expect(fault({ ...certificate, signatures: certificate.signatures.slice(1) })).toBe('no-quorum')
    expect(fault({ ...certificate, signatures: [] })).toBe('no-quorum')
  })

  it('refuses indices that repeat, descend or do not exist', () => {
    const [a, b, c] = certificate.signatures
    expect(fault({ ...certificate, signatures: [a!, a!, b!] })).toBe('bad-index')
    expect(fault({ ...certificate, signatures: [b!, a!, c!] })).toBe('bad-index')
    expect(fault({ ...certificate, signatures: [a!, b!, { ...c!, index: 4 }] })).toBe('bad-index')
  })

  it('refuses one bad signature among enough good ones', () => {
    const all = buildCertificate(
      CHAIN_ID,
      [0, 1, 2, 3].map((index) => precommit(index)),
    )
    expect(verifyCertificate(all, set, CHAIN)).toEqual({ ok: true })
    const spoiled = all.signatures.map((entry, index) =>
      index === 3 ? { ...entry, signature: new Uint8Array(64) } : entry,
    )
    expect(fault({ ...all, signatures: spoiled })).toBe('bad-signature')
  })

  it('refuses prevotes and votes for nil', () => {
    const signatures = [0, 1, 3].map((index) => ({
      index,
      signature: keys[index]!.sign(voteSignBytes(GENESIS, 7n, 2, 'prevote', HASH)),
    }))
    expect(fault({ ...certificate, signatures })).toBe('bad-signature')
    expect(() => buildCertificate(CHAIN_ID, [precommit(0, null)])).toThrow('for a block')
  })
})
