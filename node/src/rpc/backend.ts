/** All that JSON-RPC needs of a node. It reads the chain through this and never imports network or consensus. */
import type { ChainService } from '../chain/chainService.ts'
import type { Clock } from '../runtime/clock.ts'
import type { Logger } from '../runtime/logger.ts'
import type { TxPoolView } from '../txpool/txpoolView.ts'

export interface ConsensusStatus {
  /** The height being decided: head + 1. */
  readonly height: bigint
  readonly round: number
  readonly step: string
  /** 20 bytes: fee recipient of the current round's proposer. */
  readonly proposer: Uint8Array | null
  readonly isValidator: boolean
}

export interface SyncStatus {
  readonly syncing: boolean
  readonly startingBlock: bigint
  readonly currentBlock: bigint
  readonly highestBlock: bigint
}

export interface RpcBackend {
  readonly chain: ChainService
  readonly txpool: TxPoolView
  readonly clock: Clock
  readonly logger: Logger
  /** As web3_clientVersion gives it: touchstone/v0.1.0/linux-x64/node26.10.0. */
  readonly clientVersion: string
  readonly engine: string
  /** 20 bytes: where this node's tips go. */
  readonly feeRecipient: Uint8Array
  consensus(): ConsensusStatus
  sync(): SyncStatus
  peerCount(): number
  /** Multiaddrs. */
  p2pAddresses(): readonly string[]
}
