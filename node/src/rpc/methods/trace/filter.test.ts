/** trace_filter over a chain whose blocks hold many frames. */
import { expect, it } from 'vitest'
import type { Step, TracedFrame } from '../../../execution/trace/callTree.ts'
import { DEFAULT_RPC_LIMITS, MAX_TRACES } from '../../limits.ts'
import type { RpcContext } from '../../reading/context.ts'
import { filter } from './filter.ts'

const NONE = new Uint8Array(0)
const ADDRESS = new Uint8Array(20)
const FRAME = { kind: 'CALL', from: ADDRESS, to: ADDRESS, value: 0n, gas: 1n, gasUsed: 1n, error: null } as const

/** Two blocks, each of one transaction with so many calls. The client goes after so many blocks. */
function context(calls: number, data: Uint8Array, blocks = Infinity) {
  const steps: Step[] = Array.from({ length: calls - 1 }, () => {
    const frame: TracedFrame = { ...FRAME, input: data, output: NONE, steps: [] }
    return { kind: 'frame', frame }
  })
  const root: TracedFrame = { ...FRAME, input: NONE, output: NONE, steps }
  let traced = 0
  const chain = {
    head: () => ({ header: { number: 2n } }),
    traceBlock: async (_: unknown, { number }: { readonly number: bigint }) => {
      traced++
      return { header: { number }, hash: NONE, traces: [{ root, state: null, index: 0, transaction: { hash: NONE } }] }
    },
  }
  const caller = { kind: 'program', name: 'test' }
  const isOver = () => traced >= blocks
  return { backend: { chain }, caller, limits: DEFAULT_RPC_LIMITS, isOver } as unknown as RpcContext
}

/** `undefined` counts as left out. */
const ask = async (at: RpcContext, after: number, count?: number) => filter.call(at, [{ after, count }])

it('gives what is asked for of however many match, and keeps nothing that is skipped', async () => {
  const many = context(MAX_TRACES + 1, NONE)
  expect(await ask(many, 0, 3)).toHaveLength(3)
  expect(await ask(many, 2 * MAX_TRACES, 5)).toHaveLength(2)
  await expect(ask(many, 0)).rejects.toThrow(`more than ${MAX_TRACES} traces match`)
})

it('gives no more than an answer may have', async () => {
  await expect(ask(context(400, new Uint8Array(65_536)), 0)).rejects.toThrow('maxResponseLength')
})

it('ends when nobody gets its answer any more', async () => {
  await expect(ask(context(1, NONE, 1), 0)).rejects.toThrow('came to block 2')
})
