/** The consensus engine as the rest of the node sees it: what it needs, what it tells, and how sync drives it. */
import type { Network } from '../network/network.ts'
import type { Clock } from '../runtime/clock.ts'
import type { Logger } from '../runtime/logging/logger.ts'
import type { Block } from '../types/block.ts'
import type { Certificate } from '../types/certificate.ts'
import type { ChainIdentity } from '../types/genesis.ts'
import type { Application } from './application.ts'
import type { ValidatorSet } from './core/validatorSet.ts'
import type { Timeouts } from './limits.ts'
import type { FaultRecord, Fork, KeptEvidence } from './proofs/faultRecord.ts'
import type { BlockForm } from './proposals/blockForm.ts'
import type { Verify } from './signing/signBytes.ts'
import type { Signer } from './signing/signer.ts'

export interface ConsensusOptions extends ChainIdentity {
  readonly application: Application
  readonly network: Network
  /** Null: a node that only follows. A signer whose key is not in a height's set follows too. */
  readonly signer: Signer | null
  /**
   * The set that decides a height: constant, or by height. By height it knows the set of the next height, and scheduled ones
   * after it; null is for a height so long ago that it does not know any more.
   */
  readonly validatorSet: ValidatorSet | ((height: bigint) => ValidatorSet | null)
  /** Height of the newest committed block. */
  readonly head: bigint
  /** Its hash, so that a certified block that does not follow it is noticed from the start. */
  readonly headHash?: Uint8Array
  /** Its time, Unix seconds: the next block may have it, however far ahead of this node's clock. */
  readonly headTimestamp?: bigint
  readonly clock: Clock
  readonly logger: Logger
  /** Milliseconds from a commit to the next height. Undefined: a height starts when there is work. */
  readonly blockTime?: number | undefined
  readonly timeouts?: Timeouts
  /** Milliseconds; see limits.ts. */
  readonly batchDelay?: number
  /** How blocks come apart and together. Default: as on a chain. */
  readonly blockForm?: BlockForm
  readonly verify?: Verify
  /** The certificate stored with a block, to notice a second one for an old height. */
  readonly storedCertificate?: (height: bigint) => Promise<Certificate | null>
  /** Evidence and forks seen before; with a fork in it, consensus does not start. Default: an empty one in memory. */
  readonly faults?: FaultRecord
  /**
   * The conduct of a validator whose record of signed messages was not begun. `abstain`: it may have forgotten votes,
   * so it waits for a block made after its start to be decided without it. Default: abstain if the others have a
   * quorum.
   */
  readonly emptyRecord?: 'abstain' | 'vote'
}

export interface CommitEvent {
  readonly block: Block
  readonly certificate: Certificate
}

export type Halt =
  /**
   * More than a third of the power is faulty. Two certificates of one height for different blocks; or our certificate of
   * a height and the one of a next block that does not follow ours. The chain needs people now: a restart changes nothing.
   */
  | { readonly kind: 'fork'; readonly certificates: Fork }
  /** A broken invariant of this node: a failing disk, an application that threw. */
  | { readonly kind: 'failure'; readonly error: unknown }

/** A message that was signed with this validator's key and not by this node. */
export interface TwinMessage {
  readonly height: bigint
  readonly round: number
  readonly step: 'proposal' | 'prevote' | 'precommit'
}

export interface ConsensusCounters {
  readonly commits: number
  readonly rounds: number
  readonly proposalsSent: number
  readonly votesSent: number
  readonly rebroadcasts: number
  readonly signaturesVerified: number
  readonly messagesRejected: number
  readonly messagesIgnored: number
}

export interface ConsensusStatus {
  /** The height being decided: head + 1. */
  readonly height: bigint
  readonly round: number
  /** `waiting` between heights: for work, for the block time, or for sync. */
  readonly step: 'waiting' | 'propose' | 'prevote' | 'precommit' | 'halted'
  /** 20 bytes: fee recipient of the current round's proposer. */
  readonly proposer: Uint8Array
  readonly isValidator: boolean
  /**
   * True while a validator without a record of its votes waits for a block made since to be decided without it, and once it
   * has a twin.
   */
  readonly abstaining: boolean
  /** Why a validator signs nothing more in this run: another node has its key, or its record is an older copy. */
  readonly twin: TwinMessage | null
  readonly evidence: readonly KeptEvidence[]
  readonly halted: Halt | null
  readonly counters: ConsensusCounters
}

export type CertifiedOutcome =
  /** Committed now, or before. */
  | { readonly ok: true }
  | {
      readonly ok: false
      /** `gap`: not the next height. `bad-certificate`, `wrong-block`: the sender is to blame. */
      readonly code: 'gap' | 'bad-certificate' | 'wrong-block' | 'halted'
      readonly message: string
    }

export interface Consensus {
  status(): ConsensusStatus
  /** Called after each commit, in order. Returns the way to stop listening; so do the others. */
  onCommit(listener: (event: CommitEvent) => void): () => void
  /** `height` is committed elsewhere and `peer` says so, but this node has not got it: sync should fetch it. */
  onBehind(listener: (height: bigint, peer: string) => void): () => void
  onHalt(listener: (halt: Halt) => void): () => void
  /** Commits the next block from its certificate, whatever round is under way. @throws when the application does. */
  applyCertified(block: Block, certificate: Certificate): Promise<CertifiedOutcome>
  /** Sync is fetching blocks up to `height`: start no height of ourselves up to it. Ends with null, or without progress. */
  catchUpTo(height: bigint | null): void
  /** Waits for what is being handled. Idempotent. */
  stop(): Promise<void>
}
