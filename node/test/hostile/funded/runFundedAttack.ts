/** Runs one attack of somebody with money against a live network while others transfer, and says what came of it. */
import { setTimeout as sleep } from 'node:timers/promises'
import { bigintToBytes } from '../../../src/codec/bytes.ts'
import { senders } from '../../faults/support/killGenesis.ts'
import { rpc } from '../../process/nodeProcess.ts'
import { residentBytes } from '../support/residentBytes.ts'
import { FundedAttacker } from './fundedAttacker.ts'
import type { FundedAttack } from './fundedAttacks.ts'
import { type FundedNetwork, fundedGenesis } from './fundedNetwork.ts'

/** The longest the network may go without a block while transfers wait (docs/threats.md). Milliseconds. */
export const LONGEST_GAP = 30_000
/** The most that a node may grow by. */
export const MAX_GROWTH_BYTES = 600 * 1024 * 1024

/** How often heights and memory are looked at. Milliseconds. */
const LOOK = 100
const [attackerKey, ...honestKeys] = senders

export interface FundedReport {
  readonly name: string
  readonly turns: number
  readonly blocks: number
  /** Milliseconds without a new block, at most. */
  readonly longestGap: number
  /** Transfers of others that were in a block before the end. */
  readonly transfers: number
  /** Milliseconds from sending a transfer to its receipt, at most. */
  readonly slowestTransfer: number
  /** Of the node that grew most; null where there is no /proc. */
  readonly growth: number | null
  readonly faults: readonly string[]
}

/** `turns`: at least so many; afterwards it goes on until `milliseconds` are over. */
export async function runFundedAttack(
  network: FundedNetwork,
  attack: FundedAttack,
  turns: number,
  milliseconds: number,
): Promise<FundedReport> {
  const urls = network.nodes.map(({ url }) => url)
  const attacker = new FundedAttacker(urls[0]!, attackerKey!, fundedGenesis.chainId)
  const turn = await attack.prepare(attacker, network)
  const watch = new Watch(network)
  const before = watch.memory()
  const faults: string[] = []
  let over = false
  let transfers = 0
  let slowestTransfer = 0
  const honest = honestKeys.map(async (key, index) => {
    const wallet = new FundedAttacker(urls[1 + (index % (urls.length - 1))]!, key, fundedGenesis.chainId)
    while (!over) {
      const began = performance.now()
      const to = bigintToBytes(BigInt(1_000 + index), 20)
      const hash = await wallet.send({ to, value: 1n, gas: 21_000n })
      if (hash === null) {
        await sleep(LOOK)
        continue
      }
      try {
        await wallet.receipt(hash)
        transfers++
        slowestTransfer = Math.max(slowestTransfer, performance.now() - began)
      } catch (error) {
        faults.push(`a transfer of another: ${messageOf(error)}`)
      }
    }
  })
  const watching = (async () => {
    while (!over) {
      await watch.look()
      await sleep(LOOK)
    }
  })()
  const end = performance.now() + milliseconds
  let made = 0
  try {
    for (; made < turns || performance.now() < end; made++) await turn(made)
  } catch (error) {
    faults.push(`turn ${made}: ${messageOf(error)}`)
  }
  // Transactions that others sent before the end are still to be mined.
  over = true
  await Promise.all([...honest, watching])
  await turn.end?.()
  await watch.look()
  const growth = before === null ? null : Math.max(...watch.mostMemory.map((most, index) => most - before[index]!))
  faults.push(...(await differences(network)), ...(await separations(network)))
  if (milliseconds > 0 && slowestTransfer > (attack.slowestTransfer ?? Number.POSITIVE_INFINITY)) {
    faults.push(`a transfer took ${Math.round(slowestTransfer)} ms`)
  }
  if (watch.longestGap > LONGEST_GAP) faults.push(`no block for ${Math.round(watch.longestGap)} ms`)
  if (growth !== null && growth > MAX_GROWTH_BYTES) faults.push('memory grew over the bound')
  return {
    name: attack.name,
    turns: made,
    blocks: watch.height - watch.firstHeight,
    longestGap: watch.longestGap,
    transfers,
    slowestTransfer,
    growth,
    faults,
  }
}

/** Ended processes, and different blocks at a height that all have. */
async function differences(network: FundedNetwork): Promise<string[]> {
  const ended = network.ended()
  if (ended.length > 0) return ended.map((number) => `node ${number} ended`)
  const heights = await Promise.all(network.nodes.map(({ url }) => heightOf(url)))
  const common = `0x${Math.min(...heights).toString(16)}`
  const blocks = await Promise.all(
    network.nodes.map(({ url }) => rpc<{ hash: string }>(url, 'eth_getBlockByNumber', [common, false])),
  )
  const different = blocks.filter(({ hash }) => hash !== blocks[0]!.hash)
  return different.length === 0 ? [] : [`different blocks at height ${common}`]
}

/** The faults that nodes have noted against each other, and the pairs that have lost each other. */
async function separations(network: FundedNetwork): Promise<string[]> {
  if (network.ended().length > 0) return []
  const statuses = await Promise.all(network.nodes.map(({ url }) => rpc<{ peers: number }>(url, 'touchstone_status')))
  const alone = statuses.flatMap(({ peers }, index) =>
    peers < network.nodes.length - 1 ? [`node ${index + 1} has ${peers} peers`] : [],
  )
  const quarrels = network.quarrels()
  return quarrels.length === 0 ? alone : [...alone, `nodes blame each other ${quarrels.length} times: ${quarrels[0]}`]
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}

async function heightOf(url: string): Promise<number> {
  return Number(await rpc<string>(url, 'eth_blockNumber'))
}

/** The newest height of any node, how long it stood still, and the memory of each. */
class Watch {
  readonly #network: FundedNetwork
  readonly mostMemory: number[]
  longestGap = 0
  height = 0
  firstHeight = 0
  #last: number | null = null

  constructor(network: FundedNetwork) {
    this.#network = network
    this.mostMemory = network.nodes.map(() => 0)
  }

  memory(): readonly number[] | null {
    const each = this.#network.nodes.map(({ child }) => residentBytes(child.pid!))
    return each.every((bytes) => bytes !== null) ? each : null
  }

  async look(): Promise<void> {
    const heights = await Promise.all(this.#network.nodes.map(({ url }) => heightOf(url).catch(() => 0)))
    const now = performance.now()
    const newest = Math.max(...heights)
    if (this.#last === null) this.firstHeight = newest
    else if (newest === this.height) this.longestGap = Math.max(this.longestGap, now - this.#last)
    if (newest > this.height || this.#last === null) {
      this.height = newest
      this.#last = now
    }
    for (const [index, bytes] of (this.memory() ?? []).entries()) {
      this.mostMemory[index] = Math.max(this.mostMemory[index]!, bytes)
    }
  }
}
