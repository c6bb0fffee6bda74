/**
 * Checks a proof file against a genesis: from the validators of the genesis by the handovers to those who decided the
 * block, from their signatures to the header, from its roots by Merkle proofs to the claim. Nothing else is trusted: no
 * node, no clock, and nothing that the file says of itself.
 *
 * As with any certificate: a holder of the keys of more than two thirds of a set that was in force once can make one.
 */
import { genesisCandidate } from '../chain/genesisBlock.ts'
import { bytesToBigint, equalBytes } from '../codec/bytes.ts'
import { CodecError } from '../codec/codecError.ts'
import { toHex } from '../codec/hex.ts'
import { decodeRlp, encodeRlp } from '../codec/rlp.ts'
import { bytesField, integerItem } from '../codec/rlpFields.ts'
import { ValidatorTrail } from '../consensus/proofs/handovers.ts'
import { keccak256 } from '../crypto/keccak.ts'
import { hashedKey } from '../trie/keyHashes.ts'
import { type ProofOutcome, verifyProof } from '../trie/proof.ts'
import { decodeAccount, EMPTY_ACCOUNT } from '../types/accountCodec.ts'
import { decodeCertificate } from '../types/certificateCodec.ts'
import type { Genesis } from '../types/genesis.ts'
import { decodeHandover } from '../types/handoverCodec.ts'
import type { Header } from '../types/header.ts'
import { decodeHeader, headerHash } from '../types/headerCodec.ts'
import type { Log } from '../types/log.ts'
import type { Receipt } from '../types/receipt.ts'
import { decodeReceipt } from '../types/receiptCodec.ts'
import type { AccountClaim, ProofFile, ReceiptClaim } from './proofFile.ts'

/** In the order in which they are made. */
export type ProofStep =
  | 'genesis'
  | 'validators'
  | 'header'
  | 'certificate'
  | 'account'
  | 'storage'
  | 'transaction'
  | 'receipt'
  | 'log'

export interface ProvenBlock {
  readonly hash: Uint8Array
  readonly header: Header
  /** Validators that signed the certificate. */
  readonly signers: number
  readonly round: number
  /** Changes of the validator set between the genesis and the block. */
  readonly handovers: number
}

export type ProofVerdict =
  | {
      readonly ok: true
      readonly block: ProvenBlock
      readonly proven: ProvenAccount | ProvenReceipt
    }
  /** `reason` is a clause without a full stop. */
  | { readonly ok: false; readonly step: ProofStep; readonly reason: string }

export interface ProvenAccount extends Omit<AccountClaim, 'proof' | 'storage'> {
  /** False: the block's state has no such account. */
  readonly exists: boolean
  readonly storage: readonly { readonly key: Uint8Array; readonly value: bigint }[]
}

export interface ProvenReceipt {
  readonly kind: 'receipt'
  readonly transactionHash: Uint8Array
  readonly index: number
  readonly receipt: Receipt
  readonly log: { readonly index: number; readonly log: Log } | null
}

/** Of one step: what makes the file no proof. */
class NoProof extends Error {
  override readonly name = 'NoProof'
  readonly step: ProofStep
  constructor(step: ProofStep, reason: string) {
    super(reason)
    this.step = step
  }
}

/** Never throws for what the file says. */
export function verifyProofFile(file: ProofFile, genesis: Genesis): ProofVerdict {
  try {
    const block = provenBlock(file, genesis)
    const { claim } = file
    const { header } = block
    return {
      ok: true,
      block,
      proven: claim.kind === 'account' ? provenAccount(claim, header) : provenReceipt(claim, header),
    }
  } catch (error) {
    if (error instanceof NoProof) return { ok: false, step: error.step, reason: error.message }
    throw error
  }
}

function provenBlock(file: ProofFile, genesis: Genesis): ProvenBlock {
  // Block 0 cannot be made of a genesis whose accounts have code that does not run.
  const genesisHash = within('genesis', 'the genesis given', () => genesisCandidate(genesis)).block.hash
  if (!equalBytes(file.genesisHash, genesisHash)) {
    throw new NoProof(
      'genesis',
      `the file is of the chain with genesis ${toHex(file.genesisHash)}, and the genesis given is ${toHex(genesisHash)}`,
    )
  }
  const trail = new ValidatorTrail(genesis.validators, { chainId: genesis.chainId, genesisHash })
  for (const [index, bytes] of file.handovers.entries()) {
    const handover = within('validators', `handover ${index}`, () => decodeHandover(bytes))
    const fault = trail.take(handover)
    if (fault !== null) throw new NoProof('validators', fault)
  }
  const header = within('header', 'the header', () => decodeHeader(file.header))
  const certificate = within('certificate', 'the certificate', () => decodeCertificate(file.certificate))
  const fault = trail.faultOf({ header, certificate })
  if (fault !== null) throw new NoProof('certificate', fault)
  const { signatures, round } = certificate
  return { hash: headerHash(header), header, signers: signatures.length, round, handovers: file.handovers.length }
}

function provenAccount(claim: AccountClaim, header: Header): ProvenAccount {
  const { kind, address, nonce, balance, codeHash, storageHash } = claim
  const key = hashedKey(address)
  const value = shownValue('account', 'the proof of the account', verifyProof(header.stateRoot, key, claim.proof))
  const account = value === null ? EMPTY_ACCOUNT : within('account', 'the account', () => decodeAccount(value))
  expectEqual('account', 'nonce', nonce, account.nonce)
  expectEqual('account', 'balance', balance, account.balance)
  expectSame('account', 'codeHash', codeHash, account.codeHash)
  expectSame('account', 'storageHash', storageHash, account.storageRoot)
  for (const slot of claim.storage) {
    const what = `slot ${toHex(slot.key)}`
    const outcome = verifyProof(account.storageRoot, hashedKey(slot.key), slot.proof)
    const stored = shownValue('storage', `the proof of ${what}`, outcome)
    const proven = stored === null ? 0n : within('storage', what, () => wordOf(stored))
    expectEqual('storage', what, slot.value, proven)
  }
  const storage = claim.storage.map((slot) => ({ key: slot.key, value: slot.value }))
  return { kind, address, nonce, balance, codeHash, storageHash, exists: value !== null, storage }
}

function provenReceipt(claim: ReceiptClaim, header: Header): ProvenReceipt {
  const { index, transactionHash, transaction } = claim
  const key = encodeRlp(integerItem(index))
  const inBlock = (
    step: 'transaction' | 'receipt',
    root: Uint8Array,
    proof: readonly Uint8Array[],
    bytes: Uint8Array,
  ) => {
    const found = shownValue(step, `the proof of the ${step}`, verifyProof(root, key, proof))
    if (found === null) throw new NoProof(step, `the block has no ${step} at position ${index}`)
    if (!equalBytes(found, bytes)) throw new NoProof(step, `the block has another ${step} at position ${index}`)
  }
  inBlock('transaction', header.transactionsRoot, claim.transactionProof, transaction)
  const hash = keccak256(transaction)
  if (!equalBytes(hash, transactionHash)) {
    throw new NoProof('transaction', `it has the hash ${toHex(hash)}, and the file claims ${toHex(transactionHash)}`)
  }
  inBlock('receipt', header.receiptsRoot, claim.receiptProof, claim.receipt)
  const receipt = within('receipt', 'the receipt', () => decodeReceipt(claim.receipt))
  return { kind: 'receipt', transactionHash, index, receipt, log: provenLog(claim.log, receipt) }
}

function provenLog(index: number | null, { logs }: Receipt): ProvenReceipt['log'] {
  if (index === null) return null
  const log = logs[index]
  if (log === undefined) throw new NoProof('log', `the receipt has ${logs.length} logs, none at position ${index}`)
  return { index, log }
}

function shownValue(step: ProofStep, what: string, outcome: ProofOutcome): Uint8Array | null {
  if (outcome.valid) return outcome.value
  throw new NoProof(step, `${what} does not lead from the header's root: ${outcome.reason}`)
}

/** A storage value: RLP of its bytes without leading zeros (Yellow Paper, 4.1). */
function wordOf(rlp: Uint8Array): bigint {
  return bytesToBigint(bytesField(decodeRlp(rlp, { maxDepth: 0, maxItems: 1 }), 'value'))
}

function within<T>(step: ProofStep, what: string, decode: () => T): T {
  try {
    return decode()
  } catch (error) {
    if (error instanceof CodecError) throw new NoProof(step, `${what} cannot be read: ${error.message}`)
    throw error
  }
}

function expectEqual(step: ProofStep, what: string, claimed: bigint, proven: bigint): void {
  if (claimed !== proven) throw new NoProof(step, `the file claims ${what} ${claimed}, and the proof shows ${proven}`)
}

function expectSame(step: ProofStep, what: string, claimed: Uint8Array, proven: Uint8Array): void {
  if (!equalBytes(claimed, proven)) {
    throw new NoProof(step, `the file claims ${what} ${toHex(claimed)}, and the proof shows ${toHex(proven)}`)
  }
}
