/**
 * Commit certificates: the light-client proof that a block is final. Valid exactly when the indices ascend and exist,
 * every signature verifies as a precommit of (genesis hash, height, round, block hash), and the signers' power is strictly
 * more than two thirds. One bad signature spoils a certificate, so that all nodes judge the same bytes alike.
 */
import { keyOf } from '../../codec/bytes.ts'
import { ed25519Verify } from '../../crypto/ed25519.ts'
import type { Certificate } from '../../types/certificate.ts'
import type { ChainIdentity } from '../../types/genesis.ts'
import { isQuorum, powerOf, type ValidatorSet } from '../core/validatorSet.ts'
import type { Vote } from '../core/vote.ts'
import { blockHashOf, type Verify, voteSignBytes } from '../signing/signBytes.ts'

export type CertificateFault =
  | 'wrong-chain'
  | 'bad-hash'
  /** An index that is not of the set, or does not ascend. */
  | 'bad-index'
  | 'bad-signature'
  | 'no-quorum'

export type CertificateOutcome =
  | { readonly ok: true }
  | { readonly ok: false; readonly code: CertificateFault; readonly message: string }

/** `precommits` are verified votes for one block in one round, ascending by validator. */
export function buildCertificate(chainId: bigint, precommits: readonly Vote[]): Certificate {
  const [first] = precommits
  if (first === undefined || first.id === null) throw new Error('certificate: needs precommits for a block')
  return {
    chainId,
    height: first.height,
    round: first.round,
    blockHash: blockHashOf(first.id),
    signatures: precommits.map(({ validator, signature }) => ({ index: validator, signature })),
  }
}

/** Checks power before signatures: the cheap faults cost nothing to refuse. */
export function verifyCertificate(
  certificate: Certificate,
  set: ValidatorSet,
  chain: ChainIdentity,
  verify: Verify = ed25519Verify,
): CertificateOutcome {
  const fault = (code: CertificateFault, message: string): CertificateOutcome => ({
    ok: false,
    code,
    message: `certificate of height ${certificate.height}: ${message}`,
  })
  if (certificate.chainId !== chain.chainId) {
    return fault('wrong-chain', `is of chain ${certificate.chainId}, this is ${chain.chainId}`)
  }
  if (certificate.blockHash.length !== 32) return fault('bad-hash', 'the block hash is not 32 bytes')
  let power = 0n
  let previous = -1
  for (const { index } of certificate.signatures) {
    if (index <= previous) return fault('bad-index', `index ${index} after ${previous}; indices must ascend`)
    if (index >= set.validators.length) {
      return fault('bad-index', `index ${index}, but the set has ${set.validators.length} validators`)
    }
    previous = index
    power += powerOf(set, index)
  }
  if (!isQuorum(set, power)) {
    return fault('no-quorum', `signed by ${power} of ${set.totalPower}; more than two thirds are needed`)
  }
  const { height, round, blockHash } = certificate
  const message = voteSignBytes(chain.genesisHash, height, round, 'precommit', blockHash)
  for (const { index, signature } of certificate.signatures) {
    if (!verify(signature, message, set.validators[index]!.publicKey)) {
      return fault('bad-signature', `the signature of validator ${index} does not verify`)
    }
  }
  return { ok: true }
}

/** The precommits it stands for. */
export function votesOf({ height, round, blockHash, signatures }: Certificate): Vote[] {
  const id = keyOf(blockHash)
  return signatures.map(({ index, signature }) => ({
    type: 'precommit',
    height,
    round,
    id,
    validator: index,
    signature,
  }))
}
