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
import { plainBytes } from '../codec/bytes.ts'
import type { NetworkLimits } from './limits.ts'
import type { GossipVerdict, Topic } from './network.ts'
import { gossipScore } from './scoring.ts'
import { messageId, TOPICS, type WireNames } from './topics.ts'

/** Bytes around a payload in one gossipsub RPC: topic, field tags, piggybacked control messages. */
const RPC_OVERHEAD = 64 * 1024

const VERDICTS: Readonly<Record<GossipVerdict, TopicValidatorResult>> = {
  accept: TopicValidatorResult.Accept,
  ignore: TopicValidatorResult.Ignore,
  reject: TopicValidatorResult.Reject,
}

export interface GossipOptions {
  readonly names: WireNames
  readonly limits: NetworkLimits
  /** Penalty points of a peer. */
  points(peer: string): number
}

/** The libp2p service. */
export function gossipService(options: GossipOptions): (components: GossipSubComponents) => GossipSub {
  const { names, limits } = options
  const largest = Math.max(...Object.values(limits.messageBytes))
  const settings: Partial<GossipsubOpts> = {
    ...gossipScore(names.topic, options.points),
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
    seenTTL: 120_000,
    // A node that restarts must get back into the mesh at once.
    pruneBackoff: 5_000,
    unsubcribeBackoff: 1_000,
    graftFloodThreshold: 1_000,
    maxInboundStreams: 4,
    maxOutboundStreams: 4,
    maxInboundDataLength: largest + RPC_OVERHEAD,
    maxOutboundBufferSize: limits.pushBacklogBytes,
    maxTopicBytesPerPeer: 16 * 1024,
    decodeRpcLimits: {
      maxSubscriptions: 16,
      maxMessages: 256,
      maxIhaveMessageIDs: 5_000,
      maxIwantMessageIDs: 5_000,
      maxIdontwantMessageIDs: 512,
      maxControlMessages: 256,
      maxPeerInfos: 16,
    },
  }
  return gossipsub(settings)
}

export interface GossipReceiver {
  readonly names: WireNames
  readonly limits: NetworkLimits
  judge(topic: Topic, payload: Uint8Array, from: string): Promise<GossipVerdict>
}

/** Subscribes to the topics; the service must have started. */
export function joinTopics(pubsub: GossipSub, receiver: GossipReceiver): void {
  const { limits } = receiver
  const pending = new Map<string, { messages: number; bytes: number }>()
  for (const topic of TOPICS) {
    const name = receiver.names.topic[topic]
    pubsub.topicValidators.set(name, async (source, message) => {
      const from = source.toString()
      const size = message.data.length
      if (size > limits.messageBytes[topic]) return TopicValidatorResult.Reject
      const load = pending.get(from) ?? { messages: 0, bytes: 0 }
      // Gossipsub cannot be told to read slower, so what a flood brings beyond the bound is left unjudged.
      if (load.messages >= limits.pendingMessagesPerPeer || load.bytes + size > limits.pendingBytesPerPeer) {
        return TopicValidatorResult.Ignore
      }
      load.messages++
      load.bytes += size
      pending.set(from, load)
      try {
        return VERDICTS[await receiver.judge(topic, plainBytes(message.data), from)]
      } finally {
        load.messages--
        load.bytes -= size
        if (load.messages === 0) pending.delete(from)
      }
    })
    pubsub.subscribe(name)
  }
}
