/** All that JSON-RPC needs of a node. It reads the chain through this and never imports network or consensus. */
import type { ChainService } from '../chain/chainService.ts'
import type { DevSettings } from '../execution/dev/devStorage.ts'
import type { DevOperation } from '../execution/dev/operations.ts'
import type { Clock } from '../runtime/clock.ts'
import type { Logger } from '../runtime/logging/logger.ts'
import type { AddOutcome, TxPoolView } from '../txpool/txpoolView.ts'
import type { Certificate } from '../types/certificate.ts'
import type { ReceiptRecord } from '../types/receipt.ts'
import type { Accounts } from './accounts/accounts.ts'

export interface ConsensusStatus {
  /** The height being decided: head + 1. */
  readonly height: bigint
  readonly round: number
  readonly step: string
  /** 20 bytes: fee recipient of the current round's proposer. */
  readonly proposer: Uint8Array | null
  readonly isValidator: boolean
  /** A validator that does not vote, as it may have forgotten what it signed, or has a twin. */
  readonly abstaining: boolean
  /** A message that was signed with this validator's key and not by this node: it signs nothing more. */
  readonly twin: { readonly height: bigint; readonly round: number; readonly step: string } | null
  /** Why it has stopped: two certified chains, which both are shown, or a fault of the node. */
  readonly halted:
    | { readonly kind: 'fork'; readonly certificates: readonly [Certificate, Certificate] }
    | { readonly kind: 'failure' }
    | null
}

/** One of two messages that a validator must not both have signed. */
export interface SignedMessageView {
  /** Null: nil. */
  readonly blockHash: Uint8Array | null
  /** -1 for a new value; null for votes. */
  readonly validRound: number | null
  /** The signed bytes. */
  readonly signBytes: Uint8Array
  readonly signature: Uint8Array
}

export interface EvidenceView {
  readonly kind: string
  /** Index in the validator set of the height. */
  readonly validator: number
  readonly publicKey: Uint8Array
  readonly address: Uint8Array
  readonly height: bigint
  readonly round: number
  readonly seenAt: bigint
  readonly messages: readonly SignedMessageView[]
  /** As it is gossiped. */
  readonly raw: Uint8Array
}

/** A transaction that this node could not execute; it neither proposes nor takes it until a person releases it. */
export interface SetAsideView {
  /** Its hash, hex without 0x. */
  readonly key: string
  /** Block in which it was executed, or was to be. */
  readonly block: bigint
  /** Times the node ended while it executed it. */
  readonly strikes: number
  readonly reason: string | null
}

export interface ExecutionFaultStatus {
  /** Executions that failed for a reason of this machine since the node's start, whatever became of them. */
  readonly count: number
  readonly setAside: readonly SetAsideView[]
}

export interface SyncStatus {
  readonly syncing: boolean
  readonly startingBlock: bigint
  readonly currentBlock: bigint
  readonly highestBlock: bigint
}

/** A message of any account (docs/protocol/dev.md). */
export interface DevMessage {
  readonly from: Uint8Array
  readonly nonce: bigint
  readonly gasLimit: bigint
  readonly to: Uint8Array | null
  /** Wei. */
  readonly value: bigint
  readonly data: Uint8Array
}

/** The controls of a chain in dev mode, for a node with the controller's key. */
export interface DevControls {
  /** After the newest block. */
  settings(): DevSettings
  /** Unix seconds. */
  clock(): bigint
  /** The bytes that go to the pool. */
  sign(message: DevMessage): Uint8Array
  isImpersonated(address: Uint8Array): Promise<boolean>
  /** Resolves when the operations are in a block, done or not; `late` when none came in time. */
  operate(
    operations: readonly DevOperation[],
  ): Promise<
    | { readonly ok: true; readonly record: ReceiptRecord; readonly block: bigint }
    | Extract<AddOutcome, { ok: false }>
    | 'late'
  >
}

export interface RpcBackend {
  readonly chain: ChainService
  readonly txpool: TxPoolView
  readonly clock: Clock
  readonly logger: Logger
  /** As web3_clientVersion gives it: touchstone/v0.1.0/linux-x64/node26.10.0. */
  readonly clientVersion: string
  readonly engine: string
  /** Of what nodes speak to each other (docs/protocol/network.md). */
  readonly protocolVersion: number
  /** 20 bytes: where this node's tips go. */
  readonly feeRecipient: Uint8Array
  /** 32 bytes: what it signs votes with, whether or not that is a validator now; null on a node that only follows. */
  readonly validatorKey: Uint8Array | null
  /** The accounts it signs for; null on a node that no devnet started. */
  readonly accounts: Accounts | null
  /** Null on a node that cannot make dev transactions. */
  readonly dev: DevControls | null
  /** Of a chain in dev mode after its newest block, whoever has the controller's key; null on any other chain. */
  devSettings(): DevSettings | null
  consensus(): ConsensusStatus
  executionFaults(): ExecutionFaultStatus
  evidence(): readonly EvidenceView[]
  /** Whether there is something that a block is to be made for. */
  wantsBlock(): boolean
  sync(): SyncStatus
  peerCount(): number
  /** Multiaddrs. */
  p2pAddresses(): readonly string[]
}
