import { expect, it } from 'vitest'
import { createMemoryStore } from '../../runtime/memoryStore.ts'
import type { Certificate } from '../../types/certificate.ts'
import { forgottenHeight } from './forgottenHeight.ts'
import { type SignedStep, STEP_PRECOMMIT, STEP_PREVOTE, voteSignBytes } from './signBytes.ts'
import { openSigner, type Signer, signingKey } from './signer.ts'

const GENESIS = new Uint8Array(32).fill(0x6e)
const KEY = signingKey(new Uint8Array(32).fill(7))
const OTHER = signingKey(new Uint8Array(32).fill(8))
const BLOCK = new Uint8Array(32).fill(0xb)

/** A record that ends at this height and round, written. */
async function record(height: bigint, round = 0, step: SignedStep = STEP_PRECOMMIT): Promise<Signer> {
  const signer = await openSigner({ store: createMemoryStore(), key: KEY, genesisHash: GENESIS })
  const content = { genesisHash: GENESIS, height, round, step, validRound: -1, blockHash: BLOCK, contentsHash: null }
  signer.sign({ content, locked: null, valid: null })
  await signer.flush()
  return signer
}

/** Of a block at height 5, round 1. */
function certificate(...by: readonly { sign(message: Uint8Array): Uint8Array }[]): Certificate {
  const bytes = voteSignBytes(GENESIS, 5n, 1, 'precommit', BLOCK)
  const signatures = by.map((key, index) => ({ index, signature: key.sign(bytes) }))
  return { chainId: 1n, height: 5n, round: 1, blockHash: BLOCK, signatures }
}

const shown = (of: Certificate | null) => ({ certificate: of, genesisHash: GENESIS })

it.each([
  ['a chain without blocks', () => record(1n), null],
  ['a block of others', () => record(1n), certificate(OTHER)],
  ['a record that has the signature', () => record(5n, 1), certificate(KEY)],
  ['a record that is further', () => record(6n, 0, STEP_PREVOTE), certificate(KEY)],
])('a record is in order beside %s', async (_name, open, of) => {
  const signer = await open()
  const last = signer.last()!
  expect(await forgottenHeight(signer, shown(of))).toBeNull()
  expect(signer.covers(last.height, last.round + 1)).toBe(false)
})

it.each([
  ['two heights behind', () => record(3n), certificate(KEY)],
  ['one behind a block that others have signed too', () => record(4n), certificate(OTHER, KEY)],
  ['at the height of such a block, without its precommit', () => record(5n, 1, STEP_PREVOTE), certificate(KEY, OTHER)],
])('a record %s has forgotten a signature', async (_name, open, of) => {
  const signer = await open()
  expect(await forgottenHeight(signer, shown(of))).toBe(5n)
  expect(signer.covers(5n, 1)).toBe(false)
})

it('nor is an empty record known for that of a stop of the machine', async () => {
  const signer = await openSigner({ store: createMemoryStore(), key: KEY, genesisHash: GENESIS })
  await signer.begin(null)
  expect(await forgottenHeight(signer, shown({ ...certificate(KEY), height: 1n }))).toBeNull()
  const bytes = voteSignBytes(GENESIS, 1n, 1, 'precommit', BLOCK)
  const first = { ...certificate(), height: 1n, signatures: [{ index: 0, signature: KEY.sign(bytes) }] }
  expect(await forgottenHeight(signer, shown(first))).toBe(1n)
})

it.each([
  ['at the height before', () => record(4n)],
  ['at the height of the block, in an earlier round', () => record(5n)],
])(
  'a record %s that a lone validator has signed lacks what a stop of the machine took: the height is closed',
  async (_name, open) => {
    const signer = await open()
    expect(await forgottenHeight(signer, shown(certificate(KEY)))).toBeNull()
    expect([signer.covers(5n, 99), signer.covers(6n, 0)]).toEqual([true, false])
  },
)
