/**
 * Started with flags of V8: runs the contract of deepContract.ts in a thread with the stack of the execution worker, and
 * sends what each call ends with.
 */

import { isMainThread, parentPort, Worker } from 'node:worker_threads'
import { WORKER_STACK_MB } from '../../src/chain/worker/executionThread.ts'
import { callMessage } from '../../src/execution/callMessage.ts'
import type { EngineName } from '../../src/execution/executionConfig.ts'
import { createProgramCache } from '../../src/execution/programCache.ts'
import { ALICE, address, newWorld } from '../../src/execution/testing/puppet.ts'
import { installCrypto } from '../../src/runtime/installCrypto.ts'
import { packCode } from '../../testing/modules.ts'
import { deepCall, deepContract } from './deepContract.ts'

export interface DeepQuestion {
  readonly engine: EngineName
  readonly terms: number
  /** Levels and depth of each call; their results come back. */
  readonly calls: readonly (readonly [number, number])[]
  /** Calls made before those. */
  readonly warmUp: number
}

const GAS = 25_000_000n

if (isMainThread) {
  const worker = new Worker(new URL(import.meta.url), { resourceLimits: { stackSizeMb: WORKER_STACK_MB } })
  process.on('message', (question) => worker.postMessage(question))
  worker.on('message', (answer) => process.send?.(answer, () => process.exit(0)))
  worker.on('error', (error) => {
    console.error(error)
    process.exit(1)
  })
} else {
  await installCrypto()
  parentPort?.on('message', (question: DeepQuestion) => parentPort?.postMessage(answers(question)))
}

function answers({ engine, terms, calls, warmUp }: DeepQuestion): string[] {
  const world = newWorld()
  const at = world.place(address(0xdee9n), packCode(deepContract(terms)))
  const config = { ...world.config, engine, programs: createProgramCache() }
  const run = (levels: number, depth: number): string => {
    const message = { from: ALICE, to: at, data: deepCall(levels, depth), value: 0n, gas: GAS }
    try {
      const outcome = callMessage(world.state, message, world.block, config, [])
      const logs = outcome.kind === 'success' ? outcome.logs.map(({ data }) => Buffer.from(data).toString('hex')) : []
      // Where it failed is for people, and need not be the same.
      const why = outcome.kind === 'success' ? '' : outcome.message.split(',')[0]
      return `${outcome.kind} ${outcome.gasUsed} [${logs.join(' ')}] ${why}`
    } catch (error) {
      return `thrown: ${error instanceof Error ? `${error.name}: ${error.message}` : String(error)}`
    }
  }
  for (let i = 0; i < warmUp; i++) run(0, 10)
  return calls.map(([levels, depth]) => run(levels, depth))
}
