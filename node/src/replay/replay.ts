/**
 * Executes an exported chain again from its genesis and compares everything: headers, senders, every receipt with its
 * logs and gas, all roots, certificates. Stops at the first difference.
 *
 * Pure: bytes in, report out. No Node API, no native package; the state is in memory, so the same code runs in a browser
 * and on processors of either byte order. Memory grows with the state and its history, not with the length of the file.
 *
 * Why it is so: docs/rationale/replay.md.
 */

import { genesisCandidate } from '../chain/genesisBlock.ts'
import { decodeReceiptRecords } from '../chain/records.ts'
import { staticFault } from '../chain/validateBlock.ts'
import { activationsAfter, RegistryReader } from '../chain/validatorSets.ts'
import { concatBytes } from '../codec/bytes.ts'
import { CodecError } from '../codec/codecError.ts'
import { toHex } from '../codec/hex.ts'
import { createValidatorSet, type ValidatorSet } from '../consensus/core/validatorSet.ts'
import { verifyCertificate } from '../consensus/proofs/certificate.ts'
import { keccak256 } from '../crypto/keccak.ts'
import { compareField, type FieldDifference, receiptDifferences } from '../divergence/compareReceipts.ts'
import { type Explanation, explain } from '../divergence/explain.ts'
import { nextHeader, settingsAfter } from '../execution/dev/nextHeader.ts'
import { ENGINE_NAMES, type EngineName } from '../execution/executionConfig.ts'
import type { Block } from '../types/block.ts'
import { decodeBlock } from '../types/blockCodec.ts'
import { decodeCertificate } from '../types/certificateCodec.ts'
import type { Genesis } from '../types/genesis.ts'
import type { ReceiptRecord } from '../types/receipt.ts'
import { recoverSender } from '../types/transactionCodec.ts'
import type { Difference } from './difference.ts'
import { Execution, type ExecutionResult } from './execution.ts'
import { ExportError } from './exportError.ts'
import type { ExportedBlock } from './exportFormat.ts'
import { type Chunks, readExport } from './readExport.ts'

/** `mixed`: every block by all, each compared with the export. */
export type ReplayEngine = EngineName | 'mixed'

export interface ReplayOptions {
  readonly engine: ReplayEngine
  /** False leaves out the signatures of validators, about a third of the time; default true. */
  readonly certificates?: boolean
  /** Told after each block; `blocks` so far. */
  readonly onBlock?: (done: { readonly blocks: bigint; readonly transactions: number }) => void
}

export interface ReplayTotals {
  readonly blocks: bigint
  readonly transactions: number
  readonly gasUsed: bigint
  /** After the last block that was equal. */
  readonly stateRoot: string
  /**
   * keccak256 over all that was computed, block by block: equal digests mean equal chains, roots, receipts and logs. See
   * docs/protocol/export.md.
   */
  readonly digest: string
}

export type ReplayReport = ReplayTotals &
  (
    | { readonly ok: true }
    | {
        readonly ok: false
        readonly difference: Difference
        /** Where the engines of this machine part in that block; null when it was not executed. */
        readonly explanation: Explanation | null
      }
  )

/** @throws ExportError when the file cannot be read; Error when this host cannot execute (its stack is too small). */
export async function replayExport(chunks: Chunks, options: ReplayOptions): Promise<ReplayReport> {
  let replay: Replay | null = null
  for await (const item of readExport(chunks)) {
    if (item.kind === 'genesis') {
      replay = new Replay(item.genesis, options)
      continue
    }
    const difference = item.kind === 'block' ? replay!.block(item.block) : replay!.end(item.end.lastHash)
    if (difference !== null) return { ok: false, difference, explanation: replay!.explanation, ...replay!.totals() }
  }
  return { ok: true, ...replay!.totals() }
}

class Replay {
  readonly #genesis: Genesis
  readonly #genesisHash: Uint8Array
  readonly #options: ReplayOptions
  readonly #executions: readonly Execution[]
  readonly #registries: RegistryReader
  #parent: Block
  #transactions = 0
  #gasUsed = 0n
  #digest: Uint8Array
  /** Of the block that was executed and differs. */
  explanation: Explanation | null = null

  constructor(genesis: Genesis, options: ReplayOptions) {
    const candidate = genesisCandidate(genesis)
    this.#genesis = genesis
    this.#registries = new RegistryReader(genesis)
    this.#genesisHash = candidate.block.hash
    this.#options = options
    // The reference engine first: a difference that all find is told as its own.
    const engines = options.engine === 'mixed' ? ENGINE_NAMES.toReversed() : [options.engine]
    this.#executions = engines.map((engine) => new Execution(genesis, engine, candidate.changes))
    this.#parent = candidate.block
    this.#digest = candidate.block.hash
  }

  /** Null when everything is as exported. @throws ExportError on bytes that do not decode. */
  block(exported: ExportedBlock): Difference | null {
    const block = decoded(exported.number, 'block', () => decodeBlock(exported.block))
    const receipts = decoded(exported.number, 'receipts', () => decodeReceiptRecords(exported.receipts))
    const senders = block.transactions.map(({ transaction }, index) =>
      decoded(exported.number, `sender of transaction ${index}`, () => recoverSender(transaction)),
    )
    const parentState = this.#executions[0]!.state()
    const registry = this.#registries.at(parentState)
    const parentNumber = this.#parent.header.number
    const [inForce] = activationsAfter(registry, this.#genesis, parentNumber)
    const fields = this.#registries.fields(parentState, parentNumber + 1n)
    const next = nextHeader(this.#parent.header, this.#genesis, settingsAfter(parentState, this.#genesis))
    const fault = staticFault(block, senders, this.#parent, next, fields)
    if (fault !== null) return blockDifference(exported.number, faultField(fault))
    let result: ExecutionResult | null = null
    for (const execution of this.#executions) {
      result = execution.execute(block, senders)
      const difference = compareBlock(block, receipts, result, execution.engine)
      if (difference === null) continue
      const { chainId, schedule } = this.#genesis
      this.explanation = explain({
        ...{ block, senders, parent: execution.source() },
        ...{ chainId, schedule, engine: execution.engine },
      })
      const transaction = this.explanation.finding?.transaction ?? null
      if (difference.transaction !== null || transaction === null) return difference
      return { ...difference, transaction: { index: transaction.index, hash: transaction.hash } }
    }
    for (const execution of this.#executions) execution.commit()
    const uncertified =
      this.#options.certificates === false
        ? null
        : this.#certificateFault(exported, block, createValidatorSet(inForce!.validators))
    if (uncertified !== null) return blockDifference(exported.number, uncertified)
    this.#advance(block, result!)
    return null
  }

  end(lastHash: Uint8Array): Difference | null {
    const difference = compareField('hash of the last block', lastHash, this.#parent.hash)
    return difference === null ? null : blockDifference(this.#parent.header.number, difference)
  }

  totals(): ReplayTotals {
    return {
      blocks: this.#parent.header.number,
      transactions: this.#transactions,
      gasUsed: this.#gasUsed,
      stateRoot: toHex(this.#parent.header.stateRoot),
      digest: toHex(this.#digest),
    }
  }

  #certificateFault(exported: ExportedBlock, block: Block, validators: ValidatorSet): FieldDifference | null {
    const certificate = decoded(exported.number, 'certificate', () => decodeCertificate(exported.certificate))
    const other =
      compareField('height of the certificate', block.header.number, certificate.height) ??
      compareField('block hash of the certificate', block.hash, certificate.blockHash)
    if (other !== null) return other
    const chain = { chainId: this.#genesis.chainId, genesisHash: this.#genesisHash }
    const outcome = verifyCertificate(certificate, validators, chain)
    return outcome.ok ? null : { field: 'certificate', expected: 'a valid one', got: outcome.message }
  }

  #advance(block: Block, { receipts, encodedReceipts, receiptsRoot, stateRoot }: ExecutionResult): void {
    this.#digest = keccak256(
      concatBytes(this.#digest, block.hash, stateRoot, receiptsRoot, keccak256(concatBytes(...encodedReceipts))),
    )
    this.#parent = block
    this.#transactions += block.transactions.length
    for (const { gasUsed } of receipts) this.#gasUsed += gasUsed
    this.#options.onBlock?.({ blocks: block.header.number, transactions: this.#transactions })
  }
}

/** Receipts first: a root says that something differs, a receipt says what. */
function compareBlock(
  block: Block,
  expected: readonly ReceiptRecord[],
  got: ExecutionResult,
  engine: Execution['engine'],
): Difference | null {
  const { header } = block
  const located = (found: FieldDifference, index: number | null): Difference => ({
    block: header.number,
    transaction: index === null ? null : { index, hash: toHex(block.transactions[index]!.hash) },
    ...found,
    engine,
  })
  for (const [index, receipt] of got.receipts.entries()) {
    const exported = expected[index]
    if (exported === undefined) break
    const [found] = receiptDifferences(exported, receipt)
    if (found !== undefined) return located(found, index)
  }
  if (got.invalid !== null) {
    const found = { field: 'validity', expected: 'a transaction that can be included', got: got.invalid }
    return located(found, got.receipts.length)
  }
  const found =
    compareField('number of receipts', expected.length, got.receipts.length) ??
    compareField('gas used', header.gasUsed, got.gasUsed) ??
    compareField('logs bloom', header.logsBloom, got.logsBloom) ??
    compareField('receipts root', header.receiptsRoot, got.receiptsRoot) ??
    compareField('state root', header.stateRoot, got.stateRoot)
  return found === null ? null : located(found, null)
}

/** "name: header X, expected Y", as the rules for headers say it. */
function faultField(fault: string): FieldDifference {
  const colon = fault.indexOf(': ')
  return {
    field: fault.slice(0, colon),
    expected: 'the value that follows from the parent and the genesis',
    got: fault.slice(colon + 2),
  }
}

function blockDifference(block: bigint, found: FieldDifference): Difference {
  return { block, transaction: null, ...found, engine: null }
}

function decoded<T>(number: bigint, what: string, decode: () => T): T {
  try {
    return decode()
  } catch (cause) {
    if (!(cause instanceof CodecError)) throw cause
    throw new ExportError('damaged', `The export is damaged: the ${what} of block ${number}: ${cause.message}`, {
      cause,
    })
  }
}
