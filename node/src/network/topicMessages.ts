/**
 * The messages of the topics: handed to all peers, judged once whatever the number of paths they come by, and passed on. By
 * kept streams (push.ts) first, by gossipsub for those who have none.
 */
import type { GossipSub } from '@libp2p/gossipsub'
import type { Clock } from '../runtime/clock.ts'
import type { Logger } from '../runtime/logging/logger.ts'
import type { Conduct } from './conduct/conduct.ts'
import { REJECT_POINTS } from './conduct/scoring.ts'
import { messageOf } from './framing/streamFrames.ts'
import { firstSubscriber } from './gossip/gossip.ts'
import type { NetworkLimits } from './limits.ts'
import type { Delivery, GossipHandler, GossipVerdict, Topic } from './network.ts'
import type { Libp2pNetworkOptions } from './networkOptions.ts'
import { PushGossip } from './push/push.ts'
import { SeenMessages } from './push/seenMessages.ts'
import { idKey, messageId, type WireNames } from './topics.ts'

export interface TopicMessagesOptions {
  readonly clock: Clock
  readonly logger: Logger
  readonly limits: NetworkLimits
  readonly names: WireNames
  readonly conduct: Pick<Conduct, 'blame' | 'countUseless'>
  /** Those that go over kept streams. */
  readonly pushTopics: readonly Topic[]
  readonly pubsub: () => GossipSub
  readonly isNamed: (peer: string) => boolean
  /** Whether this node names to the peer first what both have. The peer says the opposite. */
  readonly namesFirst: (peer: string) => boolean
  readonly stageOf: Libp2pNetworkOptions['stageOf']
  /** A whole number from 0 to `limit` - 1, which peers cannot foresee. */
  readonly random: (limit: number) => number
  /** Whether any peer is named. */
  readonly expectsPeers: boolean
  readonly isRunning: () => boolean
  /** The peer brought a message that was new and good. */
  readonly onBrought: (peer: string) => void
  readonly onJudged?: ((topic: Topic, verdict: GossipVerdict) => void) | undefined
}

export class TopicMessages {
  readonly push: PushGossip
  readonly #options: TopicMessagesOptions
  readonly #seen: SeenMessages
  readonly #handlers = new Map<Topic, GossipHandler>()
  #firstPublishWaited = false

  constructor(options: TopicMessagesOptions) {
    this.#options = options
    const { clock, limits, names, isNamed, namesFirst, random, stageOf } = options
    this.#seen = new SeenMessages(limits.seenMessages)
    this.push = new PushGossip({
      clock,
      limits,
      seen: this.#seen,
      isNamed,
      namesFirst,
      random,
      id: (topic, payload) => messageId(names.topic[topic], payload),
      ...(stageOf === undefined ? {} : { stageOf }),
      receive: (topic, payload, id, from) => this.#judge(topic, payload, id, from, 'push'),
    })
  }

  setHandler(topic: Topic, handler: GossipHandler): void {
    this.#handlers.set(topic, handler)
  }

  async publish(topic: Topic, message: Uint8Array, delivery?: Delivery): Promise<void> {
    this.#checkSize(topic, message)
    if (!this.#options.isRunning()) return
    const id = messageId(this.#options.names.topic[topic], message)
    this.#seen.set(idKey(id), 'accept')
    if (this.#options.pushTopics.includes(topic)) this.push.publish(topic, message, id, delivery)
    else await this.#waitForFirstSubscriber(topic)
    await this.#gossip(topic, message)
  }

  async announce(topic: Topic, message: Uint8Array): Promise<void> {
    if (!this.#options.isRunning()) return
    const id = messageId(this.#options.names.topic[topic], message)
    // Others made the same bytes of the same parts.
    if (this.#seen.get(idKey(id)) !== undefined) return
    this.#seen.set(idKey(id), 'accept')
    if (this.#options.pushTopics.includes(topic)) this.push.accepted(topic, message, id)
    await this.#gossip(topic, message)
  }

  async send(peer: string, topic: Topic, message: Uint8Array, delivery?: Delivery): Promise<void> {
    this.#checkSize(topic, message)
    if (!this.#options.isRunning()) return
    if (!this.#options.pushTopics.includes(topic) || !this.push.hasLink(peer)) return this.#gossip(topic, message)
    this.push.send(peer, topic, message, messageId(this.#options.names.topic[topic], message), delivery)
  }

  #checkSize(topic: Topic, message: Uint8Array): void {
    const max = this.#options.limits.messageBytes[topic]
    if (message.length > max)
      throw new RangeError(`a ${topic} message of ${message.length} bytes, at most ${max} are allowed`)
  }

  /** Takes a message of gossipsub. Never throws. */
  heard(topic: Topic, payload: Uint8Array, from: string): Promise<GossipVerdict> {
    return this.#judge(topic, payload, messageId(this.#options.names.topic[topic], payload), from, 'gossip')
  }

  /** One judgement a message, whatever the number of paths it comes by. Never throws. */
  async #judge(
    topic: Topic,
    payload: Uint8Array,
    id: Uint8Array,
    from: string,
    path: 'push' | 'gossip',
  ): Promise<GossipVerdict> {
    const key = idKey(id)
    for (let known = this.#seen.get(key); known !== undefined; known = this.#seen.get(key)) {
      const verdict = await known
      // Another's copy was left alone because of who sent it, and is forgotten by now: this one is judged.
      if (verdict === 'unheard') continue
      if (verdict === 'reject') this.#options.conduct.blame(from, REJECT_POINTS, `an invalid ${topic} message`)
      else this.#options.conduct.countUseless(from)
      return verdict
    }
    const judgement = this.#askHandler(topic, payload, from)
    this.#seen.set(key, judgement)
    const verdict = await judgement
    this.#options.onJudged?.(topic, verdict)
    if (verdict === 'ignore' || verdict === 'unheard') {
      this.#seen.forget(key)
      this.#options.conduct.countUseless(from)
    } else this.#seen.set(key, verdict)
    if (verdict === 'reject') this.#options.conduct.blame(from, REJECT_POINTS, `an invalid ${topic} message`)
    if (verdict === 'accept') this.#options.onBrought(from)
    if (verdict === 'accept' && this.#options.pushTopics.includes(topic)) {
      this.push.accepted(topic, payload, id)
      // Gossipsub itself sends on the messages that came by gossip.
      if (path === 'push') await this.#gossip(topic, payload)
    }
    return verdict
  }

  async #askHandler(topic: Topic, payload: Uint8Array, from: string): Promise<GossipVerdict> {
    try {
      return (await this.#handlers.get(topic)?.(payload, from)) ?? 'ignore'
    } catch (error) {
      // Ours, not the peer's: handlers judge and do not throw.
      this.#options.logger.error({ topic, peer: from, error: messageOf(error) }, 'a gossip handler failed')
      return 'ignore'
    }
  }

  /** By gossipsub, when somebody listens there who does not get it over a kept stream. */
  async #gossip(topic: Topic, payload: Uint8Array): Promise<void> {
    const pubsub = this.#options.pubsub()
    const name = this.#options.names.topic[topic]
    const pushed = this.#options.pushTopics.includes(topic)
    if (!pubsub.getSubscribers(name).some((peer) => !pushed || !this.push.hasLink(peer.toString()))) return
    try {
      await pubsub.publish(name, payload)
    } catch (error) {
      if (this.#options.isRunning())
        this.#options.logger.warn({ topic, error: messageOf(error) }, 'cannot publish by gossip')
    }
  }

  /** A publish before anybody has subscribed is heard by nobody; so the first one waits, for a bounded time. */
  async #waitForFirstSubscriber(topic: Topic): Promise<void> {
    if (this.#firstPublishWaited) return
    this.#firstPublishWaited = true
    const pubsub = this.#options.pubsub()
    const name = this.#options.names.topic[topic]
    if (!this.#options.expectsPeers || pubsub.getSubscribers(name).length > 0) return
    await firstSubscriber(pubsub, name, this.#options.clock, this.#options.limits.firstPublishWait)
  }
}
