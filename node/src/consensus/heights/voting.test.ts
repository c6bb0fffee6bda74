import { expect, it } from 'vitest'
import { type SignedContent, STEP_PRECOMMIT, STEP_PREVOTE, STEP_PROPOSAL } from '../signing/signBytes.ts'
import { restoredHeight, restoredVote } from './voting.ts'

const HASH = new Uint8Array(32).fill(0xab)
const ID = 'ab'.repeat(32)

function signed(round: number, step: SignedContent['step'], blockHash: Uint8Array | null) {
  const content = { genesisHash: HASH, height: 7n, round, step, validRound: -1, blockHash, contentsHash: null }
  return { content, signBytes: new Uint8Array(136), signature: new Uint8Array(64).fill(round), proposal: null }
}

it('a restart goes on at the newest thing signed, with the lock and the valid value', () => {
  const kept = { round: 1, blockHash: HASH, proposal: new Uint8Array(), polka: [] }
  const messages = [signed(0, STEP_PROPOSAL, HASH), signed(0, STEP_PREVOTE, HASH), signed(2, STEP_PRECOMMIT, null)]
  expect(restoredHeight({ signed: messages, locked: kept, valid: null })).toEqual({
    round: 2,
    step: 'precommit',
    locked: { id: ID, round: 1 },
    valid: null,
  })
  expect(restoredHeight({ signed: messages.slice(0, 1), locked: null, valid: kept })).toMatchObject({
    round: 0,
    step: 'propose',
    valid: { id: ID, round: 1 },
  })
})

it('own votes are counted again as they were signed; a proposal is no vote', () => {
  const position = { height: 7n, validator: 3 }
  expect(restoredVote(signed(1, STEP_PREVOTE, HASH), 3)).toMatchObject({
    ...position,
    type: 'prevote',
    round: 1,
    id: ID,
  })
  expect(restoredVote(signed(2, STEP_PRECOMMIT, null), 3)).toMatchObject({ ...position, type: 'precommit', id: null })
  expect(restoredVote(signed(1, STEP_PROPOSAL, HASH), 3)).toBeNull()
})
