/**
 * From a connection to a peer: the status handshake, on which the dialler has to insist, and what follows from it. A peer on
 * another chain, or one that restarts too often, is told so and disconnected.
 */
import type { Connection, Stream } from '@libp2p/interface'
import type { Clock } from '../../runtime/clock.ts'
import type { Logger } from '../../runtime/logging/logger.ts'
import type { Conduct } from '../conduct/conduct.ts'
import { FRAMING_POINTS } from '../conduct/scoring.ts'
import type { FrameBudgets } from '../framing/heldBytes.ts'
import { deadline, messageOf } from '../framing/streamFrames.ts'
import type { NetworkLimits } from '../limits.ts'
import { NetworkError } from '../networkError.ts'
import { STATUS_PROTOCOL } from '../topics.ts'
import { Greetings } from './greetings.ts'
import { answerGreeting, greet, type HandshakeOptions, type HandshakeOutcome, type Hello } from './handshake.ts'
import type { PeerTable } from './peerTable.ts'

const TWO_OF_ONE_ID = 'two nodes have one peer id, and push each other out: each needs a seed of its own (p2p.seed)'

export interface WelcomingOptions {
  readonly clock: Clock
  readonly logger: Logger
  readonly limits: NetworkLimits
  readonly budgets: FrameBudgets
  readonly conduct: Pick<Conduct, 'blame' | 'refuse'>
  readonly table: PeerTable
  readonly hello: Hello
  /** This node's peer id. */
  readonly ownId: string
  isRunning(): boolean
  isNamed(peer: string): boolean
  isConnected(peer: string): boolean
  drop(peer: string, reason: string): void
  /** The peer was restarted: what was kept for its earlier session leads nowhere. */
  onRestarted(peer: string): void
  onWelcome(peer: string): void
}

export class Welcoming {
  readonly #options: WelcomingOptions
  readonly #greetings: Greetings

  constructor(options: WelcomingOptions) {
    this.#options = options
    this.#greetings = new Greetings(options.limits)
  }

  /** This node dialled. */
  greet(connection: Connection): void {
    const { clock, limits } = this.#options
    void this.#handshake(connection, async (options) => {
      const limit = deadline(clock, limits.handshakeTimeout, 'the status handshake')
      try {
        return await greet(await connection.newStream(STATUS_PROTOCOL, { signal: limit.signal }), options)
      } finally {
        limit.cancel()
      }
    })
  }

  /** The peer dialled, and has so long to greet. */
  expect(connection: Connection): void {
    const { clock, limits, logger, table } = this.#options
    const peer = connection.remotePeer.toString()
    clock.after(2 * limits.handshakeTimeout, () => {
      if (table.get(peer) !== undefined || connection.status !== 'open') return
      logger.debug({ peer }, 'a peer made no status handshake')
      connection.abort(new NetworkError('timeout', 'no status handshake'))
    })
  }

  /** The peer dialled, and greets. */
  answer(stream: Stream, connection: Connection): void {
    const { conduct, limits } = this.#options
    const { handshakesPerConnection, penaltyLimit } = limits
    if (this.#greetings.count(connection) > handshakesPerConnection) {
      stream.abort(new Error('too many status handshakes'))
      const what = `over ${handshakesPerConnection} status handshakes on one connection`
      conduct.blame(connection.remotePeer.toString(), penaltyLimit, what, 'framing')
      return
    }
    void this.#handshake(connection, (options) => answerGreeting(stream, options, this.#refusal(connection)))
  }

  async #handshake(
    connection: Connection,
    exchange: (options: HandshakeOptions) => Promise<HandshakeOutcome>,
  ): Promise<void> {
    const { clock, logger, limits, budgets, conduct, table, hello, isRunning, drop } = this.#options
    const peer = connection.remotePeer.toString()
    const address = connection.remoteAddr.toString()
    try {
      const outcome = await exchange({ hello, clock, timeout: limits.handshakeTimeout, room: budgets.of(peer) })
      if (outcome.ok) this.#welcome(peer, address, outcome)
      else {
        const text = outcome.by === 'ours' ? 'refused a peer' : 'a peer refused us'
        logger.warn({ peer, address, reason: outcome.reason }, `${text}: ${outcome.reason}`)
        // A node that refuses a fitting peer is about to stop, and may be back in a moment.
        if (outcome.by === 'ours') conduct.refuse(peer)
        drop(peer, outcome.reason)
      }
    } catch (error) {
      if (!isRunning() || table.get(peer) !== undefined) return
      logger.debug({ peer, address, error: messageOf(error) }, 'the status handshake failed')
      if (error instanceof NetworkError && error.code === 'protocol-violation')
        conduct.blame(peer, FRAMING_POINTS, error.message, 'framing')
      connection.abort(error instanceof Error ? error : new Error(String(error)))
    }
  }

  #welcome(peer: string, address: string, { agent, session }: Extract<HandshakeOutcome, { ok: true }>): void {
    const { clock, logger, table, isRunning, isNamed, isConnected, drop, onRestarted, onWelcome } = this.#options
    if (!isRunning() || !isConnected(peer)) return
    const known = table.get(peer)
    const isTwo = this.#greetings.isTwo(peer, session)
    // The greeting after a restart costs every part of the node.
    if (!this.#greetings.admits(peer, session, clock.monotonic())) {
      logger.debug({ peer }, 'a peer comes back too often with another session')
      drop(peer, 'too many restarts')
      return
    }
    if (isTwo) logger.warn({ peer, addresses: [known?.address, address] }, TWO_OF_ONE_ID)
    // Even when the connection of the earlier session does not know yet that it is over.
    if (known !== undefined && known.session !== session) onRestarted(peer)
    if (!table.add({ id: peer, address, named: isNamed(peer), agent, session })) return
    onWelcome(peer)
    logger.info({ peer, address, agent }, 'peer connected')
  }

  /** A reason of ours to refuse a peer that greets us on `connection`. */
  #refusal(connection: Connection): string | null {
    if (!this.#options.isRunning()) return 'this node is stopping'
    return connection.remotePeer.toString() === this.#options.ownId
      ? 'you have my peer id: each node needs a seed of its own (p2p.seed)'
      : null
  }
}
