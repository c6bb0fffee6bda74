/** Questions about final blocks and their states, answered from the database. None changes anything. */

import { bytesToBigint, EMPTY_BYTES, equalBytes } from '../codec/bytes.ts'
import { toHex } from '../codec/hex.ts'
import { decodeRlp } from '../codec/rlp.ts'
import { bytesField } from '../codec/rlpFields.ts'
import { EMPTY_CODE_HASH, keccak256 } from '../crypto/keccak.ts'
import { createAccessList } from '../execution/accessList.ts'
import { baseFeeAfter } from '../execution/baseFee.ts'
import type { AccessListOutcome, CallMessage, CallOutcome, EstimateOutcome, StateOverride } from '../execution/call.ts'
import { callMessage } from '../execution/callMessage.ts'
import type { BlockContext } from '../execution/contractHost.ts'
import { estimateGas } from '../execution/estimateGas.ts'
import { blockContextOf } from '../execution/executeBlock.ts'
import type { ExecutionConfig } from '../execution/executionConfig.ts'
import type { JournaledState } from '../state/journaledState.ts'
import type { BlockState, State } from '../state/state.ts'
import { createProof } from '../trie/proof.ts'
import { SecureTrie } from '../trie/secureTrie.ts'
import { Trie } from '../trie/trie.ts'
import type { Account } from '../types/account.ts'
import { decodeAccount, EMPTY_ACCOUNT } from '../types/accountCodec.ts'
import type { Header } from '../types/header.ts'
import { decodeTransaction } from '../types/transactionCodec.ts'
import {
  type AccountProof,
  type BlockOverrides,
  type BlockReceipts,
  type BlockReference,
  type CallReference,
  ChainError,
  type Head,
  type LocatedLog,
  type LogFilter,
  type LogStep,
  type NextFields,
  type NextRules,
  type StorageProof,
  type StoredBlock,
  type TransactionLocation,
  type ValidatorActivation,
} from './chainService.ts'
import type { ChainDatabase } from './database.ts'
import { damaged } from './databaseError.ts'
import { LOG_SEARCH_STEP_LOGS, MAX_PROOF_KEYS } from './limits.ts'
import { searchLogs, searchSome } from './logSearch.ts'
import { handoversFrom } from './schema.ts'

/** A chain's final blocks as they were at one moment. */
export interface BlockView {
  readonly head: Head
  /** See {@link ChainService.base}. */
  readonly base: bigint
  readonly database: ChainDatabase
}

/** The further needs of calls: a chain, or the same read by another thread. */
export interface CallView extends BlockView {
  readonly config: ExecutionConfig
  /** Most gas a call gets; undefined for the default. */
  readonly gasCap?: bigint | undefined
  /** @throws ChainError `state-pruned`. */
  stateAt(header: Header): BlockState
  /**
   * The same for who undoes all that they do to it: others may have read it before, and may after. Where there is none,
   * each gets one of its own.
   */
  lentStateAt?(header: Header): State
  /** For who reads the state's trie: that it is there. @throws ChainError `state-pruned`. */
  expectState(header: Header): void
}

/** The chain, as the execution worker has it. */
export interface ChainView extends CallView {
  stateAt(header: Header): JournaledState
  validatorsAfter(header: Header): readonly ValidatorActivation[]
  rulesAfter(header: Header): NextRules
}

/**
 * Null when there is no such block. A block whose commit is under way is not there yet.
 * @throws ChainError `history-unavailable` for a block before the snapshot this node began with.
 */
export function headAt(chain: BlockView, at: BlockReference): Head | null {
  if (at === 'latest') return chain.head
  const number = at === 'earliest' ? 0n : 'number' in at ? at.number : chain.database.numberOf(at.hash)
  if (number === null || number < 0n || number > chain.head.header.number) return null
  if (number === chain.head.header.number) return chain.head
  if (number > 0n && number < chain.base) throw historyUnavailable(chain, `block ${number}`)
  return chain.database.header(number)
}

function historyUnavailable({ base }: BlockView, what: string): ChainError {
  return new ChainError(
    'history-unavailable',
    `${what} is not on this node: it started from a snapshot at block ${base} and has the blocks after it; ask a node that has them all`,
  )
}

/** @throws ChainError `unknown-block`. */
export function existingHeadAt(chain: BlockView, at: BlockReference): Head {
  const head = headAt(chain, at)
  if (head !== null) return head
  const newest = chain.head.header.number
  const asked = typeof at === 'string' ? at : 'number' in at ? `number ${at.number}` : `hash ${toHex(at.hash)}`
  throw new ChainError('unknown-block', `unknown block: no block with ${asked}; the newest is ${newest}`)
}

export function blockAt(chain: ChainView, at: BlockReference): StoredBlock | null {
  const number = headAt(chain, at)?.header.number
  if (number === undefined) return null
  const block = chain.database.block(number)
  if (block === null) throw damaged(`block ${number} is missing`)
  return { block, certificate: chain.database.certificate(number) }
}

export function rawBlocks(
  chain: ChainView,
  from: bigint,
  limit: number,
  maxBytes: number,
): { readonly block: Uint8Array; readonly certificate: Uint8Array }[] {
  const blocks: { block: Uint8Array; certificate: Uint8Array }[] = []
  let bytes = 0
  if (from < chain.base) return blocks
  // Block 0 is not for the wire: every node makes its own, and it has no certificate.
  for (let number = from > 0n ? from : 1n; number <= chain.head.header.number && blocks.length < limit; number++) {
    const block = chain.database.rawBlock(number)
    const certificate = chain.database.rawCertificate(number)
    if (block === null || certificate === null) throw damaged(`block ${number} or its certificate is missing`)
    bytes += block.length + certificate.length
    if (blocks.length > 0 && bytes > maxBytes) break
    blocks.push({ block, certificate })
  }
  return blocks
}

/** Trie nodes and codes share the space of hashes: the bytes with the hash are the requested ones. */
export function stateItems(chain: ChainView, hashes: readonly Uint8Array[], maxBytes: number): Uint8Array[] {
  const items: Uint8Array[] = []
  let bytes = 0
  for (const hash of hashes) {
    const item = chain.database.node(hash) ?? chain.database.code(hash) ?? EMPTY_BYTES
    bytes += item.length
    if (items.length > 0 && bytes > maxBytes) break
    items.push(item)
  }
  return items
}

/** Without the block itself, which is long. */
export function blockOfTransaction(chain: ChainView, hash: Uint8Array): bigint | null {
  const number = chain.database.transactionRecord(hash)?.blockNumber
  return number === undefined || number > chain.head.header.number ? null : number
}

export function transactionByHash(chain: ChainView, hash: Uint8Array): TransactionLocation | null {
  const record = chain.database.transactionRecord(hash)
  if (record === null || record.blockNumber > chain.head.header.number) return null
  const { blockNumber, index, offset, length, sender } = record
  const head = chain.database.header(blockNumber)
  const rawBlock = chain.database.rawBlock(blockNumber)
  if (head === null || rawBlock === null) throw damaged(`block ${blockNumber} is missing`)
  // A copy: a view would take the whole block along to another thread.
  const envelope = decodeTransaction(rawBlock.slice(offset, offset + length))
  return {
    transaction: { ...envelope, sender },
    blockHash: head.hash,
    blockNumber,
    index,
    baseFeePerGas: head.header.baseFeePerGas,
  }
}

export function receiptsAt(chain: ChainView, at: BlockReference): BlockReceipts | null {
  const head = headAt(chain, at)
  if (head === null) return null
  const { number } = head.header
  if (number > 0n && number === chain.base) throw historyUnavailable(chain, `the receipts of block ${number}`)
  return { ...head, receipts: chain.database.receipts(head.header.number) }
}

/** @throws ChainError `too-many-logs`, `range-too-wide`, `history-unavailable`. */
export function logs(chain: ChainView, filter: LogFilter): readonly LocatedLog[] {
  expectLogs(chain, filter)
  return searchLogs(chain.database, filter, chain.head.header.number)
}

/** As {@link logs}, but no more of it than others can wait for. */
export function logStep(chain: ChainView, filter: LogFilter): LogStep {
  expectLogs(chain, filter)
  return searchSome(chain.database, filter, chain.head.header.number, LOG_SEARCH_STEP_LOGS)
}

function expectLogs(chain: ChainView, { fromBlock, toBlock }: LogFilter): void {
  if (chain.base > 0n && fromBlock <= chain.base && fromBlock <= toBlock) {
    throw historyUnavailable(chain, `the logs of block ${fromBlock}`)
  }
}

/** Those of the block whose commit is under way are not there yet. */
export async function handovers(chain: ChainView, from: bigint, limit: number): Promise<Uint8Array[]> {
  const found: Uint8Array[] = []
  for await (const [, value] of chain.database.store.range({ ...handoversFrom(from), limit })) found.push(value)
  return found
}

/** @throws ChainError `unknown-block`. */
export function validatorsAfter(chain: ChainView, at: BlockReference): readonly ValidatorActivation[] {
  return chain.validatorsAfter(existingHeadAt(chain, at).header)
}

/** @throws ChainError `unknown-block`. */
export function rulesAfter(chain: ChainView, at: BlockReference): NextRules {
  return chain.rulesAfter(existingHeadAt(chain, at).header)
}

export function accountAt(chain: ChainView, address: Uint8Array, at: BlockReference): Account | null {
  return chain.stateAt(existingHeadAt(chain, at).header).account(address)
}

export function accountsAt(
  chain: ChainView,
  addresses: readonly Uint8Array[],
  at: BlockReference,
): readonly (Account | null)[] {
  const state = chain.stateAt(existingHeadAt(chain, at).header)
  return addresses.map((address) => state.account(address))
}

export function codeAt(chain: ChainView, address: Uint8Array, at: BlockReference): Uint8Array {
  return chain.stateAt(existingHeadAt(chain, at).header).code(address)
}

export function codeByHash(chain: ChainView, hash: Uint8Array): Uint8Array | null {
  return equalBytes(hash, EMPTY_CODE_HASH) ? EMPTY_BYTES : (chain.database.code(hash) ?? null)
}

export function storageAt(chain: ChainView, address: Uint8Array, key: Uint8Array, at: BlockReference): Uint8Array {
  return chain.stateAt(existingHeadAt(chain, at).header).storage(address, key)
}

/** EIP-1186. An account or slot that is absent is proven absent. @throws ChainError `unknown-block`, `too-many-keys`. */
export function proofAt(
  chain: ChainView,
  address: Uint8Array,
  slots: readonly Uint8Array[],
  at: BlockReference,
): AccountProof {
  if (slots.length > MAX_PROOF_KEYS) {
    throw new ChainError(
      'too-many-keys',
      `${slots.length} storage keys are too many; at most ${MAX_PROOF_KEYS} are allowed`,
    )
  }
  const { header } = existingHeadAt(chain, at)
  chain.expectState(header)
  const { stateRoot } = header
  const accounts = new SecureTrie(new Trie(chain.database, stateRoot))
  const rlp = accounts.get(address)
  const account = rlp === null ? EMPTY_ACCOUNT : decodeAccount(rlp)
  const storage = new SecureTrie(new Trie(chain.database, account.storageRoot))
  return {
    address,
    account,
    accountProof: createProof(accounts.raw, keccak256(address)),
    storageProof: slots.map((key): StorageProof => {
      const value = storage.get(key)
      return {
        key,
        value: value === null ? 0n : bytesToBigint(bytesField(decodeRlp(value), 'slot')),
        proof: createProof(storage.raw, keccak256(key)),
      }
    }),
  }
}

/** @throws ChainError `unknown-block`; CallError. */
export function callAt(
  view: CallView,
  message: CallMessage,
  at: CallReference,
  overrides: readonly StateOverride[],
  blockOverrides: BlockOverrides = {},
): CallOutcome {
  const { state, block } = placeOfCall(view, at, blockOverrides)
  return callMessage(state, message, block, view.config, overrides, view.gasCap)
}

/** As {@link callAt}; the view's cap of gas is that of one attempt. */
export function estimateGasAt(
  view: CallView,
  message: CallMessage,
  at: CallReference,
  overrides: readonly StateOverride[],
  blockOverrides: BlockOverrides = {},
): EstimateOutcome {
  const { state, block } = placeOfCall(view, at, blockOverrides)
  return estimateGas(state, message, block, view.config, overrides, view.gasCap)
}

/** As {@link callAt}; the view's cap of gas is that of one run. */
export function createAccessListAt(
  view: CallView,
  message: CallMessage,
  at: CallReference,
  overrides: readonly StateOverride[],
  blockOverrides: BlockOverrides = {},
): AccessListOutcome {
  const { state, block } = placeOfCall(view, at, blockOverrides)
  return createAccessList(state, message, block, view.config, overrides, view.gasCap)
}

/** The state is to be left as it was. @throws ChainError `unknown-block`. */
export function placeOfCall(
  view: CallView,
  at: CallReference,
  overrides: BlockOverrides,
): { readonly state: State; readonly block: BlockContext } {
  const isNext = typeof at === 'object' && 'next' in at
  const { header } = isNext ? view.head : existingHeadAt(view, at)
  const own = blockContextOf(header)
  return {
    state: view.lentStateAt?.(header) ?? view.stateAt(header),
    block: { ...(isNext ? nextContext(own, header, at.next, at.fields) : own), ...overrides },
  }
}

/**
 * The block after `parent`, by the rules of headers. Its proposer is not known, so its fee recipient is the parent's.
 * `own` are the parent's values.
 */
function nextContext(own: BlockContext, parent: Header, now: bigint, fields?: NextFields): BlockContext {
  return {
    ...own,
    number: parent.number + 1n,
    timestamp: now > parent.timestamp ? now : parent.timestamp,
    // Block 0 has the genesis' own fee, which is that of block 1.
    baseFee: baseFeeAfter(parent, parent),
    ...fields,
  }
}
