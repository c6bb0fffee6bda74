import { seededRandom } from '@touchstone/vm/testing/random'
import { expect, it } from 'vitest'
import { STEP_PREVOTE } from '../signing/signBytes.ts'
import { encodeAnnouncement, encodeEvidence, encodeProposal, encodeVotes, type ProposalMessage } from './messages.ts'
import { stageOf } from './stage.ts'

const HEIGHTS = [0n, 1n, 127n, 128n, 255n, 256n, 70_000n, 2n ** 32n, 2n ** 48n - 1n]
const BYTES = (length: number) => new Uint8Array(length).fill(7)

it.each(HEIGHTS)('is the height %i of a proposal and of votes, whatever their number and length', (height) => {
  for (const attempt of [0, 1, 128, 0xffffffff]) {
    const votes = Array.from({ length: attempt === 1 ? 20 : 1 }, (_, index) => {
      return { type: 'prevote', round: 0, blockHash: BYTES(32), index, signature: BYTES(64) } as const
    })
    const bundle = encodeVotes({ kind: 'votes', attempt, height, round: 3, wantsProposal: true, votes })
    expect(stageOf('consensus', bundle)).toBe(Number(height))
    const proposal: ProposalMessage = {
      kind: 'proposal',
      attempt,
      height,
      round: 0,
      validRound: -1,
      blockHash: BYTES(32),
      head: BYTES(600),
      contents: BYTES(attempt === 0 ? 70_000 : 0),
      contentsHash: BYTES(32),
      transactions: [],
      signature: BYTES(64),
      polka: [],
    }
    expect(stageOf('consensus', encodeProposal(proposal))).toBe(Number(height))
  }
})

it('is nothing for other messages', () => {
  const signatures = [{ index: 0, signature: BYTES(64) }]
  const certificate = { chainId: 1n, height: 9n, round: 0, blockHash: BYTES(32), signatures }
  expect(stageOf('block', encodeAnnouncement({ kind: 'announcement', attempt: 1, certificate }))).toBeNull()
  const statement = { validRound: -1, blockHash: BYTES(32), contentsHash: null, signature: BYTES(64) }
  const second = { ...statement, blockHash: null }
  const evidence = encodeEvidence({ validator: 1, height: 9n, round: 0, step: STEP_PREVOTE, first: statement, second })
  expect(stageOf('block', evidence)).toBeNull()
  const votes = encodeVotes({ kind: 'votes', attempt: 0, height: 9n, round: 0, wantsProposal: false, votes: [] })
  expect(stageOf('tx', votes)).toBeNull()
  const late = encodeVotes({
    kind: 'votes',
    attempt: 0,
    height: 2n ** 64n - 1n,
    round: 0,
    wantsProposal: false,
    votes: [],
  })
  expect(stageOf('consensus', late)).toBeNull()
})

it('is null or a whole number for any bytes', () => {
  const random = seededRandom(11)
  for (let run = 0; run < 2_000; run++) {
    const bytes = Uint8Array.from({ length: random.below(24) }, () =>
      random.below(3) === 0 ? 0xf8 + random.below(8) : random.below(256),
    )
    for (const topic of ['tx', 'block', 'consensus'] as const) {
      const stage = stageOf(topic, bytes)
      expect(stage === null || (Number.isSafeInteger(stage) && stage >= 0)).toBe(true)
    }
  }
})
