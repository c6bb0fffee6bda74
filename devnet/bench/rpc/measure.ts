/** Starts one server, has the load program ask and send, and gives what that took. */
import { type ChildProcess, fork } from 'node:child_process'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { encodeFunctionData, type Hex } from 'viem'
import { type RpcClient, rpcClient } from './jsonRpc.ts'
import type { LoadResult, LoadTask } from './loadTask.ts'
import { usageOfTree } from './processTree.ts'
import { type Subject, start } from './subjects.ts'
import { OWNER, prepare, TOKEN_ABI, transferData } from './world.ts'

const LOAD = fileURLToPath(new URL('load.ts', import.meta.url))
const START_TIMEOUT_MS = 60_000
const START_POLL_MS = 2
/** Before what idles is looked at. */
const IDLE_MS = 2_000
export interface Sizes {
  readonly transactions: number
  readonly senders: number
  /** One at a time, of each kind. */
  readonly receipts: number
  readonly calls: number
}

/** Milliseconds and MiB; null where it did not work, or this system does not say. */
export interface Figures {
  readonly coldStart: number
  readonly tokensPerSecond: number | null
  readonly processorPerTransfer: number | null
  readonly receipt: number | null
  readonly tokenReceipt: number | null
  readonly slowSend: number | null
  readonly call: number | null
  readonly estimate: number | null
  readonly idleMemory: number | null
  readonly loadedMemory: number | null
}

/** @param say what did not work */
export async function measure(
  subject: Subject,
  { port, home, sizes, say }: { port: number; home: string; sizes: Sizes; say: (line: string) => void },
): Promise<Figures> {
  const load = fork(LOAD, { stdio: 'inherit' })
  const began = performance.now()
  const running = start(subject, port, home)
  const url = `http://127.0.0.1:${port}`
  const client = rpcClient(url)
  try {
    await answers(client)
    const coldStart = performance.now() - began
    await sleep(IDLE_MS)
    const idle = usageOfTree(running.pid)
    const run = async (task: LoadTask): Promise<LoadResult | null> => {
      const result = await ask(load, task)
      for (const failure of result.failures) say(`${subject.name}: ${task.kind}: ${failure}`)
      return result.failures.length === 0 ? result : null
    }
    const world = await prepare(client, subject, sizes.senders)

    const receipts = await run({ kind: 'receipts', url, transactions: await world.transfers(sizes.receipts) })
    const tokenReceipts = await run({ kind: 'receipts', url, transactions: await world.tokens(0, sizes.receipts) })
    const question = { from: world.senders[0]!.address, to: world.token }
    const balance = encodeFunctionData({ abi: TOKEN_ABI, functionName: 'balanceOf', args: [OWNER.address] })
    const ask1 = (method: string, data: Hex, ...rest: unknown[]) =>
      run({ kind: 'repeat', url, method, params: [{ ...question, data }, ...rest], times: sizes.calls })
    const calls = await ask1('eth_call', balance, 'latest')
    const estimates = await ask1('eth_estimateGas', transferData(OWNER.address, 1n))

    const each = Math.ceil(sizes.transactions / sizes.senders)
    const queues = await Promise.all(world.senders.map((_, i) => world.tokens(i, each)))
    const before = usageOfTree(running.pid)
    const burst = await run({ kind: 'burst', url, queues })
    const after = usageOfTree(running.pid)
    const count = each * sizes.senders
    return {
      coldStart,
      tokensPerSecond: burst && (count / burst.milliseconds) * 1_000,
      processorPerTransfer: burst && before && after && (after.processorMs - before.processorMs) / count,
      receipt: receipts && percentile(receipts.each, 50),
      tokenReceipt: tokenReceipts && percentile(tokenReceipts.each, 50),
      slowSend: burst && percentile(burst.each, 99),
      call: calls && percentile(calls.each, 50),
      estimate: estimates && percentile(estimates.each, 50),
      idleMemory: idle && idle.residentBytes / 2 ** 20,
      loadedMemory: after && after.residentBytes / 2 ** 20,
    }
  } finally {
    client.close()
    load.disconnect()
    await running.stop()
  }
}

export async function answers(client: RpcClient): Promise<void> {
  const deadline = performance.now() + START_TIMEOUT_MS
  for (;;) {
    try {
      await client.call('eth_blockNumber', [])
      return
    } catch (error) {
      if (performance.now() > deadline) throw error
      await sleep(START_POLL_MS)
    }
  }
}

export function ask(load: ChildProcess, task: LoadTask): Promise<LoadResult> {
  return new Promise((resolve, reject) => {
    load.once('message', (result) => resolve(result as LoadResult))
    load.send(task, (error) => error !== null && reject(error))
  })
}

export function percentile(values: readonly number[], percent: number): number {
  const sorted = [...values].sort((left, right) => left - right)
  return sorted[Math.min(sorted.length - 1, Math.floor((sorted.length * percent) / 100))]!
}
