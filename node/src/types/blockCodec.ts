/** Blocks: RLP [header, [transaction...], []], a typed transaction as a byte string (EIP-2718), a legacy one as its list. */
import { plainBytes } from '../codec/bytes.ts'
import { CodecError, decodeWithin } from '../codec/codecError.ts'
import {
  decodeRlp,
  decodeRlpListMembers,
  isRlpList,
  rlpPrefixLength,
  rlpStringLength,
  writeRlpListPrefix,
  writeRlpString,
} from '../codec/rlp.ts'
import { bytesField } from '../codec/rlpFields.ts'
import { keccak256 } from '../crypto/keccak.ts'
import type { Block } from './block.ts'
import type { Header } from './header.ts'
import { decodeHeader, encodeHeader } from './headerCodec.ts'
import type { TransactionEnvelope } from './transaction.ts'
import { decodeTransaction } from './transactionCodec.ts'

/** Encodes and hashes a header whose roots are final, with its transactions. Transactions are not encoded again. */
export function sealBlock(header: Header, transactions: readonly TransactionEnvelope[]): Block {
  const encodedHeader = encodeHeader(header)
  let transactionsLength = 0
  for (const { raw } of transactions) transactionsLength += isRlpList(raw) ? raw.length : rlpStringLength(raw)
  const payloadLength =
    encodedHeader.length + rlpPrefixLength(transactionsLength) + transactionsLength + NO_OMMERS.length
  const out = new Uint8Array(rlpPrefixLength(payloadLength) + payloadLength)
  let at = writeRlpListPrefix(out, 0, payloadLength)
  out.set(encodedHeader, at)
  at = writeRlpListPrefix(out, at + encodedHeader.length, transactionsLength)
  for (const { raw } of transactions) {
    if (isRlpList(raw)) {
      out.set(raw, at)
      at += raw.length
    } else {
      at = writeRlpString(out, at, raw)
    }
  }
  out.set(NO_OMMERS, at)
  return { header, transactions, hash: keccak256(encodedHeader), raw: out }
}

/**
 * Shape and fields only: that the roots are those of the contents is for the chain to check. Keeps views of `raw`.
 * @throws CodecError.
 */
export function decodeBlock(raw: Uint8Array): Block {
  return decodeWithin('block', () => {
    const bytes = plainBytes(raw)
    const members = decodeRlpListMembers(bytes, { maxItems: 3 })
    const [header, transactions, ommers] = members
    if (header === undefined || transactions === undefined || ommers === undefined) {
      throw new CodecError('wrong-shape', '', `a list of ${members.length} items, expected 3`)
    }
    if (ommers.length !== 1 || ommers[0] !== NO_OMMERS[0]) {
      throw new CodecError('wrong-shape', 'ommers', 'must be the empty list')
    }
    return {
      header: decodeHeader(header),
      transactions: decodeWithin('transactions', () => decodeRlpListMembers(transactions)).map(decodeMember),
      hash: keccak256(header),
      raw: bytes,
    }
  })
}

/** rlp([]). */
const NO_OMMERS = Uint8Array.of(0xc0)

function decodeMember(encoded: Uint8Array, index: number): TransactionEnvelope {
  return decodeWithin(`transactions[${index}]`, () => {
    if (isRlpList(encoded)) return decodeTransaction(encoded)
    const raw = bytesField(decodeRlp(encoded), '')
    // A legacy transaction wrapped in a string would be a second encoding of the same block.
    if (isRlpList(raw))
      throw new CodecError('wrong-shape', '', 'a legacy transaction must be a list, not a byte string')
    return decodeTransaction(raw)
  })
}
