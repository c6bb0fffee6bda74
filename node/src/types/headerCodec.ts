/** Block headers: the sixteen London fields in Ethereum's order (Yellow Paper 4.3, EIP-1559). */
import { equalBytes } from '../codec/bytes.ts'
import { CodecError, decodeWithin } from '../codec/codecError.ts'
import { decodeRlp, encodeRlp, type RlpItem } from '../codec/rlp.ts'
import { fixedBytesField, integerField, integerItem, MAX_UINT64, MAX_UINT256, tupleField } from '../codec/rlpFields.ts'
import { keccak256 } from '../crypto/keccak.ts'
import type { Header } from './header.ts'

/** keccak256(rlp([])): the ommers hash of every header here. */
export const EMPTY_OMMERS_HASH: Uint8Array = keccak256(encodeRlp([]))
export const ZERO_HASH: Uint8Array = new Uint8Array(32)
export const ZERO_ADDRESS: Uint8Array = new Uint8Array(20)
/** The nonce of every header here. */
export const ZERO_NONCE: Uint8Array = new Uint8Array(8)
export const EMPTY_BLOOM: Uint8Array = new Uint8Array(256)

function headerItems(header: Header): RlpItem[] {
  return [
    header.parentHash,
    header.ommersHash,
    header.miner,
    header.stateRoot,
    header.transactionsRoot,
    header.receiptsRoot,
    header.logsBloom,
    integerItem(header.difficulty),
    integerItem(header.number),
    integerItem(header.gasLimit),
    integerItem(header.gasUsed),
    integerItem(header.timestamp),
    header.extraData,
    header.mixHash,
    header.nonce,
    integerItem(header.baseFeePerGas),
  ]
}

export function encodeHeader(header: Header): Uint8Array {
  return encodeRlp(headerItems(header))
}

/** The block hash: keccak256 of the header's RLP. */
export function headerHash(header: Header): Uint8Array {
  return keccak256(encodeHeader(header))
}

/**
 * Checks shape and bounds, and the fields that are the same in every header: no ommers, difficulty 0, nonce 0. Everything
 * else depends on the parent. @throws CodecError.
 */
export function decodeHeader(raw: Uint8Array): Header {
  return decodeWithin('header', () => headerOf(decodeRlp(raw, { maxDepth: 1, maxItems: 17 })))
}

function headerOf(item: RlpItem): Header {
  const f = tupleField(item, 16, '')
  const header: Header = {
    parentHash: fixedBytesField(f[0], 32, 'parentHash'),
    ommersHash: fixedBytesField(f[1], 32, 'ommersHash'),
    miner: fixedBytesField(f[2], 20, 'miner'),
    stateRoot: fixedBytesField(f[3], 32, 'stateRoot'),
    transactionsRoot: fixedBytesField(f[4], 32, 'transactionsRoot'),
    receiptsRoot: fixedBytesField(f[5], 32, 'receiptsRoot'),
    logsBloom: fixedBytesField(f[6], 256, 'logsBloom'),
    difficulty: integerField(f[7], 0n, 'difficulty'),
    number: integerField(f[8], MAX_UINT64, 'number'),
    gasLimit: integerField(f[9], MAX_UINT64, 'gasLimit'),
    gasUsed: integerField(f[10], MAX_UINT64, 'gasUsed'),
    timestamp: integerField(f[11], MAX_UINT64, 'timestamp'),
    extraData: fixedBytesField(f[12], 32, 'extraData'),
    mixHash: fixedBytesField(f[13], 32, 'mixHash'),
    nonce: fixedBytesField(f[14], 8, 'nonce'),
    baseFeePerGas: integerField(f[15], MAX_UINT256, 'baseFeePerGas'),
  }
  if (!equalBytes(header.ommersHash, EMPTY_OMMERS_HASH)) {
    throw new CodecError('out-of-range', 'ommersHash', 'must be keccak256(rlp([])): there are no ommers')
  }
  if (!equalBytes(header.nonce, ZERO_NONCE)) throw new CodecError('out-of-range', 'nonce', 'must be 8 zero bytes')
  return header
}
