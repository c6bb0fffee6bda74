/**
 * Who misbehaves, and what follows. Points are given only for what no honest node sends (invalid messages, broken
 * framing, lies in answers), one is forgiven each second, and at the limit the peer is disconnected and refused for a
 * while. Being slow, silent or late costs nothing: gossipsub's scores for delivery and time in the mesh are off, and
 * so is the one for many peers behind one address where that address is loopback.
 */
import type { GossipsubOpts } from '@libp2p/gossipsub'
import type { Topic } from './network.ts'
import { TOPICS } from './topics.ts'

/** An invalid gossip message. */
export const REJECT_POINTS = 10
/** What another part of the node calls a lie: a wrong block in an answer, a forged certificate. */
export const PENALIZE_POINTS = 25
/** Broken framing: nothing of what follows on the stream can be understood. */
export const FRAMING_POINTS = 50

/** Peers of whom something is remembered beyond their connection: points, bans, quotas. */
export const MAX_TRACKED = 4_096
const FORGIVEN_PER_SECOND = 1

export interface PenaltyLimits {
  readonly penaltyLimit: number
  readonly banTime: number
}

export class Penalties {
  readonly #limits: PenaltyLimits
  readonly #points = new Map<string, { points: number; at: number }>()
  readonly #banned = new Map<string, number>()

  constructor(limits: PenaltyLimits) {
    this.#limits = limits
  }

  /** @returns true when the peer reached the limit: it is banned from now on. */
  add(peer: string, points: number, now: number): boolean {
    const total = this.points(peer, now) + points
    this.#points.delete(peer)
    if (total >= this.#limits.penaltyLimit) {
      this.ban(peer, now)
      return true
    }
    this.#points.set(peer, { points: total, at: now })
    dropOldest(this.#points, MAX_TRACKED)
    return false
  }

  points(peer: string, now: number): number {
    const entry = this.#points.get(peer)
    if (entry === undefined) return 0
    return Math.max(0, entry.points - ((now - entry.at) / 1000) * FORGIVEN_PER_SECOND)
  }

  ban(peer: string, now: number): void {
    this.#banned.delete(peer)
    this.#banned.set(peer, now + this.#limits.banTime)
    dropOldest(this.#banned, MAX_TRACKED)
  }

  isBanned(peer: string, now: number): boolean {
    const until = this.#banned.get(peer)
    if (until === undefined) return false
    if (until > now) return true
    this.#banned.delete(peer)
    return false
  }
}

/** A Map keeps the order of insertion. */
export function dropOldest(map: Map<string, unknown>, most: number): void {
  if (map.size <= most) return
  for (const key of map.keys()) {
    map.delete(key)
    return
  }
}

/** Gossipsub's peer score: only invalid messages and our own points count. */
export function gossipScore(
  topicNames: Readonly<Record<Topic, string>>,
  points: (peer: string) => number,
): Pick<GossipsubOpts, 'scoreParams' | 'scoreThresholds'> {
  const topics = Object.fromEntries(
    TOPICS.map((topic) => [
      topicNames[topic],
      {
        topicWeight: 1,
        timeInMeshWeight: 0,
        timeInMeshQuantum: 1_000,
        timeInMeshCap: 1,
        firstMessageDeliveriesWeight: 0,
        firstMessageDeliveriesDecay: 0.5,
        firstMessageDeliveriesCap: 1,
        meshMessageDeliveriesWeight: 0,
        meshMessageDeliveriesDecay: 0.5,
        meshMessageDeliveriesCap: 1,
        meshMessageDeliveriesThreshold: 1,
        meshMessageDeliveriesWindow: 10,
        meshMessageDeliveriesActivation: 1_000,
        meshFailurePenaltyWeight: 0,
        meshFailurePenaltyDecay: 0.5,
        invalidMessageDeliveriesWeight: -5,
        invalidMessageDeliveriesDecay: 0.9,
      },
    ]),
  )
  return {
    scoreParams: {
      topics,
      topicScoreCap: 0,
      appSpecificScore: (peer) => -points(peer),
      appSpecificWeight: 1,
      IPColocationFactorWeight: -5,
      IPColocationFactorThreshold: 16,
      IPColocationFactorWhitelist: new Set(['127.0.0.1', '::1']),
      // A node that restarts grafts too early by gossipsub's book; that is not misbehaviour here.
      behaviourPenaltyWeight: 0,
      retainScore: 60_000,
    },
    scoreThresholds: { gossipThreshold: -20, publishThreshold: -50, graylistThreshold: -80 },
  }
}
