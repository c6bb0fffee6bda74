/** Why a request to a peer failed. Always about this peer and this request; another peer may well answer. */

export type NetworkErrorCode =
  /** No such peer, or it went away. */
  | 'not-connected'
  /** It does not speak the protocol. */
  | 'unsupported'
  | 'timeout'
  /** It answered that it will not; the message is its reason. */
  | 'refused'
  /** It broke the framing or a limit: it is to blame. */
  | 'protocol-violation'
  /** Too many requests to this peer wait already: ours to slow down. */
  | 'busy'
  /** The asker does not want the answer any more. */
  | 'aborted'
  /** The network is stopping. */
  | 'stopped'

export class NetworkError extends Error {
  override readonly name = 'NetworkError'
  readonly code: NetworkErrorCode
  constructor(code: NetworkErrorCode, message: string) {
    super(message)
    this.code = code
  }
}
