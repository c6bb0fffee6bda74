/**
 * The handovers from the genesis on that were shown and checked so far, by whichever peer: each is checked once, and who
 * shows a block by them need not show them again.
 */
import { equalBytes } from '../codec/bytes.ts'
import { CodecError } from '../codec/codecError.ts'
import type { Certificate } from '../types/certificate.ts'
import type { Handover } from '../types/handover.ts'
import type { Header } from '../types/header.ts'
import { headerHash } from '../types/headerCodec.ts'
import { MAX_HANDOVERS } from './limits.ts'

/**
 * Judges handovers, which it is given in order, and headers by those that were taken. Null when all is in order; else what
 * is wrong, which is the sender's fault.
 */
export interface CertifiedCheck {
  take(handover: Handover): string | null
  faultOf(certified: { readonly header: Header; readonly certificate: Certificate }): string | null
}

export class HandoverTrail {
  readonly #check: CertifiedCheck
  readonly #handovers: Handover[] = []

  constructor(check: CertifiedCheck) {
    this.#check = check
  }

  /** The block of the last one; 0 when there is none. */
  get last(): bigint {
    return this.#handovers.at(-1)?.header.number ?? 0n
  }

  until(height: bigint): readonly Handover[] {
    return this.#handovers.filter(({ header }) => header.number <= height)
  }

  /** The next one, or one that is known. @throws CodecError when it is neither. */
  take(handover: Handover): void {
    const { number } = handover.header
    const known = number <= this.last ? this.#handovers.find(({ header }) => header.number === number) : undefined
    const fault =
      known !== undefined && equalBytes(headerHash(known.header), headerHash(handover.header))
        ? null
        : this.#check.take(handover)
    if (fault !== null) throw new CodecError('out-of-range', 'handovers', fault)
    if (known !== undefined) return
    if (this.#handovers.length >= MAX_HANDOVERS) {
      throw new CodecError('out-of-range', 'handovers', `more than ${MAX_HANDOVERS}`)
    }
    this.#handovers.push(handover)
  }

  faultOf(certified: { readonly header: Header; readonly certificate: Certificate }): string | null {
    return this.#check.faultOf(certified)
  }
}
