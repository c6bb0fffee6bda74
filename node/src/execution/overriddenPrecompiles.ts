/**
 * The effect of a call's overrides on precompiles, as in geth: one whose address is overridden is not there any more, and
 * `movePrecompileTo` puts it at another address, so that code of the caller's can stand in its place and call it.
 */
import { keyOf } from '../codec/bytes.ts'
import { toHex } from '../codec/hex.ts'
import { CallError, type StateOverride } from './call.ts'
import type { ExecutionConfig } from './executionConfig.ts'
import { findPrecompile, type Precompile } from './precompiles/precompiles.ts'

/** @throws CallError for a move of what is no precompile, or to where something else was put. */
export function overridePrecompiles(config: ExecutionConfig, overrides: readonly StateOverride[]): ExecutionConfig {
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

function invalid(message: string): CallError {
  return new CallError(`state override: ${message}`)
}
