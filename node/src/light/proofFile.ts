/**
 * A proof file: something of one block's state, or of its receipts, with all that shows it to anybody who has the
 * genesis and nothing else. JSON, docs/protocol/proofs.md. Parsing looks at the form only.
 */
import { CodecError, decodeWithin } from '../codec/codecError.ts'
import { fromHex, fromQuantity, toHex, toQuantity } from '../codec/hex.ts'
import { quotedText } from '../codec/visibleText.ts'
import { MAX_PROOF_NODES } from '../trie/proof.ts'
import { MAX_PROOF_HANDOVERS, MAX_PROOF_SLOTS } from './limits.ts'

const PROOF_FORMAT = 'touchstone-proof/1'

export interface ClaimedSlot {
  /** 32 bytes. */
  readonly key: Uint8Array
  readonly value: bigint
  readonly proof: readonly Uint8Array[]
}

export interface AccountClaim {
  readonly kind: 'account'
  /** 20 bytes. */
  readonly address: Uint8Array
  readonly nonce: bigint
  /** Wei. */
  readonly balance: bigint
  readonly codeHash: Uint8Array
  readonly storageHash: Uint8Array
  /** RLP of the nodes of the state trie from the root down. */
  readonly proof: readonly Uint8Array[]
  readonly storage: readonly ClaimedSlot[]
}

export interface ReceiptClaim {
  readonly kind: 'receipt'
  readonly transactionHash: Uint8Array
  /** Position in the block. */
  readonly index: number
  /** As the tries hold them: EIP-2718 envelopes. */
  readonly transaction: Uint8Array
  readonly receipt: Uint8Array
  readonly transactionProof: readonly Uint8Array[]
  readonly receiptProof: readonly Uint8Array[]
  /** Position of a log among those of the receipt; null when the whole receipt is meant. */
  readonly log: number | null
}

export interface ProofFile {
  readonly genesisHash: Uint8Array
  /** RLP, as `types/handoverCodec.ts` has them, ascending. */
  readonly handovers: readonly Uint8Array[]
  /** RLP. */
  readonly header: Uint8Array
  /** RLP. */
  readonly certificate: Uint8Array
  readonly claim: AccountClaim | ReceiptClaim
}

/** From a parsed JSON value. @throws CodecError with the JSON path. */
export function parseProofFile(json: unknown): ProofFile {
  const file = objectAt(json, '', ['format', 'genesisHash', 'handovers', 'header', 'certificate', 'claim'])
  if (file['format'] !== PROOF_FORMAT) {
    const found = typeof file['format'] === 'string' ? quotedText(file['format'], 40) : 'none'
    throw new CodecError('bad-json', 'format', `"${PROOF_FORMAT}" is expected, found ${found}`)
  }
  return {
    genesisHash: bytesAt(file['genesisHash'], 'genesisHash', 32),
    handovers: listAt(file['handovers'], 'handovers', MAX_PROOF_HANDOVERS, bytesAt),
    header: bytesAt(file['header'], 'header'),
    certificate: bytesAt(file['certificate'], 'certificate'),
    claim: claimAt(file['claim']),
  }
}

/** The JSON that {@link parseProofFile} reads. */
export function proofFileToJson({ genesisHash, handovers, header, certificate, claim }: ProofFile): object {
  return {
    format: PROOF_FORMAT,
    genesisHash: toHex(genesisHash),
    handovers: handovers.map(toHex),
    header: toHex(header),
    certificate: toHex(certificate),
    claim: claim.kind === 'account' ? accountToJson(claim) : receiptToJson(claim),
  }
}

function accountToJson(claim: AccountClaim): object {
  return {
    kind: claim.kind,
    address: toHex(claim.address),
    nonce: toQuantity(claim.nonce),
    balance: toQuantity(claim.balance),
    codeHash: toHex(claim.codeHash),
    storageHash: toHex(claim.storageHash),
    proof: claim.proof.map(toHex),
    storage: claim.storage.map(({ key, value, proof }) => ({
      key: toHex(key),
      value: toQuantity(value),
      proof: proof.map(toHex),
    })),
  }
}

function receiptToJson(claim: ReceiptClaim): object {
  return {
    kind: claim.kind,
    transactionHash: toHex(claim.transactionHash),
    index: claim.index,
    transaction: toHex(claim.transaction),
    receipt: toHex(claim.receipt),
    transactionProof: claim.transactionProof.map(toHex),
    receiptProof: claim.receiptProof.map(toHex),
    log: claim.log,
  }
}

function claimAt(json: unknown): AccountClaim | ReceiptClaim {
  const kind = typeof json === 'object' && json !== null && 'kind' in json ? json.kind : undefined
  if (kind === 'account') return accountAt(json)
  if (kind === 'receipt') return receiptAt(json)
  throw new CodecError('bad-json', 'claim.kind', '"account" or "receipt" is expected')
}

function accountAt(json: unknown): AccountClaim {
  const known = ['kind', 'address', 'nonce', 'balance', 'codeHash', 'storageHash', 'proof', 'storage']
  const claim = objectAt(json, 'claim', known)
  return {
    kind: 'account',
    address: bytesAt(claim['address'], 'claim.address', 20),
    nonce: quantityAt(claim['nonce'], 'claim.nonce'),
    balance: quantityAt(claim['balance'], 'claim.balance'),
    codeHash: bytesAt(claim['codeHash'], 'claim.codeHash', 32),
    storageHash: bytesAt(claim['storageHash'], 'claim.storageHash', 32),
    proof: nodesAt(claim['proof'], 'claim.proof'),
    storage: listAt(claim['storage'], 'claim.storage', MAX_PROOF_SLOTS, (entry, at) => {
      const slot = objectAt(entry, at, ['key', 'value', 'proof'])
      return {
        key: bytesAt(slot['key'], `${at}.key`, 32),
        value: quantityAt(slot['value'], `${at}.value`),
        proof: nodesAt(slot['proof'], `${at}.proof`),
      }
    }),
  }
}

function receiptAt(json: unknown): ReceiptClaim {
  const known = [
    'kind',
    'transactionHash',
    'index',
    'transaction',
    'receipt',
    'transactionProof',
    'receiptProof',
    'log',
  ]
  const claim = objectAt(json, 'claim', known)
  return {
    kind: 'receipt',
    transactionHash: bytesAt(claim['transactionHash'], 'claim.transactionHash', 32),
    index: indexAt(claim['index'], 'claim.index'),
    transaction: bytesAt(claim['transaction'], 'claim.transaction'),
    receipt: bytesAt(claim['receipt'], 'claim.receipt'),
    transactionProof: nodesAt(claim['transactionProof'], 'claim.transactionProof'),
    receiptProof: nodesAt(claim['receiptProof'], 'claim.receiptProof'),
    log: claim['log'] === null ? null : indexAt(claim['log'], 'claim.log'),
  }
}

type JsonObject = Readonly<Record<string, unknown>>

function objectAt(json: unknown, path: string, known: readonly string[]): JsonObject {
  if (typeof json !== 'object' || json === null || Array.isArray(json)) {
    throw new CodecError('bad-json', path, 'an object is expected')
  }
  for (const key of Object.keys(json)) {
    // A field that nobody checks must not look as if it were checked.
    if (!known.includes(key)) throw new CodecError('bad-json', path, `unknown key ${quotedText(key, 40)}`)
  }
  return json as JsonObject
}

function listAt<T>(json: unknown, path: string, most: number, read: (entry: unknown, path: string) => T): T[] {
  if (!Array.isArray(json)) throw new CodecError('bad-json', path, 'an array is expected')
  if (json.length > most)
    throw new CodecError('out-of-range', path, `${json.length} entries, at most ${most} are allowed`)
  return json.map((entry: unknown, index) => read(entry, `${path}[${index}]`))
}

function nodesAt(json: unknown, path: string): Uint8Array[] {
  return listAt(json, path, MAX_PROOF_NODES, bytesAt)
}

function bytesAt(json: unknown, path: string, length?: number): Uint8Array {
  if (typeof json !== 'string') throw new CodecError('bad-json', path, 'hex is expected')
  const bytes = decodeWithin(path, () => fromHex(json))
  if (length !== undefined && bytes.length !== length) {
    throw new CodecError('wrong-length', path, `${bytes.length} bytes, expected ${length}`)
  }
  return bytes
}

function quantityAt(json: unknown, path: string): bigint {
  if (typeof json !== 'string' || json.length > 66) throw new CodecError('bad-json', path, 'a quantity is expected')
  return decodeWithin(path, () => fromQuantity(json))
}

function indexAt(json: unknown, path: string): number {
  if (typeof json === 'number' && Number.isSafeInteger(json) && json >= 0) return json
  throw new CodecError('bad-json', path, 'a whole number is expected')
}
