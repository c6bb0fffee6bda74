/** The certificates of committed heights: to answer those behind, and to notice a second certificate for a height. */
import { equalBytes, keyOf } from '../../codec/bytes.ts'
import type { Certificate } from '../../types/certificate.ts'
import type { ChainIdentity } from '../../types/genesis.ts'
import type { ValidatorSet } from '../core/validatorSet.ts'
import { RECENT_CERTIFICATES } from '../limits.ts'
import type { Verify } from '../signing/signBytes.ts'
import { verifyCertificate } from './certificate.ts'

export type CertificateJudgement =
  /** Of a committed height and for its block, or too old to judge. */
  | { readonly kind: 'known' }
  /** Valid, of a height not committed here; `again` when it was verified before. */
  | { readonly kind: 'ahead'; readonly again: boolean }
  /** Valid, and for another block than the one committed here. */
  | { readonly kind: 'fork'; readonly own: Certificate }
  | { readonly kind: 'invalid'; readonly message: string }

export interface CertificateLogOptions extends ChainIdentity {
  readonly verify: Verify
  readonly validatorSet: (height: bigint) => ValidatorSet | null
  readonly stored: ((height: bigint) => Promise<Certificate | null>) | undefined
}

export class CertificateLog {
  readonly #options: CertificateLogOptions
  readonly #recent = new Map<bigint, Certificate>()
  /** The newest that was verified: verified once, however often it is announced. */
  #verified: Certificate | null = null

  constructor(options: CertificateLogOptions) {
    this.#options = options
  }

  add(certificate: Certificate): void {
    this.#recent.set(certificate.height, certificate)
    this.#recent.delete(certificate.height - BigInt(RECENT_CERTIFICATES))
  }

  /** After a restart: for those who are behind the height that is committed here. */
  async restore(height: bigint): Promise<void> {
    const certificate = await this.#options.stored?.(height)
    if (certificate) this.add(certificate)
  }

  /** Of the height, or of the newest one. */
  near(height: bigint, newest: bigint): Certificate | undefined {
    return this.#recent.get(height) ?? this.#recent.get(newest)
  }

  /** Of a committed height; null when it is neither in memory nor stored. */
  async of(height: bigint): Promise<Certificate | null> {
    return this.#recent.get(height) ?? (await this.#options.stored?.(height)) ?? null
  }

  /** `next` is the height being decided. Signatures are verified only when they could tell something. */
  async judge(certificate: Certificate, next: bigint): Promise<CertificateJudgement> {
    const { height } = certificate
    const own = height < next ? await this.of(height) : null
    if (height < next && (own === null || equalBytes(own.blockHash, certificate.blockHash))) return { kind: 'known' }
    if (own === null && this.#verified !== null && isSame(this.#verified, certificate)) {
      return { kind: 'ahead', again: true }
    }
    const { verify, validatorSet } = this.#options
    const set = validatorSet(height)
    if (set === null) return { kind: 'known' }
    const outcome = verifyCertificate(certificate, set, this.#options, verify)
    if (!outcome.ok) return { kind: 'invalid', message: outcome.message }
    if (own !== null) return { kind: 'fork', own }
    this.#verified = certificate
    return { kind: 'ahead', again: false }
  }
}

/** Signatures included: an equal hash with other signatures proves nothing yet. */
function isSame(a: Certificate, b: Certificate): boolean {
  return (
    a.height === b.height &&
    a.round === b.round &&
    equalBytes(a.blockHash, b.blockHash) &&
    a.signatures.length === b.signatures.length &&
    a.signatures.every(({ index, signature }, position) => {
      const other = b.signatures[position]!
      return index === other.index && equalBytes(signature, other.signature)
    })
  )
}

/** The name of a certificate in logs. */
export function describeCertificate({ height, round, blockHash, signatures }: Certificate): string {
  return `height ${height}, round ${round}, block ${keyOf(blockHash)}, signed by ${signatures.map(({ index }) => index).join(', ')}`
}
