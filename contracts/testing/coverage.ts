/**
 * Coverage of what tests execute, on a chain in the process or on a network: each call and each transaction runs once more
 * with the node's `profileTracer`. TOUCHSTONE_COVERAGE names the folder that it is written to; `devnet coverage` reports.
 */
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Hex, Transport } from 'viem'
import { CoverageData, type ProfiledModule } from '../src/coverageData.ts'

const TRACER = { tracer: 'profileTracer' }
/** JSON-RPC code of what was executed and failed. */
const REVERTED = 3

type Request = (call: { readonly method: string; readonly params?: unknown }, options?: object) => Promise<unknown>

let files = 0

export interface Covered {
  readonly transport: Transport
  /** Writes what was executed. */
  close(): Promise<void>
}

export function covered(transport: Transport, folder: string): Covered {
  const data = new CoverageData()
  /** Sent, and not yet seen in a block. */
  const sent = new Set<Hex>()
  let bare: Request | null = null
  const profile = async (method: string, params: readonly unknown[]): Promise<void> => {
    try {
      const { contracts } = (await bare!({ method, params })) as { readonly contracts: readonly ProfiledModule[] }
      for (const contract of contracts) data.add(contract)
    } catch (error) {
      if (codeOf(error) === null) throw error
      data.missed++
    }
  }
  const profileCall = ([transaction, block = 'latest', stateOverrides]: readonly unknown[]) =>
    profile('debug_traceCall', [transaction, block, { ...TRACER, ...(stateOverrides ? { stateOverrides } : {}) }])
  const request: Request = async (call, options) => {
    const { method } = call
    const params = (call.params ?? []) as readonly unknown[]
    const isCall = method === 'eth_call' || method === 'eth_estimateGas'
    let result: unknown
    try {
      result = await bare!(call, options)
    } catch (error) {
      if (isCall && codeOf(error) === REVERTED) await profileCall(params)
      throw error
    }
    if (method === 'eth_call') await profileCall(params)
    else if (method === 'eth_sendTransaction' || method === 'eth_sendRawTransaction') sent.add(result as Hex)
    else if (method === 'eth_getTransactionReceipt' && result !== null && sent.delete(params[0] as Hex))
      await profile('debug_traceTransaction', [params[0], TRACER])
    return result
  }
  return {
    transport: (config) => {
      const inner = transport(config)
      bare ??= inner.request as Request
      return { ...inner, request: request as typeof inner.request }
    },
    async close() {
      for (const hash of sent) await request({ method: 'eth_getTransactionReceipt', params: [hash] })
      mkdirSync(folder, { recursive: true })
      // Runs write beside each other: a report is of all that are there.
      writeFileSync(join(folder, `${process.pid}-${Date.now()}-${files++}.raw.json`), data.toJson())
    },
  }
}

/** Of an error of JSON-RPC, however a transport has wrapped it; null for any other. */
function codeOf(error: unknown): number | null {
  for (let cause = error; cause instanceof Error; cause = cause.cause) {
    if ('code' in cause && typeof cause.code === 'number') return cause.code
  }
  return null
}
