/** The prices that `devnet inspect` shows are those that the node's state transition takes. */
import { codeOf, initCodeOf, inspectModule } from '@touchstone/contracts'
import { watToWasm } from '@touchstone/node/testing/modules'
import { bytesToHex } from 'viem'
import { expect, it } from 'vitest'
import { TestChain } from '../../../contracts/test/testChain.ts'
import { modulePrices } from './modulePrices.ts'

const few = (i: number): string => `(func $f${i} (result i32) (i32.const ${i}))`
/** A property that its length does not tell. */
const dense = (i: number): string => `(func $f${i} (local ${'i64 '.repeat(500)}) ${'(loop) (block)'.repeat(300)})`

it.each([
  [1, few],
  [300, few],
  [1, dense],
])('what deploying and calling a module of %s functions costs', async (functions, text) => {
  const body = Array.from({ length: functions }, (_, i) => text(i)).join('\n')
  const source = `(module (import "vm_hooks" "msg_reentrant" (func (result i32))) (memory (export "memory") 1) ${body}
    (func (export "user_entrypoint") (param i32) (result i32) (i32.const 0)))`
  const wasm = watToWasm(source)
  const stored = codeOf(wasm)
  const initCode = initCodeOf(stored, 'store')
  const file = { wasm, stored, initCode, contractName: null, source: 'init code', remark: null } as const
  const prices = modulePrices(file, inspectModule(wasm))
  const chain = new TestChain()
  const deployed = chain.send(null, bytesToHex(initCode))
  expect([deployed.kind, deployed.message]).toEqual(['success', null])
  expect(prices?.deploying).toBe(deployed.gasUsed)
  const called = chain.send(deployed.contractAddress, '0x')
  expect(called.kind).toBe('success')
  const { transaction, loading, starting } = prices!.calling
  // Two instructions and a host function's worth of ink, rounded up.
  expect(called.gasUsed - (transaction + loading + starting)).toBeLessThan(5n)
  expect(called.gasUsed - (transaction + loading + starting)).toBeGreaterThanOrEqual(0n)
})
