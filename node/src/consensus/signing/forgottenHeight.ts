/**
 * The newest block beside the record of this validator's signatures: whether the record has forgotten one, or only lacks
 * those that a stop of the machine may have kept from it.
 */
import { ed25519Verify } from '../../crypto/ed25519.ts'
import type { Certificate } from '../../types/certificate.ts'
import { type Verify, voteSignBytes } from './signBytes.ts'
import type { Signer } from './signer.ts'

export interface ShownByChain {
  /** Of the newest block; null where there is none but block 0. */
  readonly certificate: Certificate | null
  /** 32 bytes. */
  readonly genesisHash: Uint8Array
  readonly verify?: Verify
}

/**
 * To be called before the chain is shown to anybody.
 * @returns the height of the newest block, if this validator signed for it and the record that should know does not: then
 * it cannot be relied on. Null where it can.
 */
export async function forgottenHeight(signer: Signer, shown: ShownByChain): Promise<bigint | null> {
  const { certificate } = shown
  if (certificate === null || signer.covers(certificate.height, certificate.round)) return null
  if (!isSigner(signer, certificate, shown) || (await closesHeight(signer, certificate))) return null
  return certificate.height
}

/** By the key, not by its place among the validators: the set may have changed since. */
function isSigner(
  { publicKey }: Signer,
  { height, round, blockHash, signatures }: Certificate,
  { genesisHash, verify = ed25519Verify }: ShownByChain,
): boolean {
  const bytes = voteSignBytes(genesisHash, height, round, 'precommit', blockHash)
  return signatures.some(({ signature }) => verify(signature, bytes, publicKey))
}

/**
 * A block that was decided by this validator alone is written beside its signatures, so the machine may have stopped with
 * the one on the disk and not the other: before anybody was told of either, at the height after the record's end. Whatever
 * the record lacks of that height, nothing is signed at it any more.
 */
async function closesHeight(signer: Signer, { height, signatures }: Certificate): Promise<boolean> {
  if (signatures.length > 1 || !signer.reaches(height)) return false
  await signer.close(height)
  return true
}
