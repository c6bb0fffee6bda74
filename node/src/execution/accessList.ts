/** eth_createAccessList: what a message touches, as the access list with which it then runs (EIP-2930). */
import { keyOf } from '../codec/bytes.ts'
import { ForwardedState } from '../state/forwardedState.ts'
import type { State } from '../state/state.ts'
import type { AccessListEntry } from '../types/transaction.ts'
import { applyMessage } from './applyMessage.ts'
import type { AccessListOutcome, CallMessage, StateOverride } from './call.ts'
import { defaultGasCap, gasNote, prepareCall, undone } from './callMessage.ts'
import type { BlockContext } from './contractHost.ts'
import type { ExecutionConfig } from './executionConfig.ts'
import { ACCESS_LIST_GAS_FACTOR, MAX_ACCESS_LIST_RUNS } from './limits.ts'
import { overrideConfig } from './overriddenConfig.ts'

/**
 * Runs the message until it touches nothing that its list has not: the list changes what gas is left, and so may change the
 * way it takes. Lists only grow, and all runs together spend at most {@link ACCESS_LIST_GAS_FACTOR} times `gasCap`; at
 * that bound the answer is the list of the last run, with what that run used. Accounts touched in a call that is undone
 * count too. Accounts that are warm for nothing (sender, recipient, coinbase, a created contract, precompiles) are
 * listed only with slots.
 * @throws CallError as `callMessage`.
 */
export function createAccessList(
  state: State,
  message: CallMessage,
  block: BlockContext,
  config: ExecutionConfig,
  overrides: readonly StateOverride[],
  gasCap: bigint = defaultGasCap(block),
): AccessListOutcome {
  const runConfig = overrideConfig(config, overrides)
  let left = ACCESS_LIST_GAS_FACTOR * gasCap
  let accessList = message.accessList ?? []
  for (let run = 1; ; run++) {
    const { touched, outcome, spent } = undone(state, overrides, (overridden) => {
      const recording = new RecordingState(overridden)
      const asked = { ...message, accessList }
      const outer = prepareCall(recording, asked, block, gasCap)
      const applied = applyMessage(recording, outer, block, runConfig)
      const note = gasNote(asked, outer, block, gasCap)
      const free = [outer.from, block.coinbase, outer.to ?? applied.contractAddress]
      const failure = applied.message === null ? null : applied.message + (applied.kind === 'failure' ? note : '')
      return {
        touched: recording.touched(free),
        outcome: { gasUsed: applied.gasUsed, failure },
        spent: applied.gasSpent,
      }
    })
    left -= spent
    const isSame = textOf(touched) === textOf(accessList)
    if (isSame || run >= MAX_ACCESS_LIST_RUNS || spent > left) return { ...outcome, accessList }
    accessList = touched
  }
}

/** A run warms its list in the list's order before anything else, so that equal ones have one text. */
function textOf(list: readonly AccessListEntry[]): string {
  return list.map(({ address, storageKeys }) => `${keyOf(address)}:${storageKeys.map(keyOf).join(',')}`).join(';')
}

/** Remembers what was warmed, also where that is undone. */
class RecordingState extends ForwardedState {
  readonly #addresses = new Map<string, { readonly address: Uint8Array; readonly slots: Map<string, Uint8Array> }>()

  override warmAddress(address: Uint8Array): boolean {
    this.#entry(address)
    return super.warmAddress(address)
  }

  override warmSlot(address: Uint8Array, key: Uint8Array): boolean {
    this.#entry(address).slots.set(keyOf(key), key.slice())
    return super.warmSlot(address, key)
  }

  /** In the order in which it was touched. */
  touched(free: readonly (Uint8Array | null)[]): readonly AccessListEntry[] {
    const unlisted = new Set(free.map((address) => (address === null ? '' : keyOf(address))))
    return [...this.#addresses]
      .filter(([key, { slots }]) => slots.size > 0 || !unlisted.has(key))
      .map(([, { address, slots }]) => ({ address, storageKeys: [...slots.values()] }))
  }

  #entry(address: Uint8Array) {
    const key = keyOf(address)
    const entry = this.#addresses.get(key) ?? { address: address.slice(), slots: new Map<string, Uint8Array>() }
    this.#addresses.set(key, entry)
    return entry
  }
}
