/**
 * From the validators of the genesis to those of any height, by the blocks at which the set changed and nothing between
 * them: each is certified by the set before it and names the set after it.
 *
 * An attacker that can show a false one holds the keys of more than two thirds of a set that was in force once. Against
 * those no proof helps, the headers in between included: they could be made up too, since only the last one needs a
 * certificate.
 */
import { equalBytes } from '../../codec/bytes.ts'
import type { Certificate } from '../../types/certificate.ts'
import type { ChainIdentity, GenesisValidator } from '../../types/genesis.ts'
import { validatorSetHash } from '../../types/genesisCodec.ts'
import type { Handover } from '../../types/handover.ts'
import type { Header } from '../../types/header.ts'
import { headerHash, ZERO_HASH } from '../../types/headerCodec.ts'
import { createValidatorSet } from '../core/validatorSet.ts'
import { verifyCertificate } from './certificate.ts'

/** Takes the handovers in order, each checked at once: of a false proof nothing is read after the first false part. */
export class ValidatorTrail {
  readonly #chain: ChainIdentity
  /** The sets that decide the blocks after each height, ascending; the genesis first, then a handover each. */
  readonly #sets: { readonly height: bigint; readonly validators: readonly GenesisValidator[] }[]

  /** `first`: the validators of the genesis. */
  constructor(first: readonly GenesisValidator[], chain: ChainIdentity) {
    this.#sets = [{ height: 0n, validators: first }]
    this.#chain = chain
  }

  /** Null when it follows and is taken; else a sentence that says what is wrong. */
  take({ header, certificate, validators }: Handover): string | null {
    const last = this.#sets.at(-1)!
    if (header.number <= last.height) return `a handover at block ${header.number}, after ${last.height}`
    const fault =
      finalFault(header, certificate, last.validators, this.#chain) ??
      (equalBytes(header.mixHash, validatorSetHash(validators)) ? null : 'names other validators')
    if (fault !== null) return `the handover at block ${header.number} ${fault}`
    this.#sets.push({ height: header.number, validators })
    return null
  }

  /**
   * Null when the block is final by the validators that the handovers before it lead to; else a sentence that says what
   * is wrong.
   */
  faultOf({ header, certificate }: { readonly header: Header; readonly certificate: Certificate }): string | null {
    const { number, mixHash } = header
    if (!equalBytes(mixHash, ZERO_HASH) && !this.#sets.some(({ height }) => height === number)) {
      return `the handover at block ${number} is missing`
    }
    const deciding = this.#sets.findLast(({ height }) => height < number)
    if (deciding === undefined) return `block ${number} has no certificate`
    const fault = finalFault(header, certificate, deciding.validators, this.#chain)
    return fault === null ? null : `block ${number} ${fault}`
  }
}

function finalFault(
  header: Header,
  certificate: Certificate,
  validators: readonly GenesisValidator[],
  chain: ChainIdentity,
): string | null {
  if (!equalBytes(header.extraData, validatorSetHash(validators))) return 'is decided by other validators'
  if (certificate.height !== header.number || !equalBytes(certificate.blockHash, headerHash(header))) {
    return 'has the certificate of another block'
  }
  const outcome = verifyCertificate(certificate, createValidatorSet(validators), chain)
  return outcome.ok ? null : `has no valid certificate: ${outcome.message}`
}
