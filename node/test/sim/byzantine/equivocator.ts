/**
 * Answers what it hears with conflicting signed messages, each to a random part of the network: proposals of blocks it
 * makes up or repeats, with any valid round, and votes for any block it has seen, or nil.
 */
import { keyOf } from '../../../src/codec/bytes.ts'
import { fromHex } from '../../../src/codec/hex.ts'
import { proposerIndex } from '../../../src/consensus/core/proposer.ts'
import { indexOfKey } from '../../../src/consensus/core/validatorSet.ts'
import type { IndexedSignature } from '../../../src/consensus/core/vote.ts'
import { voteSignBytes } from '../../../src/consensus/signing/signBytes.ts'
import { decodeConsensusMessage, encodeVotes, type VoteMessage } from '../../../src/consensus/wire/messages.ts'
import { bodyOf, type ProposedBody, signedProposal } from '../proposals.ts'
import type { Actor, ActorOptions } from './actor.ts'

interface SeenHeight {
  readonly blocks: Map<string, ProposedBody>
  /** Prevotes heard, by round and block: material for polka certificates. */
  readonly prevotes: Map<string, Map<number, Uint8Array>>
  parentHash: Uint8Array
}

/** Messages it sends in a run: an attacker without end would only make runs long. */
const MOST_ATTACKS = 60

export function equivocator({ index, key, world, others }: ActorOptions): Actor {
  const id = `${index}e`
  const { random, kind } = world
  const { genesisHash } = kind.identity
  const heights = new Map<bigint, SeenHeight>()
  let attacks = 0

  return {
    ids: [id],
    start() {
      const network = world.network.connect(id, () => true)
      const hear = (raw: Uint8Array) => {
        const message = decodeConsensusMessage(raw)
        const seen = heights.get(message.height) ?? {
          blocks: new Map(),
          prevotes: new Map(),
          parentHash: new Uint8Array(32),
        }
        heights.set(message.height, seen)
        if (message.kind === 'proposal') {
          const { blockHash, head, contents, transactions } = message
          seen.blocks.set(keyOf(blockHash), { blockHash, head, contents, transactions })
          seen.parentHash = kind.parentOf(head)
        } else {
          for (const vote of message.votes) {
            if (vote.type !== 'prevote' || vote.blockHash === null) continue
            const name = `${vote.round}/${keyOf(vote.blockHash)}`
            const votes = seen.prevotes.get(name) ?? new Map<number, Uint8Array>()
            seen.prevotes.set(name, votes.set(vote.index, vote.signature))
          }
        }
        if (attacks < MOST_ATTACKS && random.chance(0.5)) {
          attacks += 1
          attack(message.height, message.round + (random.chance(0.3) ? 1 : 0), seen)
        }
        return 'accept' as const
      }
      network.setGossipHandler('consensus', hear)
      network.setGossipHandler('block', () => 'accept')

      function attack(height: bigint, round: number, seen: SeenHeight): void {
        for (const to of others) {
          if (isProposer(height, round) && random.chance(0.7)) {
            network.sendTo(to, 'consensus', proposal(height, round, seen))
          }
          for (const type of ['prevote', 'precommit'] as const) {
            if (random.chance(0.8))
              network.sendTo(to, 'consensus', votes(height, round, [vote(type, height, round, seen)]))
          }
        }
      }
    },
  }

  /** Its place in the set of a height; another than at first once somebody before it has left. */
  function indexAt(height: bigint): number | null {
    const set = kind.validatorsAt(height)
    return set === null ? null : indexOfKey(set, key.publicKey)
  }

  function isProposer(height: bigint, round: number): boolean {
    const set = kind.validatorsAt(height)
    return set !== null && proposerIndex(set, height, round) === indexAt(height)
  }

  function proposal(height: bigint, round: number, seen: SeenHeight): Uint8Array {
    const known = [...seen.blocks.values()]
    const body =
      known.length > 0 && random.chance(0.5)
        ? random.pick(known)
        : bodyOf(
            kind.forge({
              height,
              parentHash: seen.parentHash,
              timestamp: 0n,
              maker: index,
              nonce: random.below(3),
              invalid: random.chance(0.2),
              transactions: [],
            }),
            kind.form,
          )
    const { blockHash } = body
    seen.blocks.set(keyOf(blockHash), body)
    const validRound = random.chance(0.5) ? -1 : random.below(round + 1) - 1
    const heard = seen.prevotes.get(`${validRound}/${keyOf(blockHash)}`) ?? new Map<number, Uint8Array>()
    const polka: IndexedSignature[] = [...heard]
      .map(([voter, signature]) => ({ index: voter, signature }))
      .sort((a, b) => a.index - b.index)
    const position = { attempt: random.below(1000), height, round, validRound, polka: validRound < 0 ? [] : polka }
    // The list of another block, under this one's hash: a second statement, and one that no block belongs to.
    const list =
      known.length > 1 && random.chance(0.2) ? { contents: random.pick(known).contents, transactions: [] } : {}
    return signedProposal(key, genesisHash, { ...body, ...position, ...list })
  }

  function vote(type: 'prevote' | 'precommit', height: bigint, round: number, seen: SeenHeight): VoteMessage {
    const ids = [...seen.blocks.keys()]
    const blockHash = ids.length === 0 || random.chance(0.2) ? null : fromHex(`0x${random.pick(ids)}`)
    const signature = key.sign(voteSignBytes(genesisHash, height, round, type, blockHash))
    return { type, round, blockHash, index: indexAt(height) ?? index, signature }
  }

  function votes(height: bigint, round: number, list: readonly VoteMessage[]): Uint8Array {
    const attempt = random.below(1000)
    return encodeVotes({ kind: 'votes', attempt, height, round, wantsProposal: random.chance(0.1), votes: list })
  }
}
