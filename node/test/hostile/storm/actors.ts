/** The side of a storm that attacks: a process for each actor, and when which attack begins, all of it from one seed. */
import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { type Random, seededRandom } from '@touchstone/vm/testing/random'
import { toHex } from '../../../src/codec/hex.ts'
import type { FundedNetwork } from '../funded/fundedNetwork.ts'
import type { ActorNetwork, AttackOrder, AttackOver } from './actor.ts'
import { ACTORS, type Actor, holdsBack, namesOf } from './attacks.ts'
import { backBound } from './bounds.ts'
import { OneFaulty } from './oneFaulty.ts'
import { FAULTY_VALIDATOR } from './validatorAttacks.ts'

const ENTRY = fileURLToPath(new URL('./actor.ts', import.meta.url))
/** How long one attack lasts, and how long an actor waits for the next, at least and at most. Milliseconds. */
const ATTACK = [4_000, 15_000] as const
const REST = [200, 3_000] as const
/** A node that is killed is killed again before it is whole, this many times at most. */
const STORMS = 4
/** From the start of a node to the next kill in such a storm of restarts, at most. Milliseconds. */
const BETWEEN_KILLS = 1_500

export interface StormActorsOptions {
  readonly network: FundedNetwork
  readonly seed: number
  /** Those who take part. */
  readonly actors: readonly Actor[]
  /** Words that the names of their attacks have. */
  readonly only: string
  readonly restarts: boolean
  /** Of `performance.now()`, at which the last attack ends. */
  readonly until: number
  /** Heights of the nodes; null of one that does not answer. */
  heights(): Promise<readonly (number | null)[]>
  log(text: string): void
}

export class StormActors {
  readonly #options: StormActorsOptions
  readonly #faulty = new OneFaulty()
  readonly #children: ChildProcess[] = []
  /** Names of the attacks under way. */
  readonly underWay = new Set<string>()
  /** Nodes that did not come back as they should. */
  readonly broken: string[] = []
  attacks = 0
  restarts = 0

  constructor(options: StormActorsOptions) {
    this.#options = options
  }

  /** Ends when the time is over. */
  async run(): Promise<void> {
    const { actors, restarts } = this.#options
    const lanes = actors.map((actor) => this.#attack(actor))
    if (restarts) lanes.push(this.#kill())
    try {
      await Promise.all(lanes)
    } finally {
      for (const child of this.#children) child.kill('SIGKILL')
    }
  }

  get #left(): number {
    return this.#options.until - performance.now()
  }

  async #attack(actor: Actor): Promise<void> {
    // Another order for each actor, the same whatever the others do.
    const random = seededRandom(this.#options.seed * 16 + ACTORS.indexOf(actor))
    const names = namesOf(actor, this.#options.only)
    const child = fork(ENTRY, {
      execArgv: ['--disable-warning=ExperimentalWarning'],
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    })
    this.#children.push(child)
    while (this.#left > 0 && names.length > 0) {
      const drawn = {
        name: random.pick(names),
        target: random.below(this.#options.network.nodes.length),
        seed: random.below(1 << 30),
        milliseconds: between(random, ATTACK),
      }
      const rest = between(random, REST)
      const go = () => this.#order(child, { actor, ...drawn, network: this.#description() })
      await (holdsBack(actor, drawn.name) ? this.#faulty.run(FAULTY_VALIDATOR, go) : go())
      await sleep(rest)
    }
  }

  async #order(child: ChildProcess, order: AttackOrder): Promise<void> {
    const milliseconds = Math.min(order.milliseconds, this.#left)
    if (milliseconds <= 0) return
    const name = `${order.actor}: ${order.name} (node ${order.target + 1}, ${Math.round(milliseconds / 1_000)} s)`
    this.underWay.add(name)
    this.#options.log(`begins  ${name}`)
    this.attacks++
    child.send({ ...order, milliseconds })
    const [over] = (await once(child, 'message')) as [AttackOver]
    this.underWay.delete(name)
    this.#options.log(`ends    ${name}${over.failure === null ? '' : `: ${over.failure}`}`)
  }

  #description(): ActorNetwork {
    const { nodes, addresses, genesisHash, validatorSeeds } = this.#options.network
    return {
      addresses,
      urls: nodes.map(({ url }) => url),
      genesisHash: toHex(genesisHash),
      validatorSeeds: validatorSeeds.map((seed) => toHex(seed)),
    }
  }

  async #kill(): Promise<void> {
    const { network, seed, log } = this.#options
    const random = seededRandom(seed * 16 + ACTORS.length)
    while (this.#left > 0) {
      await sleep(between(random, ATTACK))
      const index = random.below(network.nodes.length)
      const kills = 1 + (random.below(3) === 0 ? random.below(STORMS) : 0)
      const pauses = Array.from({ length: kills }, () => random.below(BETWEEN_KILLS))
      if (this.#left <= 0) return
      await this.#faulty.run(index, async () => {
        // One that is far behind is as good as down.
        for (const other of network.nodes.keys()) if (other !== index) await this.#back(other)
        if (this.#left <= 0) return
        log(`kills   node ${index + 1}, ${kills} times`)
        for (const pause of pauses) {
          await network.kill(index)
          await sleep(pause)
          const began = performance.now()
          await network.restart(index)
          log(`starts  node ${index + 1} in ${Math.round(performance.now() - began)} ms`)
          this.restarts++
          await sleep(pause)
        }
        await this.#back(index)
      })
    }
  }

  /** The next fault waits until the node is where the others are. */
  async #back(index: number): Promise<void> {
    const began = performance.now()
    const end = began + backBound()
    while (performance.now() < end) {
      const heights = await this.#options.heights()
      const newest = Math.max(...heights.map((height) => height ?? 0))
      const own = heights[index]
      if (own !== null && own !== undefined && newest - own <= 1) {
        const waited = Math.round(performance.now() - began)
        if (waited > 1_000) this.#options.log(`is back node ${index + 1} after ${waited} ms`)
        return
      }
      await sleep(200)
    }
    this.broken.push(`node ${index + 1} did not come to where the others are in ${backBound()} ms`)
  }
}

function between(random: Random, [least, most]: readonly [number, number]): number {
  return least + random.below(most - least)
}
