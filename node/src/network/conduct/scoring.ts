/**
 * Points of peers that misbehave, and what follows. Points are given only for what no honest node sends or passes on
 * (invalid messages, broken framing, lies in answers), one is forgiven each second, and at the limit the peer is
 * disconnected and refused for a while.
 *
 * Peers named at start are not: others may need what they pass on. For messages and answers they are throttled as long
 * (throttle.ts), so that no message, and no mistake of this node about one, cuts validators off from each other. Frames
 * come from the peer itself, whoever wrote the messages in them: for broken ones a named peer is banned as others are.
 *
 * Being slow, silent or late costs nothing: gossipsub's scores for delivery and time in the mesh are off, and
 * so is the one for many peers behind one address where that address is loopback.
 */
import type { GossipsubOpts } from '@libp2p/gossipsub'
import type { Topic } from '../network.ts'
import { TOPICS } from '../topics.ts'

/** An invalid gossip message. */
export const REJECT_POINTS = 10
/** Points for a statement that another part of the node calls a lie: a wrong block in an answer, a forged certificate. */
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

/** The matter of points: the content of a peer's messages, or their form. */
export type Offence = 'content' | 'framing'

export type Consequence = 'throttled' | 'banned'

export class Penalties {
  readonly #limits: PenaltyLimits
  readonly #isNamed: (peer: string) => boolean
  readonly #points = new Map<string, { points: number; at: number }>()
  /** Until when. */
  readonly #throttled = new Map<string, number>()
  readonly #banned = new Map<string, number>()

  constructor(limits: PenaltyLimits, isNamed: (peer: string) => boolean = () => false) {
    this.#limits = limits
    this.#isNamed = isNamed
  }

  /** @returns what follows when the peer reached the limit; null when it did not. */
  add(peer: string, points: number, now: number, offence: Offence = 'content'): Consequence | null {
    const isNamed = this.#isNamed(peer)
    // With strangers it does not matter what the points are for.
    const account = isNamed ? `${peer} ${offence}` : peer
    const total = this.#pointsOn(account, now) + points
    this.#points.delete(account)
    if (total < this.#limits.penaltyLimit) {
      this.#points.set(account, { points: total, at: now })
      dropOldest(this.#points, MAX_TRACKED)
      return null
    }
    if (!isNamed || offence === 'framing') {
      this.ban(peer, now)
      return 'banned'
    }
    this.#throttled.set(peer, now + this.#limits.banTime)
    return 'throttled'
  }

  points(peer: string, now: number): number {
    if (!this.#isNamed(peer)) return this.#pointsOn(peer, now)
    return this.#pointsOn(`${peer} content`, now) + this.#pointsOn(`${peer} framing`, now)
  }

  ban(peer: string, now: number): void {
    this.#banned.delete(peer)
    this.#banned.set(peer, now + this.#limits.banTime)
    dropOldest(this.#banned, MAX_TRACKED)
  }

  isBanned(peer: string, now: number): boolean {
    return isWithin(this.#banned, peer, now)
  }

  isThrottled(peer: string, now: number): boolean {
    return isWithin(this.#throttled, peer, now)
  }

  #pointsOn(account: string, now: number): number {
    const entry = this.#points.get(account)
    if (entry === undefined) return 0
    return Math.max(0, entry.points - ((now - entry.at) / 1000) * FORGIVEN_PER_SECOND)
  }
}

function isWithin(untils: Map<string, number>, peer: string, now: number): boolean {
  const until = untils.get(peer)
  if (until === undefined) return false
  if (until > now) return true
  untils.delete(peer)
  return false
}

/** A Map keeps the order of insertion. */
export function dropOldest(map: Map<string, unknown>, most: number): void {
  if (map.size <= most) return
  for (const key of map.keys()) {
    map.delete(key)
    return
  }
}

/** More than gossipsub takes off for the invalid messages of a throttled peer: who has it is heard whatever it sends. */
export const NEVER_GRAYLISTED = 1_000_000_000

/** Gossipsub's peer score: only invalid messages and what the peer's behaviour is worth count. */
export function gossipScore(
  topicNames: Readonly<Record<Topic, string>>,
  score: (peer: string) => number,
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
      appSpecificScore: score,
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
