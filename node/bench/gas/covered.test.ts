/** Whatever has a price of its own is measured, and in the chain that the hardware runs execute again. */
import { expect, it } from 'vitest'
import { findHook, hookNames } from '../../../vm/src/host/vmHooks/hooks.ts'
import { isPrecompile } from '../../src/execution/precompiles/precompileNames.ts'
import { precompileCalls } from '../../test/hardware/precompileCalls.ts'
import { hookImport } from '../../testing/hooks.ts'
import { hookCases } from './hookCases.ts'
import { precompileCases } from './precompileRows.ts'

const precompiles = Array.from({ length: 256 }, (_, last) => last).filter((last) =>
  isPrecompile(new Uint8Array(20).with(19, last)),
)

it('bench:gas has a case of each precompile', () => {
  expect([...new Set(precompileCases().map(({ address }) => address))]).toEqual(precompiles)
})

it('the hardware runs call each precompile', () => {
  expect(Object.keys(precompileCalls).map(Number)).toEqual(precompiles)
})

/**
 * Functions that run another frame or end their own: starts.ts and storage.ts measure frames, and data is read by
 * account_code.
 */
const OF_FRAMES = [
  ...['call_contract', 'delegate_call_contract', 'static_call_contract', 'create1', 'create2'],
  ...['exit_early', 'read_return_data'],
]

it('bench:gas has a case of each host function', () => {
  const measured = hookCases.flatMap(({ hooks }) => hooks)
  expect([...new Set([...measured, ...OF_FRAMES])].sort()).toEqual([...hookNames('vm_hooks')].sort())
})

it('the test kit has the signature of each host function', () => {
  for (const name of hookNames('vm_hooks')) {
    const { params, results } = findHook('vm_hooks', name)!.type
    const parts = [params.length > 0 ? `(param ${params.join(' ')})` : '', ...results.map((type) => `(result ${type})`)]
    expect(hookImport(name)).toBe(`(import "vm_hooks" "${name}" (func $${name} ${parts.filter(Boolean).join(' ')}))`)
  }
})
