/**
 * Gossipsub 1.2 as the network uses it: messages without signature or author (StrictNoSign), ids that hash the
 * content, three topics and no others, forwarding only after a message was judged. Judging goes through topic
 * validators, which may take their time: unlike gossipsub's `asyncValidation`, where a message that is judged after it
 * left the message cache is silently not forwarded.
 */
import {
  type GossipSub,
  type GossipSubComponents,
  type GossipsubOpts,
  gossipsub,
  TopicValidatorResult,
} from '@libp2p/gossipsub'
import { plainBytes } from '../../codec/bytes.ts'
import type { Clock } from '../../runtime/clock.ts'
import type { Judging } from '../conduct/judging.ts'
import { gossipScore } from '../conduct/scoring.ts'
import type { NetworkLimits } from '../limits.ts'
import type { GossipVerdict, Topic } from '../network.ts'
import { messageId, TOPICS, type WireNames } from '../topics.ts'

/** Bytes around a payload in one gossipsub RPC: topic, field tags, piggybacked control messages. */
const RPC_OVERHEAD = 64 * 1024

/** Ids of messages a peer has already, in one heartbeat; they are kept for as long as the message cache is. */
const MAX_IDONTWANT = 128

const VERDICTS: Readonly<Record<GossipVerdict, TopicValidatorResult>> = {
  accept: TopicValidatorResult.Accept,
  ignore: TopicValidatorResult.Ignore,
  reject: TopicValidatorResult.Reject,
  unheard: TopicValidatorResult.Ignore,
}

export interface GossipOptions {
  readonly names: WireNames
  readonly limits: NetworkLimits
  /** The part of gossipsub's score for a peer's behaviour, see scoring.ts. */
  score(peer: string): number
}

/** Bytes of one RPC. */
export function maxRpcBytes(limits: NetworkLimits): number {
  return Math.max(...Object.values(limits.messageBytes)) + RPC_OVERHEAD
}

/** The libp2p service. */
export function gossipService(options: GossipOptions): (components: GossipSubComponents) => GossipSub {
  const { names, limits } = options
  const settings: Partial<GossipsubOpts> = {
    ...gossipScore(names.topic, options.score),
    globalSignaturePolicy: 'StrictNoSign',
    msgIdFn: (message) => messageId(message.topic, message.data),
    allowedTopics: TOPICS.map((topic) => names.topic[topic]),
    fallbackToFloodsub: false,
    floodPublish: false,
    emitSelf: false,
    allowPublishToZeroTopicPeers: true,
    ignoreDuplicatePublishError: true,
    doPX: false,
    // With up to nine peers everybody is in everybody's mesh, and joins it on subscribing, not at a heartbeat.
    D: 8,
    Dlo: 8,
    Dhi: 12,
    Dout: 2,
    Dlazy: 8,
    heartbeatInterval: limits.heartbeat,
    // Ten seconds of messages for peers that ask, six of them announced.
    mcacheLength: Math.ceil(10_000 / limits.heartbeat),
    mcacheGossip: Math.ceil(6_000 / limits.heartbeat),
    // SeenMessages knows accepted and rejected messages for longer; this only has to outlast the message cache.
    seenTTL: limits.gossipSeenTime,
    // A node that restarts must get back into the mesh at once.
    pruneBackoff: 5_000,
    unsubcribeBackoff: 1_000,
    graftFloodThreshold: 1_000,
    idontwantMaxMessages: MAX_IDONTWANT,
    maxInboundStreams: 4,
    maxOutboundStreams: 4,
    maxInboundDataLength: maxRpcBytes(limits),
    maxOutboundBufferSize: limits.pushBacklogBytes,
    maxTopicBytesPerPeer: 16 * 1024,
    decodeRpcLimits: {
      maxSubscriptions: 16,
      maxMessages: 256,
      maxIhaveMessageIDs: 5_000,
      maxIwantMessageIDs: 5_000,
      maxIdontwantMessageIDs: MAX_IDONTWANT,
      maxControlMessages: 256,
      maxPeerInfos: 16,
    },
  }
  return gossipsub(settings)
}

export interface GossipReceiver {
  readonly names: WireNames
  readonly limits: NetworkLimits
  readonly judging: Judging
  judge(topic: Topic, payload: Uint8Array, from: string): Promise<GossipVerdict>
  /** A message that there was no room to judge. */
  onLeftOut(from: string): void
  /** When a throttled peer's message may be judged; null when at once. */
  turn(topic: Topic, bytes: number, from: string): Promise<void> | null
}

/** Subscribes to the topics; the service must have started. */
export function joinTopics(pubsub: GossipSub, receiver: GossipReceiver): void {
  const { limits, judging } = receiver
  for (const topic of TOPICS) {
    const name = receiver.names.topic[topic]
    pubsub.topicValidators.set(name, async (source, message) => {
      const from = source.toString()
      const size = message.data.length
      if (size > limits.messageBytes[topic]) return TopicValidatorResult.Reject
      // Gossipsub cannot be told to read slower, so what a flood brings beyond the bound is left unjudged.
      if (judging.isFull(from)) {
        receiver.onLeftOut(from)
        return TopicValidatorResult.Ignore
      }
      judging.begin(from, size)
      try {
        const turn = receiver.turn(topic, size, from)
        if (turn !== null) await turn
        return VERDICTS[await receiver.judge(topic, plainBytes(message.data), from)]
      } finally {
        judging.end(from, size)
      }
    })
    pubsub.subscribe(name)
  }
}

/** Resolves when somebody listens to the topic, or after `wait` milliseconds. */
export async function firstSubscriber(pubsub: GossipSub, name: string, clock: Clock, wait: number): Promise<void> {
  await new Promise<void>((resolve) => {
    const done = () => {
      cancel()
      pubsub.removeEventListener('subscription-change', changed)
      resolve()
    }
    const changed = () => {
      if (pubsub.getSubscribers(name).length > 0) done()
    }
    const cancel = clock.after(wait, done)
    pubsub.addEventListener('subscription-change', changed)
  })
}
