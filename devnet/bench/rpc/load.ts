/**
 * The load program: does one task after the other that the bench sends it, in a process of its own, the same for every
 * server.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import { type RpcClient, rpcClient } from './jsonRpc.ts'
import { type LoadResult, type LoadTask, RECEIPT_POLL_MS, RECEIPT_TIMEOUT_MS } from './loadTask.ts'

process.on('message', async (task: LoadTask) => process.send!(await run(task)))

async function run(task: LoadTask): Promise<LoadResult> {
  const client = rpcClient(task.url)
  const each: number[] = []
  const failures: string[] = []
  const began = performance.now()
  try {
    await work(client, task, each)
  } catch (error) {
    failures.push((error as Error).message)
  }
  const milliseconds = performance.now() - began
  client.close()
  return { milliseconds, each, failures }
}

async function work(client: RpcClient, task: LoadTask, each: number[]): Promise<void> {
  const measured = async (step: () => Promise<unknown>) => {
    const from = performance.now()
    await step()
    each.push(performance.now() - from)
  }
  if (task.kind === 'repeat') {
    for (let i = 0; i < task.times; i++) {
      await measured(() => client.call(task.method, task.params))
      if (task.pause !== undefined) await sleep(task.pause)
    }
  } else if (task.kind === 'receipts') {
    for (const raw of task.transactions) {
      await measured(async () => receipt(client, await client.call('eth_sendRawTransaction', [raw])))
    }
  } else {
    await Promise.all(
      task.queues.map(async (queue) => {
        let hash: unknown = null
        for (const raw of queue) {
          await measured(async () => {
            hash = await client.call('eth_sendRawTransaction', [raw])
          })
        }
        await receipt(client, hash)
      }),
    )
  }
}

/** @throws Error when it failed, or does not come */
async function receipt(client: RpcClient, hash: unknown): Promise<void> {
  const deadline = performance.now() + RECEIPT_TIMEOUT_MS
  for (;;) {
    const found = (await client.call('eth_getTransactionReceipt', [hash])) as { status: string } | null
    if (found !== null && found.status !== '0x1') throw new Error(`transaction ${hash} failed`)
    if (found !== null) return
    if (performance.now() > deadline) throw new Error(`stalls: no receipt of ${hash} in ${RECEIPT_TIMEOUT_MS / 1000} s`)
    await sleep(RECEIPT_POLL_MS)
  }
}
