/**
 * A storm: four validators with honest traffic, attacked by all actors at once, in an order and overlap that a seed gives,
 * while now and then one is killed and started. Of the four at most one is faulty at a time.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import { rpc } from '../../process/nodeProcess.ts'
import { type FundedNetwork, startFundedNetwork } from '../funded/fundedNetwork.ts'
import { StormActors } from './actors.ts'
import type { Actor } from './attacks.ts'
import type { StormReport } from './report.ts'
import { stormGenesis, Wallets } from './wallets.ts'
import { processorTicks, QuarrelCount, StormWatch } from './watch.ts'

/** Honest traffic before the attacks: what they are compared with. Milliseconds. */
const BEFORE = 10_000
/** How often there is a report. Milliseconds. */
const EVERY = 10_000
/** Until the nodes agree and are connected when all is over. Milliseconds. */
const SETTLED_AFTER = 60_000

export interface StormOptions {
  readonly seed: number
  /** Of the attacks. */
  readonly milliseconds: number
  readonly actors: readonly Actor[]
  /** Words that the names of their attacks have; empty for all. */
  readonly only: string
  readonly restarts: boolean
  readonly before?: number
  progress?(report: StormReport): void
  log?(text: string): void
}

export async function runStorm(options: StormOptions): Promise<StormReport> {
  const quarrels = new QuarrelCount()
  const network = await startFundedNetwork(stormGenesis, (index, node) => quarrels.follow(index, node))
  try {
    quarrels.know(network.addresses)
    return await storm(options, network, quarrels)
  } finally {
    await network.stop()
  }
}

async function storm(options: StormOptions, network: FundedNetwork, quarrels: QuarrelCount): Promise<StormReport> {
  const { seed, milliseconds } = options
  const wallets = new Wallets(network)
  const watch = new StormWatch(network, () => wallets.waitingSince)
  const before = options.before ?? BEFORE
  // Until the first transfers are in blocks, and what they load is loaded.
  await sleep(before / 2)
  const heightBefore = watch.height
  await sleep(before / 2)
  const rateBefore = (watch.height - heightBefore) / (before / 2_000)
  watch.begin()
  const began = performance.now()
  const firstHeight = watch.height
  const broken: string[] = []
  const actors = new StormActors({
    network,
    seed,
    actors: options.actors,
    only: options.only,
    restarts: options.restarts,
    until: began + milliseconds,
    heights: () => heightsOf(network),
    log: (text) => options.log?.(`${((performance.now() - began) / 1_000).toFixed(1).padStart(7)}  ${text}`),
  })
  let last = { at: began, height: firstHeight, ticks: processorTicks() }
  const look = (): StormReport => {
    const now = { at: performance.now(), height: watch.height, ticks: processorTicks() }
    const elapsed = (now.at - began) / 1_000
    const all = now.ticks === null || last.ticks === null ? 0 : now.ticks.all - last.ticks.all
    const report: StormReport = {
      seed,
      seconds: elapsed,
      blocks: now.height - firstHeight,
      rate: (now.height - firstHeight) / elapsed,
      rateBefore,
      rateNow: (now.height - last.height) / ((now.at - last.at) / 1_000),
      longestGap: watch.gaps.longest.length,
      longestGapUnseen: watch.gaps.longest.unseen,
      longestGapNow: watch.gaps.longestNow.length,
      longestGapNowUnseen: watch.gaps.longestNow.unseen,
      growth: watch.growth,
      honest: {
        bans: quarrels.bans,
        throttles: quarrels.throttles,
        points: quarrels.points,
        firstReason: quarrels.firstReason,
      },
      transfers: {
        acknowledged: wallets.acknowledged,
        mined: wallets.mined,
        waiting: wallets.waiting,
        lost: wallets.lost.length,
        slowest: wallets.slowest,
      },
      restarts: actors.restarts,
      attacks: actors.attacks,
      busy: all === 0 ? null : (now.ticks!.busy - last.ticks!.busy) / all,
      broken: [...broken, ...actors.broken, ...network.ended().map((number) => `node ${number} ended`)],
    }
    wallets.slowest = 0
    watch.gaps.beginNow()
    last = now
    return report
  }
  const timer = setInterval(() => options.progress?.(look()), EVERY)
  try {
    await actors.run()
  } catch (error) {
    broken.push(error instanceof Error ? error.message : String(error))
  } finally {
    clearInterval(timer)
    await wallets.stop()
    await watch.stop()
  }
  broken.push(...(await settled(network)), ...quarrels.errors.slice(0, 5))
  broken.push(...wallets.lost.map((hash) => `the transfer ${hash} was acknowledged and is in no block`))
  return look()
}

/** Null of a node that does not answer. */
function heightsOf(network: FundedNetwork): Promise<readonly (number | null)[]> {
  return Promise.all(network.nodes.map(({ url }) => rpc<string>(url, 'eth_blockNumber').then(Number, () => null)))
}

/** The faults that are left when nobody has attacked for a while. */
async function settled(network: FundedNetwork): Promise<string[]> {
  const end = performance.now() + SETTLED_AFTER
  let wrong: string[] = []
  do {
    wrong = await differences(network)
    if (wrong.length === 0) return []
    await sleep(500)
  } while (performance.now() < end)
  return wrong
}

async function differences(network: FundedNetwork): Promise<string[]> {
  try {
    const heights = (await heightsOf(network)).map((height) => height ?? 0)
    const lowest = Math.min(...heights)
    const wrong = Math.max(...heights) - lowest > 2 ? [`the nodes are at heights ${heights.join(', ')}`] : []
    const common = [`0x${lowest.toString(16)}`, false]
    for (const [index, { url }] of network.nodes.entries()) {
      const block = await rpc<{ hash: string }>(url, 'eth_getBlockByNumber', common)
      const first = await rpc<{ hash: string }>(network.nodes[0]!.url, 'eth_getBlockByNumber', common)
      if (block.hash !== first.hash) wrong.push(`node ${index + 1} has another block ${lowest} than node 1`)
      const { peers } = await rpc<{ peers: number }>(url, 'touchstone_status')
      if (peers < network.nodes.length - 1) wrong.push(`node ${index + 1} has ${peers} peers`)
    }
    return wrong
  } catch (error) {
    return [`a node does not answer: ${error instanceof Error ? error.message : String(error)}`]
  }
}
