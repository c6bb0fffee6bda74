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

export type ParentMessage =
  | { readonly kind: 'stop' }
  /** For a process that was started without the path of a configuration. Once. */
  | { readonly kind: 'start'; readonly configPath: string }
  /** To be told each block from now on. */
  | { readonly kind: 'blocks' }

/** A block as a parent is told of it; 0x hex, numbers without leading zeros. */
export interface BlockNotice {
  readonly number: string
  readonly hash: string
  readonly stateRoot: string
  readonly gasUsed: string
}
