/** The messages of a node process and its parent over the channel that Node gives child processes. */

export type NodeMessage =
  /** JSON-RPC answers; others can connect once it is ready, soon after. */
  | { readonly kind: 'answers' }
  | {
      readonly kind: 'ready'
      readonly rpcPort: number
      /** Multiaddrs with peer id. */
      readonly p2p: readonly string[]
      readonly engine: string
      /** 0x hex. */
      readonly genesisHash: string
    }
  | { readonly kind: 'failed'; readonly message: string; readonly hint: string | null }
  /** One that this node has executed, to a parent that asked for them. */
  | ({ readonly kind: 'block' } & BlockNotice)
  /** The answer to `move-peers`: no connection is left that this node has dialled elsewhere, and none will be. */
  | { readonly kind: 'peers-moved' }

export type ParentMessage =
  | { readonly kind: 'stop' }
  /** For a process that was started without the path of a configuration. Once. */
  | { readonly kind: 'start'; readonly configPath: string }
  /** To be told each block from now on. */
  | { readonly kind: 'blocks' }
  /**
   * To a node that is ready: the peers of its configuration are dialled at these multiaddrs from now on, and nowhere else.
   * Connections that it made elsewhere end, and peers without an address here are dialled no more.
   */
  | { readonly kind: 'move-peers'; readonly addresses: readonly string[] }

/** A block as a parent is told of it; 0x hex, numbers without leading zeros. */
export interface BlockNotice {
  readonly number: string
  readonly hash: string
  readonly stateRoot: string
  readonly gasUsed: string
}
