/**
 * A state with the overrides of eth_call applied (geth's "state override set"). Balance, nonce, code and single slots
 * are plain writes. Replacing an account's whole storage is done by sending its storage to an address nobody uses: what
 * it had is then out of sight, and the journal undoes writes there as anywhere.
 */

import { concatBytes, EMPTY_BYTES, equalBytes, keyOf } from '../codec/bytes.ts'
import { keccak256 } from '../crypto/keccak.ts'
import { ForwardedState } from '../state/forwardedState.ts'
import type { State } from '../state/state.ts'
import { CallError, type StateOverride } from './call.ts'
import { MAX_NONCE } from './limits.ts'
import { REGISTRY_ADDRESS } from './validatorRegistry/registryInterface.ts'

const SHADOW_PREFIX = new TextEncoder().encode('touchstone/storage override/')

/**
 * Writes the overrides into `state`; the caller reverts. The caller must use the returned state in its place.
 * @throws CallError for values no account can have.
 */
export function overrideState(state: State, overrides: readonly StateOverride[]): State {
  const shadows = new Map<string, Uint8Array>()
  const originals = new Map<string, Uint8Array>()
  for (const { address, balance, nonce, code, state: storage, stateDiff } of overrides) {
    if (address.length !== 20) throw invalid(`an address of ${address.length} bytes`)
    if (balance !== undefined && balance >> 256n !== 0n) throw invalid('a balance over 2^256 - 1')
    if (nonce !== undefined && nonce > MAX_NONCE) throw invalid('a nonce over 2^64 - 1')
    // Read as the chain has written it, which nobody else can: anything else is taken for damage, and no result.
    if ((storage ?? stateDiff) !== undefined && equalBytes(address, REGISTRY_ADDRESS)) {
      throw invalid("storage of the validator registry, which is the chain's own")
    }
    if (balance !== undefined) state.setBalance(address, balance)
    if (nonce !== undefined) state.setNonce(address, nonce)
    if (code !== undefined) state.setCode(address, code)
    let home = address
    if (storage !== undefined) {
      home = keccak256(concatBytes(SHADOW_PREFIX, address)).slice(12)
      shadows.set(keyOf(address), home)
    }
    for (const [key, value] of [...(storage ?? []), ...(stateDiff ?? [])]) {
      if (key.length !== 32 || value.length !== 32) throw invalid('a slot or value that is not 32 bytes long')
      state.setStorage(home, key, value)
      originals.set(keyOf(home) + keyOf(key), value)
    }
  }
  if (originals.size === 0 && shadows.size === 0) return state
  return new OverriddenState(state, shadows, originals)
}

/**
 * Writes the overrides into `state` for good, between transactions: for a state that is thrown away, on which
 * transactions run.
 * @throws CallError as {@link overrideState}.
 */
export function replaceInState(state: State, overrides: readonly StateOverride[]): void {
  for (const { address, state: storage } of overrides) if (storage !== undefined) clearStorage(state, address)
  // Nothing is out of sight any more, so that slots are written where they are.
  overrideState(
    state,
    overrides.map(({ state: storage = [], stateDiff = [], ...rest }) => ({
      ...rest,
      stateDiff: [...storage, ...stateDiff],
    })),
  )
  state.endTransaction()
}

/** An account that is empty at the end of a transaction loses its storage (EIP-161); then it gets the rest back. */
function clearStorage(state: State, address: Uint8Array): void {
  const [balance, nonce, code] = [state.balance(address), state.nonce(address), state.code(address)]
  state.setBalance(address, 0n)
  state.setNonce(address, 0n)
  state.setCode(address, EMPTY_BYTES)
  state.endTransaction()
  state.setBalance(address, balance)
  state.setNonce(address, nonce)
  state.setCode(address, code)
}

function invalid(what: string): CallError {
  return new CallError(`state override with ${what}`)
}

class OverriddenState extends ForwardedState {
  readonly #shadows: ReadonlyMap<string, Uint8Array>
  /** By address and key: an override counts as the value at the start of the transaction. */
  readonly #originals: ReadonlyMap<string, Uint8Array>

  constructor(state: State, shadows: ReadonlyMap<string, Uint8Array>, originals: ReadonlyMap<string, Uint8Array>) {
    super(state)
    this.#shadows = shadows
    this.#originals = originals
  }

  #home(address: Uint8Array): Uint8Array {
    return this.#shadows.get(keyOf(address)) ?? address
  }

  override storage(address: Uint8Array, key: Uint8Array): Uint8Array {
    return super.storage(this.#home(address), key)
  }
  override originalStorage(address: Uint8Array, key: Uint8Array): Uint8Array {
    const home = this.#home(address)
    return this.#originals.get(keyOf(home) + keyOf(key)) ?? super.originalStorage(home, key)
  }
  override setStorage(address: Uint8Array, key: Uint8Array, value: Uint8Array): void {
    super.setStorage(this.#home(address), key, value)
  }
  override hasStorage(address: Uint8Array): boolean {
    return super.hasStorage(this.#home(address))
  }
  override endTransaction(): void {
    throw new Error('a state with overrides is for calls, which end no transaction')
  }
  override root(): Uint8Array {
    throw new Error('a state with overrides has no root')
  }
}
