/**
 * One simulated run from a seed: validators, some of them Byzantine, faults until a moment of healing, calm after it.
 *
 * Checked throughout: agreement (one block per height), validity (no invalid block is committed, certificates verify), no
 * correct validator signs two things for one step. After healing: every transaction is in every correct node's chain and
 * all chains are equal, within `PROGRESS_LIMIT` of simulated time.
 */
import { createHash } from 'node:crypto'
import { keyOf } from '../../src/codec/bytes.ts'
import { verifyCertificate } from '../../src/consensus/certificate.ts'
import { decodeConsensusMessage } from '../../src/consensus/messages.ts'
import { createValidatorSet, isQuorum, type ValidatorSet } from '../../src/consensus/validatorSet.ts'
import type { Block } from '../../src/types/block.ts'
import type { Certificate } from '../../src/types/certificate.ts'
import type { Actor, ActorOptions } from './byzantine/actor.ts'
import { equivocator } from './byzantine/equivocator.ts'
import { liar } from './byzantine/liar.ts'
import { silent } from './byzantine/silent.ts'
import { twins } from './byzantine/twins.ts'
import { withholder } from './byzantine/withholder.ts'
import { isMarkedInvalid } from './fakeChain.ts'
import { createRandom, type Random } from './random.ts'
import { EPOCH, Scheduler } from './scheduler.ts'
import { simKey, simVerify } from './simKey.ts'
import { CALM, SimNetwork } from './simNetwork.ts'
import { CHAIN, SimNode, type SimWorld } from './simNode.ts'

export interface SimulationOptions {
  readonly seed: number
  readonly nodes?: number
  /** How many of the validators are Byzantine; default: chosen by the seed, at most f. */
  readonly byzantine?: number
  readonly keepTrace?: boolean
  /** Correct validators lose their signer's record in a crash: a mutant that must be caught. */
  readonly forgetful?: boolean
}

export interface SimulationResult {
  readonly seed: number
  /** Null: all properties held. */
  readonly violation: string | null
  readonly digest: string
  readonly trace: readonly string[]
  readonly events: number
  readonly heights: number
  /** Simulated milliseconds from healing to the end. */
  readonly recovery: number
  readonly evidence: number
}

/** When the faults end, simulated milliseconds. */
const HEALING = 5_000
/** From healing to the end, simulated milliseconds. A correct run takes a few rounds, each below three seconds. */
export const PROGRESS_LIMIT = 60_000

const ACTORS: Readonly<Record<string, (options: ActorOptions) => Actor>> = {
  silent,
  twins,
  equivocator,
  withholder,
  liar,
}

export class Simulation {
  readonly scheduler = new Scheduler()
  readonly random: Random
  readonly validators: ValidatorSet
  readonly network: SimNetwork
  readonly world: SimWorld
  readonly nodes: SimNode[] = []
  readonly #options: SimulationOptions
  readonly #committed = new Map<bigint, string>()
  readonly #signed = new Map<string, string>()
  readonly #digest = createHash('sha256')
  readonly #trace: string[] = []
  #correctKeys = new Set<number>()
  violation: string | null = null

  constructor(options: SimulationOptions, powers: readonly bigint[]) {
    this.#options = options
    this.random = createRandom(options.seed)
    this.validators = createValidatorSet(
      powers.map((power, index) => ({ publicKey: simKey(index).publicKey, power, feeRecipient: new Uint8Array(20) })),
    )
    this.network = new SimNetwork(this.scheduler, this.random, (from, topic, message) => {
      if (topic === 'consensus') this.#watch(from, message)
    })
    this.world = {
      scheduler: this.scheduler,
      network: this.network,
      random: this.random,
      validators: this.validators,
      trace: (line) => this.trace(line),
      onCommit: (node, block, certificate) => this.#onCommit(node, block, certificate),
      fail: (violation) => this.fail(violation),
    }
  }

  addNode(
    index: number,
    options: {
      readonly follower?: boolean
      readonly blockTime?: number | undefined
      readonly executionTime?: number
    } = {},
  ): SimNode {
    const follower = options.follower === true
    const node = new SimNode({
      index,
      id: follower ? `${index}f` : `${index}`,
      key: follower ? null : simKey(index),
      world: this.world,
      skew: Math.floor(this.random.next() * 400),
      blockTime: options.blockTime,
      executionTime: options.executionTime,
      correct: true,
      forgetful: this.#options.forgetful === true,
    })
    if (!follower) this.#correctKeys.add(index)
    this.nodes.push(node)
    return node
  }

  trace(line: string): void {
    const full = `${this.scheduler.now.toFixed(3)} ${line}`
    this.#digest.update(full)
    if (this.#options.keepTrace) this.#trace.push(full)
  }

  fail(violation: string): void {
    this.violation ??= violation
    this.trace(`VIOLATION ${violation}`)
  }

  result(recoveryFrom: number): SimulationResult {
    return {
      seed: this.#options.seed,
      violation: this.violation,
      digest: this.#digest.copy().digest('hex').slice(0, 16),
      trace: this.#trace,
      events: this.scheduler.events,
      heights: this.#committed.size,
      recovery: Math.max(0, this.scheduler.now - recoveryFrom),
      evidence: Math.max(0, ...this.nodes.map((node) => node.evidence().length)),
    }
  }

  /** Votes and proposals as they leave correct nodes, whoever relays them: none may contradict another. */
  #watch(from: string, raw: Uint8Array): void {
    const message = decodeConsensusMessage(raw)
    this.trace(`${from} sends ${describe(message)}`)
    if (message.kind === 'proposal' || !this.nodes.some((node) => node.id === from)) return
    for (const { index, type, round, blockHash } of message.votes) {
      if (!this.#correctKeys.has(index)) continue
      const step = `validator ${index}, height ${message.height}, round ${round}, ${type}`
      const value = blockHash === null ? 'nil' : keyOf(blockHash)
      const earlier = this.#signed.get(step)
      if (earlier !== undefined && earlier !== value) this.fail(`double sign: ${step}: ${earlier} and ${value}`)
      this.#signed.set(step, value)
    }
  }

  #onCommit(node: SimNode, block: Block, certificate: Certificate): void {
    if (!node.correct) return
    const { number } = block.header
    const id = keyOf(block.hash)
    this.trace(`${node.id} commits ${number} ${id.slice(0, 8)} of round ${certificate.round}`)
    const other = this.#committed.get(number)
    if (other !== undefined && other !== id) this.fail(`disagreement at height ${number}: ${other} and ${id}`)
    this.#committed.set(number, id)
    if (isMarkedInvalid(block)) this.fail(`an invalid block is committed at height ${number}`)
    const outcome = verifyCertificate(certificate, this.validators, CHAIN, simVerify)
    if (!outcome.ok) this.fail(`committed with a bad certificate: ${outcome.message}`)
  }
}

function describe(message: ReturnType<typeof decodeConsensusMessage>): string {
  const at = `${message.height}/${message.round} attempt ${message.attempt}`
  if (message.kind === 'proposal')
    return `proposal ${at} valid ${message.validRound} ${keyOf(message.blockHash).slice(0, 8)}`
  const votes = message.votes.map(
    (vote) =>
      `${vote.index}:${vote.type}:${vote.round}:${vote.blockHash === null ? 'nil' : keyOf(vote.blockHash).slice(0, 8)}`,
  )
  return `votes ${at} [${votes.join(' ')}]`
}

/** The random run of a seed. */
export async function simulate(options: SimulationOptions): Promise<SimulationResult> {
  const setup = createRandom(options.seed ^ 0x5eed)
  const count = options.nodes ?? 4
  const weighted = setup.chance(0.25)
  const powers = Array.from({ length: count }, () => (weighted ? BigInt(10 + setup.below(5)) : 1n))
  const simulation = new Simulation(options, powers)
  const { scheduler, random, network, validators } = simulation
  const byzantine = chooseByzantine(setup, validators, options.byzantine ?? (setup.chance(0.8) ? 1 : 0))
  const blockTime = setup.chance(0.2) ? 100 : undefined
  for (let index = 0; index < count; index++) if (!byzantine.has(index)) simulation.addNode(index, { blockTime })
  if (setup.chance(0.2)) simulation.addNode(count, { follower: true, blockTime })

  const others = simulation.nodes.map(({ id }) => id)
  const kinds = Object.keys(ACTORS)
  const actors = [...byzantine].map((index) => {
    const kind = setup.pick(kinds)
    simulation.trace(`validator ${index} is Byzantine: ${kind}`)
    return ACTORS[kind]!({ index, key: simKey(index), world: simulation.world, others })
  })
  for (const actor of actors) actor.start()
  for (const node of simulation.nodes) scheduler.after(random.next() * 50, () => void node.start())

  const transactions = submitTransactions(simulation, setup)
  scheduleFaults(
    simulation,
    setup,
    actors.flatMap(({ ids }) => ids),
  )
  scheduler.after(HEALING, () => {
    simulation.trace('heals')
    network.faults = CALM
    network.isLinked = () => true
    for (const node of simulation.nodes) if (!node.isUp) void node.start()
  })
  const done = () => {
    if (simulation.violation !== null) return true
    if (scheduler.now < HEALING) return false
    const heights = new Set(simulation.nodes.map((node) => node.height()))
    return heights.size === 1 && simulation.nodes.every((node) => transactions.every((each) => !node.pool.has(each)))
  }
  await scheduler.run(HEALING + PROGRESS_LIMIT, done)
  if (!done()) {
    const heights = simulation.nodes.map((node) => `${node.id}@${node.height()}`).join(' ')
    simulation.fail(`no progress within ${PROGRESS_LIMIT} ms of healing: ${heights}`)
  }
  for (const node of simulation.nodes) {
    if (node.engine?.status().halted) simulation.fail(`${node.id} halted`)
  }
  const result = simulation.result(HEALING)
  // Not awaited: simulated time has ended, so what is under way never finishes.
  for (const node of simulation.nodes) void node.engine?.stop()
  return result
}

/** At most what the protocol tolerates: the others keep a quorum. */
function chooseByzantine(setup: Random, validators: ValidatorSet, wanted: number): Set<number> {
  const chosen = new Set<number>()
  let power = validators.totalPower
  for (let tries = 0; chosen.size < wanted && tries < 20; tries++) {
    const index = setup.below(validators.validators.length)
    const left = power - validators.validators[index]!.power
    if (chosen.has(index) || !isQuorum(validators, left)) continue
    chosen.add(index)
    power = left
  }
  return chosen
}

/** Transactions arrive over the time of faults and a little after; each reaches some nodes at once and the rest by gossip. */
function submitTransactions(simulation: Simulation, setup: Random): readonly number[] {
  const { scheduler, nodes, random } = simulation
  const count = 4 + setup.below(16)
  const gossiped = setup.chance(0.8)
  const transactions = Array.from({ length: count }, (_, index) => index + 1)
  for (const transaction of transactions) {
    const at = setup.next() * (HEALING + 1_000)
    // A follower proposes nothing: what only it has stays there.
    const submitted = setup.pick(gossiped ? nodes : nodes.filter((node) => node.isValidator))
    for (const node of nodes) {
      if (node !== submitted && !gossiped) continue
      const deliver = () => {
        if (node.chain === null || !node.isUp) scheduler.after(200, deliver)
        else node.chain.addTransaction(transaction)
      }
      scheduler.after(at + (node === submitted ? 0 : random.next() * 100), deliver)
    }
  }
  return transactions
}

function scheduleFaults(simulation: Simulation, setup: Random, byzantineIds: readonly string[]): void {
  const { scheduler, network, nodes, random } = simulation
  network.faults = {
    drop: setup.pick([0, 0.02, 0.1, 0.25]),
    duplicate: setup.pick([0, 0.1]),
    slow: setup.pick([0, 0.1, 0.3]),
    delay: setup.pick([20, 60]),
    slowDelay: setup.pick([300, 1_500]),
  }
  const ids = [...nodes.map(({ id }) => id), ...byzantineIds]
  const partitions = setup.below(8)
  for (let count = 0; count < partitions; count++) {
    scheduler.after(setup.next() * HEALING, () => {
      const groups = new Map(ids.map((id) => [id, random.below(2)]))
      simulation.trace(`partition ${[...groups].map(([id, group]) => `${id}:${group}`).join(' ')}`)
      network.isLinked = (from, to) => groups.get(from) === groups.get(to)
      scheduler.after(random.next() * 1_500, () => {
        network.isLinked = () => true
      })
    })
  }
  const crashes = setup.below(12)
  for (let count = 0; count < crashes; count++) {
    const crash = () => {
      const node = random.pick(nodes)
      if (!node.isUp) return
      node.crash()
      scheduler.after(random.next() * 800, () => {
        if (!node.isUp) void node.start()
      })
    }
    // Some right at a commit or a vote: a moment after a message is delivered is as good as any.
    scheduler.after(setup.next() * HEALING, crash)
  }
  if (setup.chance(0.15)) {
    scheduler.after(setup.next() * HEALING, () => {
      simulation.trace('everyone crashes')
      for (const node of nodes) node.crash()
      for (const node of nodes)
        scheduler.after(50 + random.next() * 300, () => (node.isUp ? undefined : void node.start()))
    })
  }
}

export { EPOCH }
