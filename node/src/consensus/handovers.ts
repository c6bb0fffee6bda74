/**
 * From the validators of the genesis to those of any height, by the blocks at which the set changed and nothing between
 * them: each is certified by the set before it and names the set after it.
 *
 * Whoever could show a false one holds the keys of more than two thirds of a set that was in force once. Against those no
 * proof helps, the headers in between included: they could be made up too, since only the last one needs a certificate.
 */
import { equalBytes } from '../codec/bytes.ts'
import type { Block } from '../types/block.ts'
import type { Certificate } from '../types/certificate.ts'
import type { ChainIdentity, GenesisValidator } from '../types/genesis.ts'
import { validatorSetHash } from '../types/genesisCodec.ts'
import type { Handover } from '../types/handover.ts'
import type { Header } from '../types/header.ts'
import { headerHash, ZERO_HASH } from '../types/headerCodec.ts'
import { verifyCertificate } from './certificate.ts'
import { createValidatorSet } from './validatorSet.ts'

/** Null when the block is final by the validators that the handovers lead to; else a sentence that says what is wrong. */
export function certifiedFault(
  { block, certificate }: { readonly block: Block; readonly certificate: Certificate },
  handovers: readonly Handover[],
  first: readonly GenesisValidator[],
  chain: ChainIdentity,
): string | null {
  /** Of the height after the last handover, and of the block's own height. */
  let validators = first
  let deciding = first
  let height = 0n
  for (const handover of handovers) {
    const { header } = handover
    if (header.number <= height || header.number > block.header.number) {
      return `a handover at block ${header.number}, after ${height} and for block ${block.header.number}`
    }
    const fault =
      finalFault(header, handover.certificate, validators, chain) ??
      (equalBytes(header.mixHash, validatorSetHash(handover.validators)) ? null : 'names other validators')
    if (fault !== null) return `the handover at block ${header.number} ${fault}`
    height = header.number
    validators = handover.validators
    if (height < block.header.number) deciding = validators
  }
  if (!equalBytes(block.header.mixHash, ZERO_HASH) && height !== block.header.number) {
    return `the handover at block ${block.header.number} is missing`
  }
  const fault = finalFault(block.header, certificate, deciding, chain)
  return fault === null ? null : `block ${block.header.number} ${fault}`
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
