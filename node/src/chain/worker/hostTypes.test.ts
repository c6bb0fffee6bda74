/** The function types that threads may give V8 are counted for the process, and each kind of thread has its part. */
import { Worker } from 'node:worker_threads'
import { expect, test } from 'vitest'
import { watToWasm } from '../../../testing/modules.ts'
import { MAX_CALL_HOST_TYPES, MAX_CHAIN_HOST_TYPES } from '../limits.ts'
import type { TypedWorkerStart } from '../testing/typedWorker.ts'
import { nearlyUsedUp, shareHostTypes } from './hostTypes.ts'

const module = watToWasm(`(module (memory (export "memory") 1) (func (param ${'i64 '.repeat(20)}))
  (func (export "user_entrypoint") (param i32) (result i32) (i32.const 42)))`)

test('threads that are started later count at one place', async () => {
  const counts = shareHostTypes()
  expect(shareHostTypes()).toBe(counts)
  const before = [...counts]
  for (const user of ['chain', 'calls', 'calls'] as const) {
    const start: TypedWorkerStart = { user, module }
    const worker = new Worker(new URL('../testing/typedWorker.ts', import.meta.url), { workerData: start })
    const outcome = await new Promise((resolve, reject) => {
      worker.once('message', resolve)
      worker.once('error', reject)
    })
    expect(outcome).toMatchObject({ kind: 'return', values: [42] })
    await worker.terminate()
  }
  // One function of 20 parameters.
  const [chain, calls] = [...counts].map((count, i) => count - before[i]!) as [number, number]
  expect(chain).toBeGreaterThan(0)
  expect(calls).toBe(2 * chain)
})

test('it is told when little is left', () => {
  expect(nearlyUsedUp(Int32Array.of(MAX_CHAIN_HOST_TYPES / 2, MAX_CALL_HOST_TYPES / 2))).toEqual([])
  expect(nearlyUsedUp(Int32Array.of(MAX_CHAIN_HOST_TYPES, 0))).toEqual(['chain'])
  expect(nearlyUsedUp(Int32Array.of(0, MAX_CALL_HOST_TYPES))).toEqual(['calls'])
})
