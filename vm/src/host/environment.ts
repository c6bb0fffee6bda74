/**
 * The requests of a contract to the chain it runs on, whatever its ABI: the second of the three seams.
 *
 * The chain (node/src/execution) implements this interface once; each ABI (one folder under vm/src/host) binds its
 * imports to it. Every operation that has a price in Ethereum's schedule performs the work, marks what it touched as
 * warm (EIP-2929) and returns its price in gas; the ABI charges that price to the frame. A frame that cannot pay
 * fails, and the chain's journal rolls back everything the frame did, so charging after the work changes no outcome.
 *
 * Encodings: addresses are 20 raw bytes, words 32 bytes big-endian, amounts of wei and gas are `bigint`.
 * Every `Uint8Array` returned is owned by the receiver of the call unless stated otherwise.
 */

/** Values fixed for the block a frame runs in. */
export interface BlockContext {
  readonly number: bigint
  /** Seconds since the Unix epoch. */
  readonly timestamp: bigint
  /** 20 bytes: who receives the priority fee. */
  readonly coinbase: Uint8Array
  readonly gasLimit: bigint
  /** Wei per gas. */
  readonly baseFee: bigint
  /** 32 bytes: the header's mixHash, or what a caller of eth_call put in its place. No contract ABI shows it. */
  readonly prevRandao: Uint8Array
}

/** Values fixed for one call frame. */
export interface FrameContext {
  /** The account whose storage and balance the frame acts on. */
  readonly self: Uint8Array
  /** The account whose code runs; differs from `self` in a delegate call. */
  readonly codeAddress: Uint8Array
  readonly caller: Uint8Array
  /** The sender of the transaction. */
  readonly origin: Uint8Array
  /** Wei sent with the call. */
  readonly value: bigint
  readonly input: Uint8Array
  /** True inside a static call: every state change is refused. */
  readonly isStatic: boolean
  /** 0 for the frame a transaction starts. */
  readonly depth: number
  /** True when an outer frame of the same transaction already runs on behalf of `self`. */
  readonly reentrant: boolean
  /** Effective wei per gas of the transaction. */
  readonly gasPrice: bigint
  readonly chainId: bigint
  readonly block: BlockContext
}

export type CallKind = 'call' | 'delegatecall' | 'staticcall'

export interface CallRequest {
  readonly kind: CallKind
  readonly address: Uint8Array
  /** Must be 0 for delegate and static calls. */
  readonly value: bigint
  readonly input: Uint8Array
  /** Gas the contract wants to pass on; the chain caps it by the 63/64 rule (EIP-150). */
  readonly gasRequested: bigint
  /** Gas the calling frame has left now. */
  readonly gasLeft: bigint
}

export interface CallResult {
  readonly success: boolean
  /** Return data, or revert data when `success` is false. */
  readonly output: Uint8Array
  /** The gas that the calling frame pays in all: access, value transfer, and the callee's use. At most `gasLeft`. */
  readonly gasUsed: bigint
}

export interface CreateRequest {
  /** The data of a creation transaction. */
  readonly code: Uint8Array
  readonly value: bigint
  /** 32 bytes for CREATE2, null for CREATE. */
  readonly salt: Uint8Array | null
  readonly gasLeft: bigint
}

export interface CreateResult {
  /** The new account's 20 bytes, or null when creation failed. */
  readonly address: Uint8Array | null
  /** Revert data of the constructor; empty on success and on any failure that is not a revert. */
  readonly output: Uint8Array
  readonly gasUsed: bigint
}

/** A read together with its EIP-2929 price in gas. */
export interface Priced<T> {
  readonly value: T
  readonly gas: bigint
}

/** Why the chain refused an operation. Each fails the frame that asked. */
export type EnvironmentErrorCode =
  /** A state change inside a static call. */
  | 'write-protection'
  /** The frame cannot pay the fixed part of a call, a creation or a store (EIP-2200's 2300 sentry). */
  | 'out-of-gas'
  /** The ABI passed a request the interface does not allow (a bug in the ABI). */
  | 'bad-request'

export class EnvironmentError extends Error {
  override readonly name = 'EnvironmentError'
  readonly code: EnvironmentErrorCode
  constructor(code: EnvironmentErrorCode, message: string) {
    super(message)
    this.code = code
  }
}

/** One per call frame. All state changes are journalled by the chain and undone when the frame fails or reverts. */
export interface Environment {
  readonly frame: FrameContext
  /**
   * Memory pages held by the frames of the transaction together, shared by all of them and changed by the ABI. Absent:
   * the frame counts alone.
   */
  readonly pages?: { open: number; ever: number; held: number }

  /**
   * Told each time that the gas of a frame counts otherwise than by being paid: how much more than was needed it had, or
   * null where the contract got to know how much it has. Not told of requests that name what is left (`gasLeft`).
   */
  gasLooked?(spare: bigint | null): void

  /** Reads a slot of `self`; 2100 gas cold, 100 warm. */
  storageLoad(key: Uint8Array): Priced<Uint8Array>
  /**
   * Writes a slot of `self`, priced by EIP-2200, 2929 and 3529; refunds are booked by the chain.
   * @throws EnvironmentError `write-protection`; `out-of-gas` when `gasLeft` is not above 2300.
   */
  storageStore(key: Uint8Array, value: Uint8Array, gasLeft: bigint): { readonly gas: bigint }
  /** EIP-1153; 100 gas. */
  transientLoad(key: Uint8Array): Priced<Uint8Array>
  /** EIP-1153; 100 gas. @throws EnvironmentError `write-protection`. */
  transientStore(key: Uint8Array, value: Uint8Array): { readonly gas: bigint }

  balance(address: Uint8Array): Priced<bigint>
  /** The account's code as stored (with its prefix); empty for an account without code. Not to be written to. */
  code(address: Uint8Array): Priced<Uint8Array>
  codeSize(address: Uint8Array): Priced<number>
  /** keccak256 of the code; 32 zero bytes for an account that does not exist or is empty (EIP-1052). */
  codeHash(address: Uint8Array): Priced<Uint8Array>

  /** Runs another contract to its end. @throws EnvironmentError. */
  call(request: CallRequest): CallResult
  /** Creates a contract. @throws EnvironmentError. */
  create(request: CreateRequest): CreateResult

  /** At most 4 topics of 32 bytes. Price: 375 + 375 per topic + 8 per data byte. @throws EnvironmentError. */
  emitLog(topics: readonly Uint8Array[], data: Uint8Array): { readonly gas: bigint }

  /** No price of its own; the ABI's schedule has one. */
  keccak256(data: Uint8Array): Uint8Array
  /**
   * Characters that {@link debug} would still show of what is printed now; 0 when it shows nothing. No part of consensus.
   */
  readonly debugRoom: number
  /** Text a contract prints while it is developed. Never part of consensus; the chain bounds and keeps or drops it. */
  debug(text: string): void
}
