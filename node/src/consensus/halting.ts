/** Tells people and peers that consensus stops, and why. */
import { toHex } from '../codec/hex.ts'
import type { Logger } from '../runtime/logging/logger.ts'
import { encodeCertificate } from '../types/certificateCodec.ts'
import type { Halt } from './consensus.ts'
import type { ConsensusGossip } from './gossip/gossip.ts'
import { describeCertificate } from './proofs/certificateLog.ts'
import type { FaultRecord } from './proofs/faultRecord.ts'

export interface HaltingParts {
  readonly record: FaultRecord
  readonly gossip: ConsensusGossip
  readonly logger: Logger
}

/** Resolves when a fork is on the disk, or could not be brought there, which the log tells. */
export function tellOfHalt(halt: Halt, { record, gossip, logger }: HaltingParts): Promise<void> {
  if (halt.kind === 'failure') {
    logger.error({ error: halt.error }, 'consensus stops: an invariant is broken')
    return Promise.resolve()
  }
  const recorded = record.keepFork(halt.certificates).catch((error: unknown) => {
    logger.error({ error }, 'the fork could not be recorded: a restart will not know of it')
  })
  // A peer that holds one of them sees the other.
  for (const certificate of halt.certificates) gossip.announce(certificate)
  logger.error(
    {
      certificates: halt.certificates.map(describeCertificate),
      raw: halt.certificates.map((certificate) => toHex(encodeCertificate(certificate))),
    },
    'two chains are certified: more than a third of the validators are faulty. Consensus stops, also after a restart.',
  )
  return recorded
}
