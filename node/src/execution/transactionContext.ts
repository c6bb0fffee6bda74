/** The state that all frames of one transaction share. */
import { EMPTY_BYTES, equalBytes, keyOf } from '../codec/bytes.ts'
import type { State } from '../state/state.ts'
import type { BlockContext } from './contractHost.ts'
import type { Creation } from './creation.ts'
import type { ExecutionConfig } from './executionConfig.ts'
import { CODE_READ_WORD_GAS, COLD_ACCOUNT_GAS, LOAD_ALLOWANCE, WARM_ACCESS_GAS } from './fees.ts'
import { MAX_DEBUG_TEXT } from './limits.ts'
import type { Message } from './message.ts'
import { isPrecompile } from './precompiles/precompileNames.ts'
import type { LoadedCode } from './warmCodes.ts'

/** The functions by which a frame starts further frames; handed in, because those import the frame's environment. */
export interface FrameRunner {
  readonly runMessage: (context: TransactionContext, message: Message) => MessageResult
  readonly createContract: (context: TransactionContext, creation: Creation) => MessageResult
}

export interface TransactionContext {
  readonly runner: FrameRunner
  readonly state: State
  readonly block: BlockContext
  readonly config: ExecutionConfig
  readonly origin: Uint8Array
  /** Effective, wei per gas. */
  readonly gasPrice: bigint
  /** Memory pages held by all frames together; the contract ABI counts and prices them. */
  readonly pages: { open: number; ever: number; held: number }
  /** How many open frames act for an account, delegate calls not counted: whether a call re-enters. */
  readonly acting: Map<string, number>
  /** The codes that were loaded and paid for, by their keys in hex; kept when frames are undone, as the work was done. */
  readonly loaded: Map<string, LoadedCode>
  /** Gas of loading that the transaction's own price still pays (fees.ts); it stays used, as `loaded` stays. */
  loadAllowance: bigint
  /**
   * By how much less gas all would be the same but for what is left, as far as it does not run out: for estimates. Null
   * where that is not known: other frames started, a contract asked what is left, or no contract's own code ran.
   */
  spareGas: bigint | null
  /** Characters contracts may still print. */
  debugLeft: number
  /** Nested calls and creations that ran and did not succeed, for estimates: a caller may have made do without them. */
  innerFailures: number
  /** The failure of the last nested frame that failed, for people: a caller sees only that it failed. */
  innerFailure: string | null
  /** The nested frame whose revert the open frame saw last and may pass on, for people. */
  innerRevert: InnerRevert | null
}

export interface InnerRevert {
  /** Of the message that came from outside: nobody passes it on. */
  readonly isOutermost: boolean
  /** 20 bytes: whose code reverted. */
  readonly address: Uint8Array
  readonly output: Uint8Array
  /** Wei that came with the call. */
  readonly value: bigint
}

export function newTransactionContext(
  runner: FrameRunner,
  state: State,
  block: BlockContext,
  config: ExecutionConfig,
  origin: Uint8Array,
  gasPrice: bigint,
): TransactionContext {
  return {
    runner,
    state,
    block,
    config,
    origin,
    gasPrice,
    pages: { open: 0, ever: 0, held: 0 },
    acting: new Map(),
    loaded: new Map(),
    loadAllowance: LOAD_ALLOWANCE,
    spareGas: null,
    debugLeft: MAX_DEBUG_TEXT,
    innerFailures: 0,
    innerFailure: null,
    innerRevert: null,
  }
}

/**
 * At the end of a frame, which began with no `innerRevert`: keeps the one it passes on, or may have reverted over without
 * a word, else names the frame itself. The failure seen `before` stays when the frame did not revert.
 */
export function noteRevert(
  context: TransactionContext,
  frame: Omit<InnerRevert, 'output'>,
  result: MessageResult,
  before: InnerRevert | null,
): void {
  if (result.kind !== 'revert') {
    context.innerRevert = before
    return
  }
  const { output } = result
  const inner = context.innerRevert
  if (inner !== null && (output.length === 0 || equalBytes(inner.output, output))) return
  context.innerRevert = { ...frame, output }
}

/** How a call or a creation ended, inside and out. Gas left is what goes back to who gave it. */
export type MessageResult =
  | { readonly kind: 'success'; readonly output: Uint8Array; readonly gasLeft: bigint }
  | { readonly kind: 'revert'; readonly output: Uint8Array; readonly gasLeft: bigint }
  /** All gas is burnt. `reason` is a sentence for people. */
  | { readonly kind: 'failure'; readonly output: Uint8Array; readonly gasLeft: 0n; readonly reason: string }

export function failure(reason: string): MessageResult {
  return { kind: 'failure', output: EMPTY_BYTES, gasLeft: 0n, reason }
}

/** EIP-2929: the price of touching an account, which is warm afterwards. Precompiles are always warm. */
export function accessAccount(state: State, address: Uint8Array): bigint {
  if (isPrecompile(address)) return WARM_ACCESS_GAS
  return state.warmAddress(address) ? COLD_ACCOUNT_GAS : WARM_ACCESS_GAS
}

/** As {@link accessAccount}, when the account's code is fetched. */
export function accessCode({ state, config }: TransactionContext, address: Uint8Array, code: Uint8Array): bigint {
  const access = accessAccount(state, address)
  return access + codeReadGas(config.schedule, access, code)
}

/**
 * Gas for reading a code besides the access to its account, by the price of that access: code of a warm account was
 * read already. In schedule `stylus` nothing, as on Arbitrum, whose codes are at most 24 576 bytes.
 */
export function codeReadGas(schedule: string, access: bigint, code: Uint8Array): bigint {
  if (schedule === 'stylus' || access <= WARM_ACCESS_GAS) return 0n
  return CODE_READ_WORD_GAS * BigInt(Math.ceil(code.length / 32))
}

/** @throws RangeError when the sender has less: the caller checks first. */
export function transfer({ state, config }: TransactionContext, from: Uint8Array, to: Uint8Array, value: bigint): void {
  if (value === 0n) return
  const balance = state.balance(from)
  if (balance < value) throw new RangeError(`transfer of ${value} from a balance of ${balance}`)
  state.setBalance(from, balance - value)
  credit(state, to, value)
  config.onTransfer?.(state, from, to, value)
}

/**
 * Adds to a balance, modulo 2^256 as in the EVM: no supply comes near, but a genesis or an override of eth_call may set
 * balances that do.
 */
export function credit(state: State, address: Uint8Array, value: bigint): void {
  state.setBalance(address, BigInt.asUintN(256, state.balance(address) + value))
}

/** Runs `body` as an open frame acting for `account`. */
export function whileActing<T>(context: TransactionContext, account: Uint8Array, body: () => T): T {
  const key = keyOf(account)
  const before = context.acting.get(key) ?? 0
  context.acting.set(key, before + 1)
  try {
    return body()
  } finally {
    if (before === 0) context.acting.delete(key)
    else context.acting.set(key, before)
  }
}
