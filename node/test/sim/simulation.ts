/**
 * A simulation: nodes of one kind on one clock, network and source of randomness, and what is checked of them throughout.
 *
 * Agreement: one block per height. Validity: what is decided is valid, by a judge that executes it again, and its
 * certificate verifies. No correct validator signs two things for one step. A correct node never fails, and blames no
 * other correct node for anything.
 */
import { createHash } from 'node:crypto'
import { type Random, seededRandom } from '@touchstone/vm/testing/random'
import { keyOf } from '../../src/codec/bytes.ts'
import { createValidatorSet, type ValidatorSet } from '../../src/consensus/core/validatorSet.ts'
import type { Timeouts } from '../../src/consensus/limits.ts'
import { verifyCertificate } from '../../src/consensus/proofs/certificate.ts'
import { type ConsensusMessage, decodeConsensusMessage } from '../../src/consensus/wire/messages.ts'
import type { Block } from '../../src/types/block.ts'
import type { Certificate } from '../../src/types/certificate.ts'
import type { ChainKind, Forgotten, SimulatedNode } from './chainKind.ts'
import { Scheduler } from './scheduler.ts'
import { simKey, simVerify } from './simKey.ts'
import { SimNetwork } from './simNetwork.ts'
import type { SimWorld } from './simWorld.ts'

export interface SimulationSetup<N extends SimulatedNode> {
  readonly seed: number
  readonly kind: ChainKind<N>
  readonly keepTrace?: boolean
  /** Of correct nodes, in a crash. */
  readonly forgets?: Forgotten | undefined
}

export interface SimulationResult {
  readonly seed: number
  /** Null: all properties held. */
  readonly violation: string | null
  readonly digest: string
  readonly trace: readonly string[]
  readonly events: number
  readonly heights: number
  /**
   * The most rounds a height took that was not decided when {@link Simulation.heal} was called; -1 without such a height.
   */
  readonly roundsAfterHealing: number
  /** Simulated milliseconds from then to the decision of that height; -1 without one. */
  readonly healingTime: number
  readonly evidence: number
  /** Validator sets that decided heights. */
  readonly sets: number
}

export function simValidators(powers: readonly bigint[]): ValidatorSet {
  return createValidatorSet(
    powers.map((power, index) => ({ publicKey: simKey(index).publicKey, power, feeRecipient: new Uint8Array(20) })),
  )
}

/** Fraction by which a node's clock runs fast or slow: far more than a quartz, less than a broken machine. */
const MAX_DRIFT = 0.02
/** Simulated milliseconds a start may take. */
const MOST_START = 1_000

export class Simulation<N extends SimulatedNode> {
  readonly scheduler = new Scheduler()
  readonly random: Random
  readonly network: SimNetwork
  readonly world: SimWorld
  readonly nodes: N[] = []
  readonly #setup: SimulationSetup<N>
  readonly #committed = new Map<bigint, string>()
  readonly #signed = new Map<string, string>()
  readonly #digest = createHash('sha256')
  readonly #trace: string[] = []
  /** In hex. */
  readonly #correctKeys = new Set<string>()
  readonly #sets = new Set<string>()
  #healed: { readonly height: bigint; readonly round: number; readonly at: number } | null = null
  #roundsAfterHealing = -1
  #healingTime = -1
  violation: string | null = null

  constructor(setup: SimulationSetup<N>) {
    this.#setup = setup
    this.random = seededRandom(setup.seed)
    this.network = new SimNetwork(
      this.scheduler,
      this.random,
      (from, topic, message) => {
        if (topic === 'consensus') this.#watch(from, message)
      },
      (judge, peer, reason) => this.#onBlame(judge, peer, reason),
    )
    this.world = {
      scheduler: this.scheduler,
      network: this.network,
      random: this.random,
      kind: setup.kind,
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
      readonly cannotExecute?: readonly number[]
      readonly timeouts?: Timeouts
    } = {},
  ): N {
    const follower = options.follower === true
    const node = this.#setup.kind.createNode({
      index,
      id: follower ? `${index}f` : `${index}`,
      key: follower ? null : simKey(index),
      world: this.world,
      skew: Math.floor(this.random.fraction() * 400),
      drift: (this.random.fraction() - 0.5) * 2 * MAX_DRIFT,
      blockTime: options.blockTime,
      executionTime: options.executionTime,
      cannotExecute: options.cannotExecute,
      timeouts: options.timeouts,
      correct: true,
      forgets: this.#setup.forgets,
    })
    if (!follower) this.#correctKeys.add(keyOf(simKey(index).publicKey))
    this.nodes.push(node)
    return node
  }

  /** One after the other; time passes meanwhile, as the disk takes some. */
  async start(nodes: readonly N[]): Promise<void> {
    for (const node of nodes) {
      let started = false
      void node.start().then(() => {
        started = true
      })
      await this.scheduler.run(this.scheduler.now + MOST_START, () => started)
    }
  }

  trace(line: string): void {
    const full = `${this.scheduler.now.toFixed(3)} ${line}`
    this.#digest.update(full)
    if (this.#setup.keepTrace) this.#trace.push(full)
  }

  fail(violation: string): void {
    this.violation ??= violation
    this.trace(`VIOLATION ${violation}`)
  }

  /** Links work again and everybody is up: from here on rounds are counted. */
  heal(): void {
    const heights = this.nodes.map((node) => node.height() + 1n)
    const height = heights.reduce((most, each) => (each > most ? each : most), 0n)
    const rounds = this.nodes.map(({ engine }) => (engine?.status().height === height ? engine.status().round : 0))
    this.#healed = { height, round: Math.max(0, ...rounds), at: this.scheduler.now }
  }

  result(): SimulationResult {
    return {
      seed: this.#setup.seed,
      violation: this.violation,
      digest: this.#digest.copy().digest('hex').slice(0, 16),
      trace: this.#trace,
      events: this.scheduler.events,
      heights: this.#committed.size,
      roundsAfterHealing: this.#roundsAfterHealing,
      healingTime: this.#healingTime,
      evidence: Math.max(0, ...this.nodes.map((node) => node.evidence().length)),
      sets: this.#sets.size,
    }
  }

  /** Votes and proposals as they leave correct nodes, whoever relays them: none may contradict another. */
  #watch(from: string, raw: Uint8Array): void {
    const message = decodeConsensusMessage(raw)
    this.trace(`${from} sends ${describe(message)}`)
    if (message.kind === 'proposal' || !this.nodes.some((node) => node.id === from)) return
    const validators = this.#setup.kind.validatorsAt(message.height)?.validators
    for (const { index, type, round, blockHash } of message.votes) {
      const validator = validators?.[index]
      if (validator === undefined || !this.#correctKeys.has(keyOf(validator.publicKey))) continue
      const step = `validator ${keyOf(validator.publicKey).slice(0, 8)}, height ${message.height}, round ${round}, ${type}`
      const value = blockHash === null ? 'nil' : keyOf(blockHash)
      const earlier = this.#signed.get(step)
      if (earlier !== undefined && earlier !== value) this.fail(`double sign: ${step}: ${earlier} and ${value}`)
      this.#signed.set(step, value)
    }
  }

  #onCommit(node: SimulatedNode, block: Block, certificate: Certificate): void {
    if (!node.correct) return
    const { number } = block.header
    const id = keyOf(block.hash)
    this.trace(`${node.id} commits ${number} ${id.slice(0, 8)} of round ${certificate.round}`)
    const other = this.#committed.get(number)
    if (other !== undefined && other !== id) this.fail(`disagreement at height ${number}: ${other} and ${id}`)
    const { kind } = this.#setup
    const validators = kind.validatorsAt(number)
    const outcome =
      validators === null
        ? { ok: false as const, message: 'nobody knows its validators yet' }
        : verifyCertificate(certificate, validators, kind.identity, simVerify)
    if (!outcome.ok) this.fail(`committed with a bad certificate: ${outcome.message}`)
    if (other !== undefined) return
    const powers = (validators?.validators ?? []).map(({ publicKey, power }) => `${keyOf(publicKey)}:${power}`)
    this.#sets.add(powers.join())
    this.#committed.set(number, id)
    this.#countRounds(number, certificate.round)
    void kind.judge(block, certificate).then((violation) => {
      if (violation !== null) this.fail(violation)
    })
  }

  #onBlame(judge: string, peer: string, reason: string): void {
    this.trace(`${judge} blames ${peer}: ${reason}`)
    const areCorrect = [judge, peer].every((id) => this.nodes.some((node) => node.id === id && node.correct))
    if (areCorrect) this.fail(`${judge} blames ${peer}, and both are correct: ${reason}`)
  }

  #countRounds(height: bigint, round: number): void {
    if (this.#healed === null || height < this.#healed.height) return
    if (height === this.#healed.height) this.#healingTime = this.scheduler.now - this.#healed.at
    const rounds = height === this.#healed.height ? round - this.#healed.round : round
    this.#roundsAfterHealing = Math.max(this.#roundsAfterHealing, rounds)
  }
}

function describe(message: ConsensusMessage): string {
  const at = `${message.height}/${message.round} attempt ${message.attempt}`
  if (message.kind === 'proposal')
    return `proposal ${at} valid ${message.validRound} ${keyOf(message.blockHash).slice(0, 8)}`
  const votes = message.votes.map(
    (vote) =>
      `${vote.index}:${vote.type}:${vote.round}:${vote.blockHash === null ? 'nil' : keyOf(vote.blockHash).slice(0, 8)}`,
  )
  return `votes ${at} [${votes.join(' ')}]`
}
