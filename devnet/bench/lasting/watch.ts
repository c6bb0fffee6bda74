/** Looks at a network's nodes again and again while it is under load: their memory, their blocks and rounds. */
import type { ReadyNode } from '../../src/network/readyFile.ts'
import { type RpcClient, rpcClient } from '../rpc/jsonRpc.ts'
import { usageOfTree } from '../rpc/processTree.ts'
import { LongestStand, type Sample } from './trend.ts'

export interface Watch {
  /** Of each node, in MiB; empty where this system does not say. */
  readonly memory: readonly (readonly Sample[])[]
  /** Milliseconds between the two looks that were furthest apart without a new block of node 1. */
  longestStand(): number
  stop(): Promise<void>
}

export function watch(nodes: readonly ReadyNode[], began: number, intervalMs: number): Watch {
  const memory = nodes.map((): Sample[] => [])
  const client = rpcClient(nodes[0]!.rpc)
  const stand = new LongestStand(performance.now())
  let isStopped = false
  const look = async () => {
    const at = (performance.now() - began) / 60_000
    for (const [i, { pid }] of nodes.entries()) {
      const usage = pid === null ? null : usageOfTree(pid)
      if (usage !== null) memory[i]!.push({ at, value: usage.residentBytes / 2 ** 20 })
    }
    stand.look(await heightOf(client), performance.now())
  }
  const run = async () => {
    while (!isStopped) {
      const next = performance.now() + intervalMs
      await look()
      await new Promise((resolve) => setTimeout(resolve, Math.max(0, next - performance.now())))
    }
  }
  const running = run()
  return {
    memory,
    longestStand: () => stand.milliseconds,
    async stop() {
      isStopped = true
      await running
      client.close()
    },
  }
}

/** Undefined when it does not answer. */
async function heightOf(client: RpcClient): Promise<unknown> {
  try {
    return await client.call('eth_blockNumber', [])
  } catch {
    return undefined
  }
}
