/**
 * Looks at the chain while faults go on: which transactions are in blocks, and whether a block that a node has shown at a
 * height is ever another one, at that node or elsewhere. Blocks are final, so one look at each is enough.
 */
import type { Random } from '@touchstone/node/testing/random'
import { type Hex, numberToHex } from 'viem'
import { ask, type RpcTarget } from '../network/nodeRpc.ts'

export interface ChainWatch {
  /** Greatest height seen. */
  readonly height: number
  /** Longest time between two new heights, milliseconds. */
  readonly longestWait: number
  isIncluded(hash: Hex): boolean
  /** Blocks as they were shown first, by height. */
  readonly shown: ReadonlyMap<number, Hex>
  /** Violations: two blocks of one height. */
  readonly divergences: readonly string[]
  stop(): Promise<void>
}

const LOOK_EVERY_MS = 200
/** A node that was away shows many new blocks at once; the rest at the next look. */
const MAX_BLOCKS_PER_LOOK = 40

export interface ShownBlock {
  readonly hash: Hex
  readonly transactions: readonly Hex[]
}

export function watchChain(targets: () => readonly RpcTarget[], random: Random): ChainWatch {
  const included = new Set<Hex>()
  const shown = new Map<number, Hex>()
  const divergences: string[] = []
  let height = -1
  let longestWait = 0
  let lastNew = performance.now()
  let running = true

  const note = (number: number, block: ShownBlock, node: number) => {
    const before = shown.get(number)
    if (before !== undefined && before !== block.hash) {
      divergences.push(`height ${number}: node ${node} shows ${block.hash}, before it was ${before}`)
      return
    }
    shown.set(number, block.hash)
    for (const hash of block.transactions) included.add(hash)
    if (number <= height) return
    height = number
    const now = performance.now()
    longestWait = Math.max(longestWait, now - lastNew)
    lastNew = now
  }
  const look = async () => {
    const choice = targets()
    if (choice.length === 0) return
    const target = random.pick(choice)
    const top = Number(await ask(target, 'eth_blockNumber', [], 2_000))
    // Also one it has shown before, or another node has: it must be the same.
    const again = random.between(0, Math.max(0, Math.min(top, height)))
    const from = height + 1
    const numbers = Array.from(
      { length: Math.min(MAX_BLOCKS_PER_LOOK, Math.max(0, top - height)) },
      (_, at) => from + at,
    )
    for (const number of [again, ...numbers]) {
      const block = (await ask(
        target,
        'eth_getBlockByNumber',
        [numberToHex(number), false],
        2_000,
      )) as ShownBlock | null
      if (block !== null) note(number, block, target.index)
    }
  }
  const looking = (async () => {
    while (running) {
      // The run stops nodes on purpose, so one that does not answer is no violation.
      await look().catch(() => undefined)
      // Nor does this keep the process when the run has failed: see pause of chaosRun.ts.
      await new Promise<void>((resolve) => void setTimeout(resolve, LOOK_EVERY_MS).unref())
    }
  })()
  return {
    get height() {
      return height
    },
    get longestWait() {
      return Math.max(longestWait, performance.now() - lastNew)
    },
    isIncluded: (hash) => included.has(hash),
    shown,
    divergences,
    async stop() {
      longestWait = Math.max(longestWait, performance.now() - lastNew)
      lastNew = Number.POSITIVE_INFINITY
      running = false
      await looking
    },
  }
}
