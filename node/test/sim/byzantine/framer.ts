/**
 * Tries to make correct nodes blame each other. Its messages are good and new in one part, so that it might be passed on,
 * and spoiled in another, where the receiver has the good copy and need not look. It says the good copy to some of its
 * neighbours first, so that others may hear the spoiled one before, and from a correct node.
 */

import { FUTURE_PROPOSAL_ROUNDS } from '../../../src/consensus/core/tendermint.ts'
import { indexOfKey } from '../../../src/consensus/core/validatorSet.ts'
import { proposalSignBytes, voteSignBytes } from '../../../src/consensus/signing/signBytes.ts'
import {
  type ConsensusMessage,
  decodeConsensusMessage,
  encodeProposal,
  encodeVotes,
  type ProposalMessage,
  type VoteMessage,
} from '../../../src/consensus/wire/messages.ts'
import { shuffled } from '../topology.ts'
import type { Actor, ActorOptions } from './actor.ts'

/** Messages it answers in a run: an attacker without end would only make runs long. */
const MOST_ATTACKS = 120
/** Simulated milliseconds from the good copy to the spoiled one, at most. */
const MOST_DELAY = 30
/** Votes and proposals of others that it remembers. */
const KEPT = 40

/** Messages to say first to some, and messages to pass on to the same afterwards. */
interface Frame {
  readonly good: Uint8Array | null
  readonly spoiled: readonly Uint8Array[]
}

export function framer({ index, key, world, others }: ActorOptions): Actor {
  const id = `${index}r`
  const { random, kind } = world
  const { genesisHash } = kind.identity
  const heard: { readonly height: bigint; readonly vote: VoteMessage }[] = []
  const proposals: ProposalMessage[] = []
  const bytes = (length: number) => Uint8Array.from({ length }, () => random.below(256))
  const frames: readonly ((height: bigint, round: number) => Frame)[] = [
    ownVote,
    heardVote,
    farProposal,
    knownProposal,
    ownProposal,
  ]
  let attempt = 0
  let attacks = 0

  return {
    ids: [id],
    start() {
      const network = world.network.connect(id, () => true)
      network.setGossipHandler('block', () => 'ignore')
      network.setGossipHandler('consensus', (raw) => {
        const message = decodeConsensusMessage(raw)
        remember(message)
        if (attacks < MOST_ATTACKS && random.chance(0.5)) {
          attacks += 1
          attack(message.height + (random.chance(0.2) ? 1n : 0n), message.round)
        }
        return 'ignore'
      })

      /** The good copy, if any, to some; a moment later the spoiled ones to the same. */
      function attack(height: bigint, round: number): void {
        const { good, spoiled } = random.pick(frames)(height, round)
        const neighbours = network.peers().filter((peer) => others.includes(peer.id))
        const chosen = shuffled(random, neighbours).slice(0, 1 + random.below(neighbours.length))
        const send = (message: Uint8Array) => {
          for (const to of chosen) network.sendTo(to.id, 'consensus', message)
        }
        if (good !== null) send(good)
        world.scheduler.after(random.fraction() * MOST_DELAY, () => spoiled.forEach(send))
      }
    },
  }

  function remember(message: ConsensusMessage): void {
    if (message.kind === 'proposal') proposals.push(message)
    else for (const vote of message.votes) heard.push({ height: message.height, vote })
    heard.splice(0, heard.length - KEPT)
    proposals.splice(0, proposals.length - KEPT)
  }

  function vote(height: bigint, round: number, type: VoteMessage['type'], blockHash: Uint8Array): VoteMessage {
    const set = kind.validatorsAt(height)
    const place = set === null ? null : indexOfKey(set, key.publicKey)
    const signature = key.sign(voteSignBytes(genesisHash, height, round, type, blockHash))
    return { type, round, blockHash, index: place ?? index, signature }
  }

  /** Of a value that nobody has heard of, in a round that is kept. */
  function newVote(height: bigint, round: number): VoteMessage {
    return vote(height, round + random.below(14), random.chance(0.5) ? 'prevote' : 'precommit', bytes(32))
  }

  function bundle(height: bigint, round: number, votes: readonly VoteMessage[]): Uint8Array {
    attempt += 1
    return encodeVotes({ kind: 'votes', attempt, height, round, wantsProposal: false, votes })
  }

  function spoil<T extends { readonly signature: Uint8Array }>(signed: T): T {
    return { ...signed, signature: bytes(64) }
  }

  /** Votes of its own. */
  function ownVote(height: bigint, round: number): Frame {
    const own = newVote(height, round)
    // With a fault after it, the vote is taken and the message passed on to nobody.
    const good = random.chance(0.5) ? [own] : [own, spoil(newVote(height, round))]
    const poisoned = () => bundle(height, round, shuffled(random, [spoil(own), newVote(height, round)]))
    return { good: bundle(height, round, good), spoiled: [poisoned(), poisoned(), poisoned()] }
  }

  /** Votes of others, which most have by now. */
  function heardVote(height: bigint, round: number): Frame {
    const known = heard.filter((one) => one.height === height)
    if (known.length === 0) return ownVote(height, round)
    const copies = shuffled(random, known).slice(0, 1 + random.below(3))
    const votes = [...copies.map((one) => spoil(one.vote)), newVote(height, round)]
    return { good: null, spoiled: [bundle(height, round, shuffled(random, votes))] }
  }

  /** A proposal of a round that is too far ahead for some to look at, with a prevote that is good. */
  function farProposal(height: bigint, round: number): Frame {
    const base = proposals.findLast((one) => one.height === height)
    if (base === undefined) return ownVote(height, round)
    const far = round + FUTURE_PROPOSAL_ROUNDS + 1
    const blockHash = bytes(32)
    const polka = [vote(height, round, 'prevote', blockHash)]
    return proposed({ ...base, round: far, validRound: round, blockHash, polka, signature: bytes(64) })
  }

  /** A proposal that is known, with another body or signature under it, and one more prevote. */
  function knownProposal(height: bigint, round: number): Frame {
    const base = proposals.findLast((one) => one.height === height && one.validRound >= 0)
    if (base === undefined) return farProposal(height, round)
    const polka = [vote(height, base.validRound, 'prevote', base.blockHash)]
    const changed = random.chance(0.5) ? { signature: bytes(64) } : { head: bytes(200) }
    return proposed({ ...base, polka, ...changed })
  }

  /** Its own proposal, whose polka holds spoiled prevotes of others and a good one. */
  function ownProposal(height: bigint, round: number): Frame {
    const base = proposals.findLast((one) => one.height === height)
    const known = heard.filter((one) => one.height === height && one.vote.type === 'prevote')
    const copy = known.find(({ vote: { blockHash } }) => blockHash !== null)?.vote
    if (base === undefined || copy === undefined) return heardVote(height, round)
    const blockHash = copy.blockHash!
    const signature = key.sign(
      proposalSignBytes(genesisHash, height, copy.round + 1, copy.round, blockHash, base.contentsHash),
    )
    const own = vote(height, copy.round, 'prevote', blockHash)
    const polka = [spoil(copy), ...(own.index === copy.index ? [] : [own])].sort((a, b) => a.index - b.index)
    return proposed({ ...base, round: copy.round + 1, validRound: copy.round, blockHash, signature, polka })
  }

  function proposed(message: Omit<ProposalMessage, 'attempt'>): Frame {
    attempt += 1
    // Repeated ones are passed on by nobody.
    return { good: null, spoiled: [encodeProposal({ ...message, attempt: random.chance(0.7) ? 0 : attempt })] }
  }
}
