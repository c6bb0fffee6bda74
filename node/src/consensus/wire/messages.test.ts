import { seededRandom } from '@touchstone/vm/testing/random'
import { describe, expect, it } from 'vitest'
import { MAX_BLOCK_BYTES } from '../../chain/limits.ts'
import { concatBytes } from '../../codec/bytes.ts'
import { CodecError } from '../../codec/codecError.ts'
import { toHex } from '../../codec/hex.ts'
import { decodeRlp, encodeRlp, type RlpItem } from '../../codec/rlp.ts'
import { integerItem } from '../../codec/rlpFields.ts'
import { keccak256 } from '../../crypto/keccak.ts'
import { MAX_VALIDATORS } from '../../types/genesisCodec.ts'
import {
  parseSignBytes,
  proposalSignBytes,
  SIGN_BYTES_LENGTH,
  STEP_PRECOMMIT,
  signBytes,
  voteSignBytes,
} from '../signing/signBytes.ts'
import { contentsHash, encodeContents, MAX_CONTENTS_BYTES } from './contents.ts'
import {
  decodeConsensusMessage,
  decodeProof,
  encodeAnnouncement,
  encodeEvidence,
  encodeProposal,
  encodeVotes,
  MAX_VOTES_PER_BUNDLE,
  type PlacedTransaction,
  type ProposalMessage,
  type VotesMessage,
} from './messages.ts'

const bytes = (length: number, fill: number) => new Uint8Array(length).fill(fill)

const listed = (count: number) =>
  encodeContents(Array.from({ length: count }, (_, index) => ({ hash: bytes(32, index), raw: bytes(100 + index, 9) })))
const contents = listed(9)

const proposal: ProposalMessage = {
  kind: 'proposal',
  attempt: 3,
  height: 9n,
  round: 2,
  validRound: 1,
  blockHash: bytes(32, 1),
  head: bytes(300, 2),
  contents,
  contentsHash: contentsHash(contents),
  transactions: [
    { index: 0, raw: bytes(100, 9) },
    { index: 8, raw: bytes(108, 9) },
  ],
  signature: bytes(64, 3),
  polka: [
    { index: 0, signature: bytes(64, 4) },
    { index: 2, signature: bytes(64, 5) },
  ],
}

const votes: VotesMessage = {
  kind: 'votes',
  attempt: 0xffffffff,
  height: 1n,
  round: 0,
  wantsProposal: true,
  votes: [
    { type: 'prevote', round: 0, blockHash: null, index: 0, signature: bytes(64, 6) },
    { type: 'precommit', round: 1, blockHash: bytes(32, 7), index: MAX_VALIDATORS - 1, signature: bytes(64, 8) },
  ],
}

const certificate = { chainId: 1n, height: 2n, round: 0, blockHash: bytes(32, 1), signatures: proposal.polka }
const statement = (fill: number) => {
  return { validRound: -1, blockHash: bytes(32, fill), contentsHash: null, signature: bytes(64, fill) }
}

/** A message of each kind, by its number. */
const examples: Readonly<Record<number, Uint8Array>> = {
  1: encodeProposal(proposal),
  2: encodeVotes(votes),
  3: encodeAnnouncement({ kind: 'announcement', attempt: 7, certificate }),
  4: encodeEvidence({
    ...{ validator: 1, height: 9n, round: 0, step: STEP_PRECOMMIT },
    ...{ first: statement(1), second: statement(2) },
  }),
}
/** Their keccak256. */
const DIGESTS: Readonly<Record<number, string>> = {
  1: '0xe043ed38a9af94cafb2ae28963380de84ace201c7d10cd245d467381f109b8e5',
  2: '0xaa97724321723d08faf30653caaaf7bf742c446fbebc9f6fb33f32e7963035f6',
  3: '0x3661abfe890ef06f1cb416d4fb7841cfc956cba8bfbfba505ebcd34ca7471302',
  4: '0xd798f58acdbd9674cbc0b62b9845d3c15910d97e299c27ec716ea9233170a22d',
}

const decoderOf = (kind: number) => (kind > 2 ? decodeProof : decodeConsensusMessage)

const codeOf = (raw: Uint8Array, decode: (raw: Uint8Array) => unknown = decodeConsensusMessage) => {
  try {
    decode(raw)
    return null
  } catch (error) {
    if (error instanceof CodecError) return error.code
    throw error
  }
}

describe('wire messages', () => {
  it('come back as they were', () => {
    expect(decodeConsensusMessage(encodeProposal(proposal))).toEqual(proposal)
    expect(decodeConsensusMessage(encodeProposal({ ...proposal, validRound: -1, polka: [] }))).toEqual({
      ...proposal,
      validRound: -1,
      polka: [],
    })
    for (const some of [[], proposal.transactions.slice(1)]) {
      const message = { ...proposal, transactions: some }
      expect(decodeConsensusMessage(encodeProposal(message))).toEqual(message)
    }
    expect(decodeConsensusMessage(encodeVotes(votes))).toEqual(votes)
    const announcement = { kind: 'announcement', attempt: 7, certificate } as const
    expect(decodeProof(encodeAnnouncement(announcement))).toEqual(announcement)
  })

  it('are pinned', () => {
    expect(toHex(encodeVotes({ ...votes, attempt: 0, votes: [] }))).toBe('0xc602800180' + '01c0')
    const digests = Object.entries(examples).map(([kind, raw]) => [kind, toHex(keccak256(raw))])
    expect(Object.fromEntries(digests)).toEqual(DIGESTS)
  })

  it('of every kind are among the examples', () => {
    // What is of no known kind is refused for that, before its length is looked at.
    const known = Array.from({ length: 64 }, (_, kind) => encodeRlp([integerItem(kind)]))
      .map((raw) => [decodeConsensusMessage, decodeProof].map((decode) => codeOf(raw, decode)))
      .flatMap((codes, kind) => (codes.includes('wrong-shape') ? [`${kind}`] : []))
    expect(Object.keys(examples)).toEqual(known)
  })

  it('are refused in any other form', () => {
    expect(codeOf(new Uint8Array())).toBe('rlp-truncated')
    expect(codeOf(bytes(10, 0xff))).toBe('rlp-truncated')
    expect(codeOf(encodeRlp([]))).toBe('wrong-shape')
    expect(codeOf(encodeRlp([Uint8Array.of(3)]))).toBe('out-of-range')
    expect(codeOf(encodeRlp([Uint8Array.of(2)]))).toBe('wrong-shape')
    expect(codeOf(encodeProposal({ ...proposal, validRound: 2 }))).toBe('out-of-range')
    expect(codeOf(encodeProposal({ ...proposal, validRound: -1 }))).toBe('wrong-shape')
    expect(codeOf(encodeProposal({ ...proposal, polka: [proposal.polka[1]!, proposal.polka[0]!] }))).toBe(
      'out-of-range',
    )
    expect(codeOf(encodeProposal({ ...proposal, signature: bytes(63, 1) }))).toBe('wrong-length')
    expect(codeOf(encodeVotes({ ...votes, votes: [{ ...votes.votes[0]!, blockHash: bytes(31, 1) }] }))).toBe(
      'wrong-length',
    )
    expect(codeOf(encodeVotes({ ...votes, votes: [{ ...votes.votes[0]!, index: MAX_VALIDATORS }] }))).toBe(
      'out-of-range',
    )
    const crowd = Array.from({ length: MAX_VOTES_PER_BUNDLE + 1 }, () => votes.votes[0]!)
    expect(codeOf(encodeVotes({ ...votes, votes: crowd }))).not.toBeNull()
    const padded = new Uint8Array([...encodeVotes(votes), 0])
    expect(codeOf(padded)).toBe('rlp-trailing-bytes')
  })

  it("are refused when a list of transactions could be no block's", () => {
    const list = (change: (contents: Uint8Array) => Uint8Array) => {
      const changed = change(contents.slice())
      return codeOf(encodeProposal({ ...proposal, contents: changed, transactions: [] }))
    }
    const withLength = (length: number) => (of: Uint8Array) => {
      new DataView(of.buffer).setUint32(32, length, false)
      return of
    }
    expect(list((of) => of)).toBeNull()
    expect(list((of) => of.subarray(1))).toBe('wrong-length')
    expect(list(withLength(0))).toBe('out-of-range')
    expect(list(withLength(MAX_BLOCK_BYTES))).toBe('out-of-range')
    expect(list(() => new Uint8Array(MAX_CONTENTS_BYTES + 36))).toBe('wrong-length')
  })

  it('are refused when the transactions are not at places of the list', () => {
    const [first, second] = proposal.transactions
    const placed = (transactions: readonly PlacedTransaction[]) => codeOf(encodeProposal({ ...proposal, transactions }))
    expect(placed([first!, second!])).toBeNull()
    expect(placed([{ ...first!, raw: bytes(99, 9) }])).toBe('wrong-length')
    expect(placed([{ ...first!, raw: bytes(101, 9) }])).toBe('wrong-length')
    expect(placed([{ index: 9, raw: bytes(100, 9) }])).toBe('out-of-range')
    // Bits without transactions, transactions without bits, one bit of no transaction in too long a field.
    const raw = (places: Uint8Array, transactions: Uint8Array) => {
      const item = decodeRlp(encodeProposal(proposal)) as RlpItem[]
      return codeOf(encodeRlp(item.map((field, at) => (at === 8 ? places : at === 9 ? transactions : field))))
    }
    expect(raw(Uint8Array.of(0x80, 0x80), concatBytes(first!.raw, second!.raw))).toBeNull()
    expect(raw(Uint8Array.of(0, 0), new Uint8Array())).toBe('wrong-length')
    expect(raw(new Uint8Array(), first!.raw)).toBe('wrong-length')
    expect(raw(Uint8Array.of(0x80, 0, 0), first!.raw)).toBe('wrong-length')
    expect(raw(Uint8Array.of(0x80), first!.raw)).toBe('wrong-length')
  })

  it('of 10 000 random byte strings none gets through, and nothing but CodecError is thrown', () => {
    const random = seededRandom(1)
    const good = Object.entries(examples)
    let accepted = 0
    for (let count = 0; count < 10_000; count++) {
      const [kind, example] = random.pick(good)
      const raw = count % 2 === 0 ? random.bytes(random.below(80)) : example.slice()
      // A good message with one byte changed decodes or is refused, and never anything else.
      if (count % 2 === 1) raw[random.below(raw.length)]! ^= random.between(1, 255)
      if (codeOf(raw, decoderOf(Number(kind))) === null && count % 2 === 0) accepted += 1
    }
    expect(accepted).toBe(0)
  })
})

describe('sign bytes', () => {
  it('have the documented layout', () => {
    const hash = bytes(32, 0xee)
    const expected = `0x${[
      '746f75636873746f6e652f636f6e73656e7375732f',
      '03',
      '02',
      '6e'.repeat(32),
      '0000000000000005',
      '00000003',
      '00000000',
      '01',
      'ee'.repeat(32),
      '00'.repeat(32),
    ].join('')}`
    expect(toHex(voteSignBytes(bytes(32, 0x6e), 5n, 3, 'precommit', hash))).toBe(expected)
  })

  it('differ in every field', () => {
    const hash = bytes(32, 1)
    const genesis = bytes(32, 7)
    const all = [
      voteSignBytes(genesis, 1n, 1, 'prevote', hash),
      voteSignBytes(bytes(32, 2), 1n, 1, 'prevote', hash),
      voteSignBytes(genesis, 2n, 1, 'prevote', hash),
      voteSignBytes(genesis, 1n, 2, 'prevote', hash),
      voteSignBytes(genesis, 1n, 1, 'precommit', hash),
      voteSignBytes(genesis, 1n, 1, 'prevote', null),
      voteSignBytes(genesis, 1n, 1, 'prevote', bytes(32, 0)),
      proposalSignBytes(genesis, 1n, 1, -1, hash, bytes(32, 2)),
      proposalSignBytes(genesis, 1n, 1, 0, hash, bytes(32, 2)),
      proposalSignBytes(genesis, 1n, 1, 0, hash, bytes(32, 3)),
    ].map(toHex)
    expect(new Set(all).size).toBe(all.length)
  })

  it('are read back from the record, and refused when damaged', () => {
    const genesisHash = bytes(32, 5)
    const position = { genesisHash, height: 6n, round: 7, step: 0, validRound: 3 } as const
    const content = { ...position, blockHash: bytes(32, 9), contentsHash: bytes(32, 8) }
    expect(parseSignBytes(signBytes(content))).toEqual(content)
    expect(parseSignBytes(voteSignBytes(genesisHash, 6n, 7, 'prevote', null)).blockHash).toBeNull()
    expect(() => parseSignBytes(new Uint8Array(SIGN_BYTES_LENGTH))).toThrow('no version 3')
  })
})
