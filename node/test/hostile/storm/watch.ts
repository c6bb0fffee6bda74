/** Looks at four nodes during a storm: their newest height, their memory, and what they write about each other. */
import { readFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { type NodeProcess, rpc } from '../../process/nodeProcess.ts'
import type { FundedNetwork } from '../funded/fundedNetwork.ts'
import { residentBytes } from '../support/residentBytes.ts'
import { Gaps } from './gaps.ts'
import type { Quarrels } from './report.ts'

/** How often. Milliseconds. */
const LOOK = 100
/** A node that is asked more than it can answer says nothing; another one does. Milliseconds. */
const ANSWER = 2_000

export class QuarrelCount implements Quarrels {
  bans = 0
  throttles = 0
  points = 0
  firstReason: string | null = null
  /** Lines of level error and above. */
  readonly errors: string[] = []
  #ids: readonly string[] = []
  /** Of processes that started before the ids were known. */
  readonly #early: string[] = []

  /** Reads what a process writes from now on. */
  follow(index: number, { child }: NodeProcess): void {
    for (const stream of [child.stdout!, child.stderr!]) {
      let rest = ''
      stream.on('data', (text: string) => {
        const lines = (rest + text).split('\n')
        rest = lines.pop()!
        for (const line of lines) this.#take(index, line)
      })
    }
  }

  /** Whose names count: the peer ids of the nodes. */
  know(addresses: readonly string[]): void {
    this.#ids = addresses.map((address) => address.split('/').at(-1)!)
    for (const line of this.#early.splice(0)) this.#take(-1, line)
  }

  #take(index: number, line: string): void {
    if (this.#ids.length === 0) {
      if (line.includes('misbehaved')) this.#early.push(line)
      return
    }
    if (/"level":[56]0/.test(line)) this.errors.push(`node ${index + 1}: ${line}`)
    if (!line.includes('misbehaved') || !this.#ids.some((id) => line.includes(id))) return
    this.firstReason ??= `node ${index + 1}: ${line}`
    if (line.includes('disconnected a peer')) this.bans++
    else if (line.includes('throttled a peer')) this.throttles++
    else this.points++
  }
}

export class StormWatch {
  readonly #network: FundedNetwork
  readonly #waitingSince: () => number | null
  readonly #mostMemory: (number | null)[]
  #idle: readonly (number | null)[] = []
  #over = false
  readonly #done: Promise<void>
  readonly gaps = new Gaps()
  height = 0

  constructor(network: FundedNetwork, waitingSince: () => number | null) {
    this.#network = network
    this.#waitingSince = waitingSince
    this.#mostMemory = network.nodes.map(() => null)
    this.#done = this.#watch()
  }

  /** From now on gaps and growth count. */
  begin(): void {
    this.#idle = this.#memory()
    this.gaps.begin()
    this.#mostMemory.fill(null)
  }

  get growth(): readonly (number | null)[] {
    return this.#mostMemory.map((most, index) => {
      const idle = this.#idle[index] ?? null
      return most === null || idle === null ? null : most - idle
    })
  }

  async stop(): Promise<void> {
    this.#over = true
    await this.#done
  }

  async #watch(): Promise<void> {
    // Each node by itself, and in two ways: one that does not answer must not hide the blocks of the others, nor a queue
    // that attackers fill those that were made.
    const asking = this.#network.nodes.flatMap((_, index) =>
      [heightByRpc, heightByMetrics].map(async (way) => {
        while (!this.#over) {
          await this.#ask(() => way(this.#network, index))
          await sleep(LOOK)
        }
      }),
    )
    while (!this.#over) {
      this.#look()
      await sleep(LOOK)
    }
    await Promise.all(asking)
  }

  async #ask(height: () => Promise<number>): Promise<void> {
    const asked = height().catch(() => null)
    const answer = await Promise.race([asked, sleep(ANSWER, null, { ref: false })])
    if (answer === null) return
    this.gaps.answered(performance.now(), answer > this.height, this.#waitingSince())
    this.height = Math.max(this.height, answer)
  }

  #look(): void {
    this.gaps.look(performance.now(), this.#waitingSince())
    for (const [index, bytes] of this.#memory().entries()) {
      if (bytes !== null) this.#mostMemory[index] = Math.max(this.#mostMemory[index] ?? 0, bytes)
    }
  }

  #memory(): (number | null)[] {
    return this.#network.nodes.map(({ child }) => residentBytes(child.pid!))
  }
}

async function heightByRpc({ nodes }: FundedNetwork, index: number): Promise<number> {
  return Number(await rpc<string>(nodes[index]!.url, 'eth_blockNumber'))
}

/** @throws Error where there is none. */
async function heightByMetrics({ metricsPorts }: FundedNetwork, index: number): Promise<number> {
  const response = await fetch(`http://127.0.0.1:${metricsPorts[index]}/metrics`)
  const height = /^touchstone_chain_height (\d+)$/m.exec(await response.text())
  if (height === null) throw new Error('the metrics of a node have no height')
  return Number(height[1])
}

/** Ticks of the machine's processors, busy and in all; null where there is no /proc. */
export function processorTicks(): { readonly busy: number; readonly all: number } | null {
  try {
    const ticks = readFileSync('/proc/stat', 'utf8').split('\n')[0]!.trim().split(/\s+/).slice(1, 9).map(Number)
    const all = ticks.reduce((sum, value) => sum + value, 0)
    return { all, busy: all - ticks[3]! - ticks[4]! }
  } catch {
    return null
  }
}
