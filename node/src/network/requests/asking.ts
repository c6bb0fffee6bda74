/** Requests of this node: to each peer so many at a time, the rest wait in order. */
import type { Connection } from '@libp2p/interface'
import type { Clock } from '../../runtime/clock.ts'
import type { FrameBudgets } from '../framing/heldBytes.ts'
import type { NetworkLimits } from '../limits.ts'
import type { RequestOptions } from '../network.ts'
import { NetworkError } from '../networkError.ts'
import { Gate } from './gate.ts'
import { ask } from './requestResponse.ts'

export interface AskingOptions {
  readonly clock: Clock
  readonly limits: NetworkLimits
  readonly budgets: FrameBudgets
  /** Id of a request protocol on the wire. */
  protocol(name: string): string
  isRunning(): boolean
  /** Whether its handshake is done. */
  isPeer(peer: string): boolean
  connectionTo(peer: string): Connection | undefined
  /** The peer broke the protocol. */
  onViolation(peer: string, what: string): void
}

export class Asking {
  readonly #options: AskingOptions
  readonly #gates = new Map<string, Gate>()

  constructor(options: AskingOptions) {
    this.#options = options
  }

  /** @throws NetworkError, as `Network.request` says. */
  async request(
    peer: string,
    protocol: string,
    request: Uint8Array,
    wanted: RequestOptions = {},
  ): Promise<readonly Uint8Array[]> {
    const { clock, limits, budgets, isRunning, isPeer, connectionTo, onViolation } = this.#options
    let gate = this.#gates.get(peer)
    if (gate === undefined) {
      // Nobody would forget the gate of a peer that is gone.
      if (!isPeer(peer)) throw new NetworkError('not-connected', `no connection to ${peer}`)
      gate = new Gate(limits.outboundRequestsPerPeer, limits.waitingRequestsPerPeer)
      this.#gates.set(peer, gate)
    }
    return gate.run(async () => {
      if (!isRunning()) throw new NetworkError('stopped', 'the network is stopped')
      if (wanted.signal?.aborted === true) throw new NetworkError('aborted', 'the answer is not wanted any more')
      const connection = isPeer(peer) ? connectionTo(peer) : undefined
      if (connection === undefined) throw new NetworkError('not-connected', `no connection to ${peer}`)
      try {
        const options = { ...wanted, clock, limits, room: budgets.ofAnswers(peer) }
        return await ask(connection, this.#options.protocol(protocol), request, options)
      } catch (error) {
        if (error instanceof NetworkError && error.code === 'protocol-violation') {
          onViolation(peer, `answering ${protocol}: ${error.message}`)
        }
        throw error
      }
    })
  }

  /** The peer is gone. */
  forget(peer: string): void {
    this.#gates.delete(peer)
  }
}
