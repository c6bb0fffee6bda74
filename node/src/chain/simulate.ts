/**
 * eth_simulateV1: blocks that nobody proposes, made on a state of the chain and thrown away. Each call is a transaction
 * without a signature, executed and ended as one, so that the next sees what it left; each block is sealed by the rules
 * of blocks.
 */
import { bigintToBytes, concatBytes, EMPTY_BYTES, equalBytes, keyOf } from '../codec/bytes.ts'
import { fromHex, toHex } from '../codec/hex.ts'
import { keccak256 } from '../crypto/keccak.ts'
import { applyMessage } from '../execution/applyMessage.ts'
import { baseFeeAfter } from '../execution/baseFee.ts'
import type { StateOverride } from '../execution/call.ts'
import { defaultGasCap } from '../execution/callMessage.ts'
import { checkWithAccount, checkWithoutState, feeCap } from '../execution/checkTransaction.ts'
import { readSettings } from '../execution/dev/devStorage.ts'
import { type BlockContext, blockContextOf, type ExecutionConfig } from '../execution/executeBlock.ts'
import { payOut } from '../execution/executeTransaction.ts'
import { MAX_NONCE } from '../execution/limits.ts'
import { overrideConfig } from '../execution/overriddenConfig.ts'
import { replaceInState } from '../execution/overriddenState.ts'
import { isPrecompile } from '../execution/precompiles/precompileNames.ts'
import { transactionErrors } from '../execution/transactionErrors.ts'
import { keepWarm, LoadedCodes } from '../execution/warmCodes.ts'
import type { State } from '../state/state.ts'
import { orderedTrieRoot } from '../trie/orderedTrie.ts'
import { sealBlock } from '../types/blockCodec.ts'
import { logsBloom, mergeBlooms } from '../types/bloom.ts'
import type { Header } from '../types/header.ts'
import { ZERO_ADDRESS, ZERO_HASH } from '../types/headerCodec.ts'
import type { Log } from '../types/log.ts'
import type { Receipt } from '../types/receipt.ts'
import { encodeReceipt } from '../types/receiptCodec.ts'
import type { Transaction } from '../types/transaction.ts'
import { effectiveGasPrice, encodeTransaction } from '../types/transactionCodec.ts'
import {
  type CallReference,
  ChainError,
  type Head,
  type NextFields,
  type SimulatedBlock,
  type SimulatedCall,
  type SimulatedCallResult,
  type SimulationOutcome,
  type SimulationRefusal,
  type SimulationRequest,
} from './chainService.ts'
import { LOG_OVERHEAD_BYTES, SIMULATED_BLOCK_SECONDS } from './limits.ts'
import { type CallView, existingHeadAt } from './queries.ts'

/** As geth: the address at which transfers of value are logged, in the form of ERC-20. */
const TRANSFER_LOGGER = fromHex(`0x${'ee'.repeat(20)}`)
const TRANSFER_TOPIC = keccak256(new TextEncoder().encode('Transfer(address,address,uint256)'))

const NO_SIGNATURE = { r: 0n, s: 0n, yParity: 0 } as const

/**
 * All calls together spend at most the view's cap of gas. @throws ChainError `unknown-block`, `answer-too-large`; CallError.
 */
export function simulateAt(view: CallView, request: SimulationRequest, at: CallReference): SimulationOutcome {
  try {
    return { kind: 'simulated', blocks: new Simulation(view, request, at).run() }
  } catch (error) {
    if (error instanceof Refused) return { kind: 'refused', code: error.code, message: error.message }
    throw error
  }
}

class Refused extends Error {
  readonly code: SimulationRefusal
  constructor(code: SimulationRefusal, message: string) {
    super(message)
    this.code = code
  }
}

/** The moves of precompiles that the execution APIs have codes for: to itself, and two of them to one address. */
function refuseMoves(overrides: readonly StateOverride[], index: number): void {
  const targets = new Set<string>()
  for (const { address, movePrecompileTo: to } of overrides) {
    if (to === undefined || !isPrecompile(address)) continue
    if (equalBytes(to, address)) {
      throw new Refused('moved-to-itself', `precompile ${toHex(address)} is moved to itself (block ${index})`)
    }
    if (targets.has(keyOf(to))) {
      throw new Refused('moved-together', `two precompiles are moved to ${toHex(to)} (block ${index})`)
    }
    targets.add(keyOf(to))
  }
}

class Simulation {
  readonly #request: SimulationRequest
  readonly #base: Header
  readonly #state: State
  readonly #firstTime: bigint
  /** Of the next block, where dev controls have set them. */
  readonly #next: NextFields | null
  /** From a block to the next. */
  readonly #seconds: bigint
  #config: ExecutionConfig
  #parent: Head
  #gasLeft: bigint
  #bytesLeft: number
  readonly #blocks: SimulatedBlock[] = []
  /** Logs that no contract emitted. */
  readonly #transferLogs = new WeakSet<Log>()

  constructor(view: CallView, request: SimulationRequest, at: CallReference) {
    const isNext = typeof at === 'object' && 'next' in at
    this.#request = request
    this.#parent = isNext ? view.head : existingHeadAt(view, at)
    this.#base = this.#parent.header
    this.#state = view.stateAt(this.#base)
    // Without dev mode the slots of its account are empty.
    const { timestampInterval } = readSettings(this.#state)
    this.#seconds = timestampInterval > 0n ? timestampInterval : SIMULATED_BLOCK_SECONDS
    const next = this.#base.timestamp + this.#seconds
    this.#firstTime = isNext && at.next > next ? at.next : next
    this.#next = isNext ? (at.fields ?? null) : null
    this.#config = request.traceTransfers ? { ...view.config, onTransfer: this.#logTransfer } : view.config
    this.#gasLeft = view.gasCap ?? defaultGasCap(blockContextOf(this.#base))
    this.#bytesLeft = request.maxBytes
  }

  run(): readonly SimulatedBlock[] {
    for (const [index, asked] of this.#request.blocks.entries()) {
      const { overrides } = asked
      const number = overrides.number ?? this.#parent.header.number + 1n
      if (number <= this.#parent.header.number) {
        const before = this.#parent.header.number
        throw new Refused('block-number', `block numbers must be in order: ${number} after ${before} (block ${index})`)
      }
      if (number - this.#base.number > BigInt(this.#request.maxBlocks)) {
        const message = `too many blocks: up to number ${number} they are more than ${this.#request.maxBlocks} (maxSimulatedBlocks)`
        throw new Refused('too-many-blocks', message)
      }
      while (this.#parent.header.number + 1n < number) this.#block({}, [], index)
      refuseMoves(asked.stateOverrides, index)
      // As in geth, the precompiles of a block are where they always are but for its own overrides.
      const { precompileAt: _moved, ...config } = this.#config
      this.#config = overrideConfig(config, asked.stateOverrides)
      replaceInState(this.#state, asked.stateOverrides)
      this.#block(overrides, asked.calls, index)
    }
    return this.#blocks
  }

  #block(
    overrides: SimulationRequest['blocks'][number]['overrides'],
    calls: readonly SimulatedCall[],
    at: number,
  ): void {
    const { header: parent, hash: parentHash } = this.#parent
    const isFirst = parent === this.#base
    const baseFee = isFirst && this.#next !== null ? this.#next.baseFee : baseFeeAfter(parent, parent)
    const block: BlockContext = {
      number: parent.number + 1n,
      timestamp: isFirst ? this.#firstTime : parent.timestamp + this.#seconds,
      coinbase: this.#base.miner,
      gasLimit: this.#next?.gasLimit ?? this.#base.gasLimit,
      baseFee: this.#request.validation ? baseFee : 0n,
      prevRandao: ZERO_HASH,
      ...overrides,
    }
    if (block.timestamp <= parent.timestamp) {
      const message = `block timestamps must be in order: ${block.timestamp} after ${parent.timestamp} (block ${at})`
      throw new Refused('block-time', message)
    }
    const results: SimulatedCallResult[] = []
    const loaded = new LoadedCodes()
    const receipts: Receipt[] = []
    let gasUsed = 0n
    for (const [index, call] of calls.entries()) {
      const result = this.#call(call, block, gasUsed, `call ${index} of block ${at}`, loaded)
      gasUsed += result.gasUsed
      const logs = result.logs.filter((log) => !this.#transferLogs.has(log))
      receipts.push({
        type: result.transaction.transaction.type,
        status: result.kind === 'success' ? 1 : 0,
        cumulativeGasUsed: gasUsed,
        logsBloom: logsBloom(logs),
        logs,
      })
      results.push(result)
    }
    keepWarm(this.#state, loaded.all())
    const header: Header = {
      ...this.#base,
      parentHash,
      number: block.number,
      timestamp: block.timestamp,
      miner: block.coinbase,
      gasLimit: block.gasLimit,
      baseFeePerGas: block.baseFee,
      mixHash: block.prevRandao,
      gasUsed,
      stateRoot: this.#state.root(),
      transactionsRoot: orderedTrieRoot(results.map(({ transaction }) => transaction.raw)),
      receiptsRoot: orderedTrieRoot(receipts.map(encodeReceipt)),
      logsBloom: mergeBlooms(receipts.map((receipt) => receipt.logsBloom)),
    }
    const transactions = results.map(({ transaction: { transaction, raw, hash } }) => ({ transaction, raw, hash }))
    const sealed = sealBlock(header, transactions)
    this.#blocks.push({ block: sealed, calls: results })
    this.#parent = { header, hash: sealed.hash }
  }

  #call(
    call: SimulatedCall,
    block: BlockContext,
    gasUsed: bigint,
    which: string,
    loaded: LoadedCodes,
  ): SimulatedCallResult {
    const { validation } = this.#request
    const state = this.#state
    const sender = call.from ?? ZERO_ADDRESS
    const gasLeftInBlock = block.gasLimit - gasUsed
    const wanted = call.gas ?? gasLeftInBlock
    const gasLimit = wanted < this.#gasLeft ? wanted : this.#gasLeft
    const nonce = call.nonce ?? state.nonce(sender)
    const envelope = encodeTransaction(transactionOf(call, this.#config.chainId, nonce, gasLimit))
    const { transaction } = envelope
    const balance = state.balance(sender)
    // Nonces are not judged without validation, as in geth; but an account at the highest creates nothing.
    const isLast = state.nonce(sender) === MAX_NONCE
    const isJudged = validation || (isLast && transaction.to === null)
    const judged = isJudged ? transaction : { ...transaction, nonce: 0n }
    const account = { nonce: isJudged ? state.nonce(sender) : 0n, balance }
    // A call that names no price pays none, whatever the block charges; as geth.
    const baseFee = validation || feeCap(transaction) > 0n ? block.baseFee : 0n
    const error =
      checkWithoutState(judged, block.gasLimit, this.#config.chainId) ??
      checkWithAccount(judged, account, baseFee) ??
      (gasLimit > gasLeftInBlock ? transactionErrors.blockGasExhausted(gasLimit, gasLeftInBlock) : null)
    if (error !== null) throw new Refused(error.code, `${error.message} (${which})`)
    const gasPrice = effectiveGasPrice(transaction, baseFee)
    state.setBalance(sender, balance - gasLimit * gasPrice)
    const { to, value, data } = transaction
    const accessList = transaction.type === 0 ? [] : transaction.accessList
    const message = { from: sender, to, value, data, accessList, gasLimit, gasPrice }
    // After the highest nonce comes 0, as in geth; no state has room for one above it.
    if (isLast) state.setNonce(sender, MAX_NONCE - 1n)
    const applied = applyMessage(state, message, block, this.#config)
    if (isLast) state.setNonce(sender, 0n)
    payOut(state, sender, { ...block, baseFee }, gasPrice, gasLimit, applied.gasUsed)
    state.endTransaction()
    loaded.add(applied.loaded)
    this.#gasLeft -= applied.gasSpent
    const { kind, output, logs } = applied
    this.#count(output.length + logs.reduce((sum, log) => sum + LOG_OVERHEAD_BYTES + log.data.length, 0))
    const { gasUsed: used, gasSpent, message: failure } = applied
    return { kind, output, gasUsed: used, gasSpent, logs, message: failure, transaction: { ...envelope, sender } }
  }

  #count(bytes: number): void {
    this.#bytesLeft -= bytes
    if (this.#bytesLeft >= 0) return
    const { maxBytes } = this.#request
    const message = `response too large: the calls return and log more than ${maxBytes} bytes (half of maxResponseLength); ask for less`
    throw new ChainError('answer-too-large', message)
  }

  readonly #logTransfer = (state: State, from: Uint8Array, to: Uint8Array, value: bigint): void => {
    const word = (address: Uint8Array) => concatBytes(new Uint8Array(12), address)
    const topics = [TRANSFER_TOPIC, word(from), word(to)]
    const log: Log = { address: TRANSFER_LOGGER, topics, data: bigintToBytes(value, 32) }
    this.#transferLogs.add(log)
    state.addLog(log)
  }
}

function transactionOf(call: SimulatedCall, chainId: bigint, nonce: bigint, gasLimit: bigint): Transaction {
  const { gasPrice, accessList = [], maxFeePerGas = 0n, maxPriorityFeePerGas = 0n } = call
  const fields = {
    ...NO_SIGNATURE,
    chainId,
    nonce,
    gasLimit,
    to: call.to ?? null,
    value: call.value ?? 0n,
    data: call.data ?? EMPTY_BYTES,
  }
  if (gasPrice === undefined) return { ...fields, type: 2, maxFeePerGas, maxPriorityFeePerGas, accessList }
  return accessList.length === 0 ? { ...fields, type: 0, gasPrice } : { ...fields, type: 1, gasPrice, accessList }
}
