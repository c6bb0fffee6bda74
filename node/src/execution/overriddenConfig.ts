/**
 * The effect of a call's overrides beside its state. On precompiles, as in geth: one whose address is overridden is not
 * there any more, and `movePrecompileTo` puts it at another address, so that code of the caller's can stand in its
 * place and call it. And on warm codes: a caller that says which they are pays for every load as for a cold one, since
 * nobody has paid for compiling them.
 */
import { equalBytes, keyOf } from '../codec/bytes.ts'
import { toHex } from '../codec/hex.ts'
import { isZeroWord } from '../state/accountEntry.ts'
import { CallError, type StateOverride } from './call.ts'
import type { ExecutionConfig } from './executionConfig.ts'
import { ARB_WASM_CACHE_ADDRESS } from './native/arbitrum/addresses.ts'
import { findPrecompile, type Precompile } from './precompiles/precompiles.ts'

/** @throws CallError for a move of what is no precompile, or to where something else was put. */
export function overrideConfig(given: ExecutionConfig, overrides: readonly StateOverride[]): ExecutionConfig {
  const config = overrides.some(saysWhatIsWarm) ? { ...given, loadsCold: true } : given
  const precompileAt = config.precompileAt ?? findPrecompile
  const moved = new Map<string, Precompile | undefined>()
  for (const { address } of overrides) if (precompileAt(address) !== undefined) moved.set(keyOf(address), undefined)
  const overridden = new Set(overrides.map(({ address }) => keyOf(address)))
  for (const { address, movePrecompileTo: to } of overrides) {
    if (to === undefined) continue
    const precompile = precompileAt(address)
    if (precompile === undefined) throw invalid(`account ${toHex(address)} is not a precompile`)
    if (overridden.has(keyOf(to))) throw invalid(`account ${toHex(to)} has already been overridden`)
    overridden.add(keyOf(to))
    moved.set(keyOf(to), precompile)
  }
  if (moved.size === 0) return config
  return {
    ...config,
    precompileAt(address) {
      const key = keyOf(address)
      return moved.has(key) ? moved.get(key) : precompileAt(address)
    },
  }
}

/** That nothing is, anybody may say. */
function saysWhatIsWarm({ address, state = [], stateDiff = [] }: StateOverride): boolean {
  return equalBytes(address, ARB_WASM_CACHE_ADDRESS) && [...state, ...stateDiff].some(([, value]) => !isZeroWord(value))
}

function invalid(message: string): CallError {
  return new CallError(`state override: ${message}`)
}
