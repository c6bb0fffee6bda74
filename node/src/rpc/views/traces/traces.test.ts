/** Traces as other nodes show them, where geth and OpenEthereum have rules of their own. */
import { describe, expect, it } from 'vitest'
import { bigintToBytes } from '../../../codec/bytes.ts'
import { toHex } from '../../../codec/hex.ts'
import type { Step, TracedFrame } from '../../../execution/trace/callTree.ts'
import type { TracedAccount } from '../../../execution/trace/tracedState.ts'
import { boundedHex } from './boundedHex.ts'
import { bareTraces } from './flatTraces.ts'
import { prestateTrace } from './prestateTracer.ts'
import { tracerOf } from './tracers.ts'

const NONE = new Uint8Array(0)
const address = (value: bigint) => bigintToBytes(value, 20)
const word = (value: bigint) => bigintToBytes(value, 32)

function call(to: bigint, ...inner: readonly TracedFrame[]): TracedFrame {
  const steps: Step[] = inner.map((frame) => ({ kind: 'frame', frame }))
  const data = { input: NONE, output: NONE, value: 0n, gas: 9n, gasUsed: 1n, error: null }
  return { kind: 'CALL', from: address(0xaan), to: address(to), ...data, steps }
}

describe('flat traces', () => {
  it('leave out calls of precompiles, and count places without them', () => {
    const traces = bareTraces(call(0xbbn, call(2n), call(0xccn, call(4n)), call(0x64n)), toHex)
    expect(traces.map(({ action, traceAddress, subtraces }) => [action['to'], traceAddress, subtraces])).toEqual([
      [toHex(address(0xbbn)), [], 2],
      [toHex(address(0xccn)), [0], 0],
      [toHex(address(0x64n)), [1], 0],
    ])
    expect(bareTraces(call(2n), toHex).length).toBe(1)
  })
})

describe('prestateTracer in diff mode', () => {
  const account = (...storage: readonly [bigint, bigint][]): TracedAccount => ({
    ...{ address: address(1n << 100n), exists: true, balance: 5n, nonce: 1n, code: NONE },
    storage: storage.map(([key, value]) => [word(key), word(value)] as const),
  })
  const name = toHex(address(1n << 100n))

  it('shows of slots only what is there', () => {
    const state = { before: [account([1n, 0n], [2n, 7n], [3n, 8n])], after: [account([1n, 6n], [2n, 0n], [3n, 8n])] }
    const { pre, post } = prestateTrace(state, { tracers: {}, diffMode: true }, toHex) as Record<
      string,
      Record<string, object>
    >
    expect(pre![name]).toMatchObject({ storage: { [toHex(word(2n))]: toHex(word(7n)) } })
    expect(Object.keys((pre![name] as { storage: object }).storage).length).toBe(1)
    expect(post![name]).toEqual({ storage: { [toHex(word(1n))]: toHex(word(6n)) } })
  })

  it('without storage leaves out accounts of which nothing else changed', () => {
    const state = { before: [account([1n, 0n])], after: [account([1n, 6n])] }
    const config = { tracers: {}, diffMode: true, disableStorage: true }
    expect(prestateTrace(state, config, toHex)).toEqual({ pre: {}, post: {} })
  })
})

describe('the data of an answer', () => {
  const data = { input: new Uint8Array(200), output: new Uint8Array(300) }
  const root: TracedFrame = { ...call(1n << 100n), ...data }
  const place = { block: { hash: word(1n), number: 1n }, transactionHash: null, index: 0 }
  const shown = (name: string, maxResponseLength: number, tracers: Record<string, object> = {}) => {
    const config = { tracers: Object.fromEntries(Object.keys(tracers).map((one) => [one, { tracers: {} }])) }
    return tracerOf(name, config).view({ root, state: null, profile: null }, place, boundedHex({ maxResponseLength }))
  }

  it('is made as long as it fits, whichever tracer shows it', () => {
    for (const name of ['callTracer', 'flatCallTracer', 'wasmTracer']) {
      expect(JSON.stringify(shown(name, 1_000))).toContain(toHex(data.output))
      expect(() => shown(name, 999)).toThrow('more than 999 characters (maxResponseLength)')
    }
  })

  it('is counted once for each tracer of a muxTracer', () => {
    const two = { callTracer: {}, flatCallTracer: {} }
    expect(() => shown('muxTracer', 1_999, two)).toThrow('maxResponseLength')
    expect(Object.keys(shown('muxTracer', 2_000, two) as object)).toEqual(Object.keys(two))
  })
})
