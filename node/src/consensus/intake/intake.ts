/**
 * The door for messages: a peer that may be heard, bytes that are a message, then the queue, in order of arrival. In
 * its turn each goes to the file of its input: proposal.ts, votes.ts, announcement.ts, evidence.ts, or otherHeights.ts.
 */
import { CodecError } from '../../codec/codecError.ts'
import type { GossipVerdict } from '../../network/network.ts'
import { peerFault } from '../admission/peerFault.ts'
import type { JobQueue } from '../jobQueue.ts'
import { type ConsensusMessage, decodeConsensusMessage, decodeProof } from '../wire/messages.ts'
import { takeAnnouncement } from './announcement.ts'
import type { Heard, IntakeContext } from './context.ts'
import { takeEvidence } from './evidence.ts'
import { createNextHeightMessages } from './nextHeightMessages.ts'
import { takeFuture, takePast } from './otherHeights.ts'
import { takeProposal } from './proposal.ts'
import { takeVotes } from './votes.ts'

export class Intake {
  readonly #context: IntakeContext
  readonly #queue: JobQueue
  readonly #nextHeight = createNextHeightMessages()

  constructor(context: IntakeContext, queue: JobQueue) {
    this.#context = context
    this.#queue = queue
  }

  /** A message of topic `consensus`. */
  hear(raw: Uint8Array, from: string): GossipVerdict | Promise<GossipVerdict> {
    return this.#hear(raw, from, decodeConsensusMessage, (heard) => this.#take(heard, raw.length))
  }

  /** A message of topic `block`. */
  hearProof(raw: Uint8Array, from: string): GossipVerdict | Promise<GossipVerdict> {
    return this.#hear(raw, from, decodeProof, (heard) =>
      heard.message.kind === 'announcement'
        ? takeAnnouncement(this.#context, { ...heard, message: heard.message.certificate })
        : takeEvidence(this.#context, { ...heard, message: heard.message.evidence }),
    )
  }

  /** A height begins: messages that came too early for it have their turn. */
  takeWaiting(): void {
    for (const { bytes, ...heard } of this.#nextHeight.take()) this.#queue.add(() => this.#take(heard, bytes))
  }

  stop(): void {
    for (const { settle } of this.#nextHeight.take()) settle('ignore')
  }

  #hear<Message>(
    raw: Uint8Array,
    from: string,
    decode: (raw: Uint8Array) => Message,
    take: (heard: Heard<Message>) => Promise<void>,
  ): GossipVerdict | Promise<GossipVerdict> {
    const { verdicts } = this.#context
    if (!verdicts.isOpenTo(from)) return verdicts.unheard()
    let message: Message
    try {
      message = decode(raw)
    } catch (error) {
      if (!(error instanceof CodecError)) throw error
      return verdicts.blame(peerFault('bad-encoding', error.message), from)
    }
    return new Promise((settle) => {
      this.#queue.add(() => take({ message, from, settle }))
    })
  }

  async #take({ message, from, settle }: Heard<ConsensusMessage>, bytes: number): Promise<void> {
    const { heights } = this.#context
    const { height } = heights.state
    if (heights.isStopped) settle('ignore')
    else if (message.height < height) takePast(this.#context, { message, from, settle })
    else if (message.height > height) takeFuture(this.#context, this.#nextHeight, { message, from, settle }, bytes)
    else if (message.kind === 'proposal') await takeProposal(this.#context, { message, from, settle })
    else await takeVotes(this.#context, { message, from, settle })
  }
}
