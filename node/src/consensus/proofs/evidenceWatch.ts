/**
 * The handling of evidence: found here or heard, it is checked, recorded, logged, and shown to the others; a new peer is
 * shown all of it. A peer that passes on what proves nothing is to blame.
 */
import { keyOf } from '../../codec/bytes.ts'
import type { GossipVerdict } from '../../network/network.ts'
import type { Clock } from '../../runtime/clock.ts'
import type { Logger } from '../../runtime/logging/logger.ts'
import type { ValidatorSet } from '../core/validatorSet.ts'
import { EVIDENCE_DELAY, EVIDENCE_INTERVAL } from '../limits.ts'
import type { Verify } from '../signing/signBytes.ts'
import { type Evidence, verifyEvidence } from './evidence.ts'
import type { FaultRecord } from './faultRecord.ts'

export interface EvidenceWatchOptions {
  readonly record: FaultRecord
  readonly genesisHash: Uint8Array
  readonly verify: Verify
  readonly validatorSet: (height: bigint) => ValidatorSet | null
  readonly send: (evidence: Evidence) => void
  readonly clock: Clock
  readonly logger: Logger
}

export class EvidenceWatch {
  readonly #options: EvidenceWatchOptions
  #cancel: (() => void) | null = null
  /** When all of it may be shown again, milliseconds. */
  #next = 0

  constructor(options: EvidenceWatchOptions) {
    this.#options = options
  }

  /** Of two messages that were both taken in here, so their signatures are good. `height` is the one being decided. */
  async found(evidence: Evidence, height: bigint): Promise<void> {
    if (await this.#keep(evidence, height)) this.#options.send(evidence)
  }

  /** From a peer: `reject` when it proves nothing. */
  async heard(evidence: Evidence, height: bigint): Promise<GossipVerdict> {
    const { record, genesisHash, verify, validatorSet } = this.#options
    // Of a height that is not reached here the set may not be known; it comes again.
    if (evidence.height > height) return 'ignore'
    const set = validatorSet(evidence.height)
    if (set === null) return 'ignore'
    const publicKey = set.validators[evidence.validator]?.publicKey
    if (publicKey !== undefined && !record.wants(evidence, publicKey)) return 'ignore'
    if (!verifyEvidence(evidence, set, genesisHash, verify)) return 'reject'
    return (await this.#keep(evidence, height)) ? 'accept' : 'ignore'
  }

  /** In a while and not too often: the messages gossiped while the peer was away. */
  onPeer(): void {
    const { clock, record, send } = this.#options
    if (this.#cancel !== null || record.evidence().length === 0) return
    this.#cancel = clock.after(Math.max(EVIDENCE_DELAY, this.#next - clock.monotonic()), () => {
      this.#cancel = null
      this.#next = clock.monotonic() + EVIDENCE_INTERVAL
      for (const evidence of record.evidence()) send(evidence)
    })
  }

  stop(): void {
    this.#cancel?.()
    this.#cancel = null
  }

  async #keep(evidence: Evidence, seenAt: bigint): Promise<boolean> {
    const { record, validatorSet, logger } = this.#options
    const { publicKey, feeRecipient } = validatorSet(evidence.height)!.validators[evidence.validator]!
    if (!record.wants(evidence, publicKey)) return false
    const { validator, height, round, step } = evidence
    logger.warn(
      { validator, publicKey: keyOf(publicKey), height: String(height), round, step },
      'a validator signed two different messages for one step',
    )
    await record.keep({ ...evidence, publicKey, feeRecipient, seenAt })
    return true
  }
}
