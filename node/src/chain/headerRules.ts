/**
 * The rules of a header, given its parent and the known facts of its successor: every field that does not come from
 * executing the block
 * (docs/protocol/blocks.md, "Valid headers"). How far the timestamp may run ahead of the validator's clock is a matter
 * of consensus, since it depends on when one looks.
 */
import { equalBytes } from '../codec/bytes.ts'
import { toHex } from '../codec/hex.ts'
import type { NextHeader } from '../execution/dev/nextHeader.ts'
import type { Header } from '../types/header.ts'
import { EMPTY_OMMERS_HASH, ZERO_NONCE } from '../types/headerCodec.ts'
import type { Head } from './chainService.ts'

/** Null when all is in order, else the first thing that is not: "gas limit: header 5, expected 6". */
export function headerFault(
  header: Header,
  parent: Head,
  next: NextHeader,
  validators: Pick<Header, 'extraData' | 'mixHash'>,
): string | null {
  const number = parent.header.number + 1n
  return (
    differs('number', header.number, number) ??
    differs('parent hash', header.parentHash, parent.hash) ??
    wrongTime(header, parent.header, next) ??
    differs('ommers hash', header.ommersHash, EMPTY_OMMERS_HASH) ??
    (header.miner.length === 20 ? null : `miner: ${header.miner.length} bytes, expected 20`) ??
    (next.miner === null ? null : differs('miner', header.miner, next.miner)) ??
    differs('difficulty', header.difficulty, 0n) ??
    differs('gas limit', header.gasLimit, next.gasLimit) ??
    (header.gasUsed <= header.gasLimit ? null : `gas used: ${header.gasUsed} is over the limit ${header.gasLimit}`) ??
    differs('extra data (hash of the validator set)', header.extraData, validators.extraData) ??
    differs('mix hash', header.mixHash, validators.mixHash) ??
    differs('nonce', header.nonce, ZERO_NONCE) ??
    differs('base fee', header.baseFeePerGas, next.baseFeePerGas)
  )
}

function wrongTime(header: Header, parent: Header, { timestamp }: NextHeader): string | null {
  if (timestamp !== null) return differs('timestamp', header.timestamp, timestamp)
  if (header.timestamp >= parent.timestamp) return null
  return `timestamp: header ${header.timestamp}, the parent's is ${parent.timestamp}`
}

/** "name: header X, expected Y", or null when they are equal. */
export function differs<T extends bigint | Uint8Array>(
  name: string,
  inHeader: T,
  expected: T,
  source = 'expected',
): string | null {
  if (inHeader instanceof Uint8Array && expected instanceof Uint8Array) {
    return equalBytes(inHeader, expected) ? null : `${name}: header ${toHex(inHeader)}, ${source} ${toHex(expected)}`
  }
  return inHeader === expected ? null : `${name}: header ${inHeader}, ${source} ${expected}`
}
