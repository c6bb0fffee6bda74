/**
 * One chaos run: a network of its own, traffic and faults for a while, then healing, and the audit of every node. Faults
 * and traffic come from the seed; when exactly each happens depends on the machine, so two runs of a seed are alike and
 * not identical.
 */
import { seededRandom } from '@touchstone/node/testing/random'
import { bytesToHex, getAddress, type Hex } from 'viem'
import { unlessInterrupted } from '../interruption.ts'
import { DEV_ACCOUNT_BALANCE, DEV_ACCOUNT_COUNT, type DevAccount } from '../network/accounts.ts'
import { perform, type SteeringCommand } from '../network/control/command.ts'
import { deriveAccounts } from '../network/deriveAccounts.ts'
import { divergenceHeadline, divergenceLines, readDivergence } from '../network/divergence.ts'
import type { NetworkEngine } from '../network/engines.ts'
import { ask, type RpcTarget } from '../network/nodeRpc.ts'
import { freePortRange } from '../network/ports.ts'
import { type Network, startNetwork } from '../network/runner.ts'
import { deriveNodeKeys } from '../network/setup.ts'
import { CliError } from '../output/errors.ts'
import { type AuditResult, auditChain } from './audit.ts'
import { type ChainWatch, watchChain } from './chainWatch.ts'
import { fundSenders } from './fundSenders.ts'
import { QuorumWatch } from './quorumWatch.ts'
import { makeSchedule } from './schedule.ts'
import { startTraffic, type TokenContract, type Traffic } from './traffic.ts'

export interface ChaosOptions {
  readonly dataDir: string
  readonly minutes: number
  readonly seed: number
  readonly nodes: number
  readonly engine: NetworkEngine
}

export interface ChaosReport {
  readonly seed: number
  readonly minutes: number
  readonly nodes: number
  /** How often each kind of fault happened. */
  readonly faults: Readonly<Record<string, number>>
  readonly acknowledged: number
  readonly unacknowledged: number
  readonly audit: AuditResult
  /** Seconds from healing until all nodes had everything. */
  readonly healedAfter: number
  /** Seconds; faults that leave no quorum are part of it. */
  readonly longestWaitForBlock: number
  /** Seconds without a block while enough validators were up and connected to make one. */
  readonly longestWaitWithQuorum: number
  /** Why the run failed; empty when it did not. */
  readonly failures: readonly string[]
}

const SENDERS = 16
const PROGRESS_EVERY_MS = 10_000
/** After healing, everything acknowledged must be in blocks on every node within this. */
const HEAL_TIMEOUT_MS = 120_000
/**
 * With a quorum a block must come within this, whatever went before. Timeouts of rounds grow while faults go on: the
 * twentieth takes up to 20 s, and the proposers of two in a row may be those that are away.
 */
const STALL_LIMIT_MS = 90_000
const QUORUM_LOOK_MS = 250
/** How long a wipe waits while its node may be the only one that knows an acknowledged transaction. */
const WIPE_PATIENCE_MS = 5_000
/**
 * Newest transactions of a node that a wipe waits for: those it acknowledged longer ago are known to the others long since.
 */
const MAX_CHECKED = 100

/** Where a run's progress goes: `detail` has what happens to links too. */
export interface ChaosProgress {
  note(line: string): void
  detail(line: string): void
}

/** @throws what `interrupted` aborts with; the network is stopped then. */
export async function runChaos(
  options: ChaosOptions,
  progress: ChaosProgress,
  interrupted: AbortSignal = new AbortController().signal,
): Promise<ChaosReport> {
  const network = await startNetwork(
    {
      dataDir: options.dataDir,
      nodes: options.nodes,
      port: await freePortRange('127.0.0.1', options.nodes),
      host: '127.0.0.1',
      reset: false,
      blockTimeMs: undefined,
      logLevel: 'info',
      engine: options.engine,
      links: 'proxied',
      linkSeed: `chaos ${options.seed}`,
    },
    (line) => progress.note(line),
    interrupted,
  )
  try {
    const run = new ChaosRun(options, network, progress)
    return await unlessInterrupted(interrupted, Promise.race([run.run(), run.diverged]))
  } finally {
    await network.stop()
  }
}

class ChaosRun {
  readonly #options: ChaosOptions
  readonly #network: Network
  readonly #progress: ChaosProgress
  readonly #faults: Record<string, number> = {}
  readonly #failures: string[] = []
  /** Nodes that get no new transactions because they are about to lose their disk. */
  readonly #spared = new Set<number>()
  /** Validators that lost their record of what they signed, until they are seen to vote again. */
  readonly #forgetful = new Set<number>()
  readonly #quorum = new QuorumWatch()
  /** The last order of each node: orders reach a node in the order of the schedule. */
  readonly #turns = new Map<number, Promise<void>>()
  readonly #divergence = Promise.withResolvers<never>()
  #started = 0

  constructor(options: ChaosOptions, network: Network, progress: ChaosProgress) {
    this.#options = options
    this.#network = network
    this.#progress = progress
  }

  async run(): Promise<ChaosReport> {
    const { seed, minutes, nodes } = this.#options
    this.#network.onExit(({ index, code, signal, logFile }) => {
      this.#lookForDivergences()
      this.#failures.push(`node ${index} ended by itself (${signal ?? `exit code ${code}`}), see ${logFile}`)
    })
    const all = deriveAccounts(this.#network.ready.mnemonic, DEV_ACCOUNT_COUNT + SENDERS)
    const accounts = all.slice(DEV_ACCOUNT_COUNT)
    const tokens = await fundSenders(this.#network, all[0]!, accounts)
    const watch = watchChain(() => this.#targets(), seededRandom(`chaos ${seed} watch`))
    const traffic = startTraffic({
      seed,
      chainId: this.#network.ready.chainId,
      accounts,
      tokens,
      targets: () => this.#targets().filter(({ index }) => !this.#spared.has(index)),
      isIncluded: (hash) => watch.isIncluded(hash),
    })
    this.#started = performance.now()
    const progress = setInterval(() => this.#say(this.#standing(watch, traffic)), PROGRESS_EVERY_MS).unref()
    const stopLooking = this.#watchQuorum(watch, traffic)
    await this.#breakThings(traffic, minutes * 60_000)
    clearInterval(progress)

    this.#say('healing everything')
    const healing = performance.now()
    await this.#healAll()
    await traffic.finish()
    await this.#untilAllHave(traffic, watch)
    const healedAfter = (performance.now() - healing) / 1_000
    await stopLooking()
    if (this.#quorum.longestWait > STALL_LIMIT_MS) {
      const seconds = Math.round(this.#quorum.longestWait / 1_000)
      this.#failures.push(`no block came for ${seconds} s while enough validators were up and connected to make one`)
    }
    await watch.stop()
    this.#say('checking every block, receipt and balance')
    const audit = await auditChain({
      targets: this.#allTargets(),
      acknowledged: traffic.acknowledged,
      shown: watch.shown,
      holders: this.#holders(all, traffic, tokens),
      supply: BigInt(DEV_ACCOUNT_COUNT) * DEV_ACCOUNT_BALANCE,
      tokens,
    })
    return {
      seed,
      minutes,
      nodes,
      faults: this.#faults,
      acknowledged: traffic.acknowledged.length,
      unacknowledged: traffic.unacknowledged,
      audit,
      healedAfter,
      longestWaitForBlock: watch.longestWait / 1_000,
      longestWaitWithQuorum: this.#quorum.longestWait / 1_000,
      failures: [...this.#failures, ...traffic.faults, ...watch.divergences, ...judge(audit, traffic)],
    }
  }

  /** Rejects when a block came out otherwise on a node: there is nothing more to find out. */
  get diverged(): Promise<never> {
    return this.#divergence.promise
  }

  #lookForDivergences(): void {
    for (const node of this.#network.describe().nodes) {
      const found = readDivergence(node)
      if (found === null || found.record.explanation === null) continue
      this.#divergence.reject(new CliError(divergenceHeadline(found), { lines: divergenceLines(found) }))
    }
  }

  /** Nodes that can be asked now. */
  #targets(): RpcTarget[] {
    return this.#network.describe().nodes.filter(({ state }) => state === 'running')
  }

  #allTargets(): RpcTarget[] {
    return [...this.#network.describe().nodes]
  }

  /** Looks until the returned function is called. */
  #watchQuorum(watch: ChainWatch, traffic: Traffic): () => Promise<void> {
    let running = true
    const looking = (async () => {
      while (running) {
        const { nodes } = this.#network.describe()
        const validators = nodes.filter(({ validator }) => validator)
        const voting = validators.filter(({ index, state }) => state === 'running' && !this.#forgetful.has(index))
        this.#quorum.look(performance.now(), {
          voting: voting.map(({ index }) => index),
          validators: validators.length,
          groups: this.#network.links().groups,
          height: watch.height,
          hasWork: traffic.acknowledged.findLast(({ hash }) => !watch.isIncluded(hash)) !== undefined,
        })
        this.#lookForDivergences()
        await Promise.all([pause(QUORUM_LOOK_MS), this.#askForgetful()])
      }
    })()
    return async () => {
      running = false
      await looking
    }
  }

  async #breakThings(traffic: Traffic, durationMs: number): Promise<void> {
    const { seed, nodes } = this.#options
    const { episodes, links } = makeSchedule({ seed, durationMs, nodes, canPause: process.platform !== 'win32' })
    const left = () => durationMs - this.#elapsed()
    const breakLinks = async () => {
      for (const { at, command } of links) {
        await pause(Math.min(at - this.#elapsed(), left()))
        if (left() <= 0) return
        await this.#do(command, traffic)
      }
    }
    const breakNodes = async () => {
      for (const { quiet, events } of episodes) {
        await pause(Math.min(quiet, left()))
        if (left() <= 0) return
        const begun = performance.now()
        const underWay: Promise<void>[] = []
        for (const { at, command } of events) {
          await pause(at - (performance.now() - begun))
          // A slow start of one node does not hold up the faults of the others.
          underWay.push(this.#inTurn(command, traffic))
        }
        await Promise.all(underWay)
      }
      await pause(left())
    }
    await Promise.all([breakLinks(), breakNodes()])
  }

  #inTurn(command: SteeringCommand, traffic: Traffic): Promise<void> {
    if (!('node' in command)) return this.#do(command, traffic)
    const before = this.#turns.get(command.node) ?? Promise.resolve()
    const turn = before.then(() => this.#do(command, traffic))
    this.#turns.set(command.node, turn)
    return turn
  }

  async #do(wanted: SteeringCommand, traffic: Traffic): Promise<void> {
    const command = wanted.kind === 'wipe' ? await this.#harmless(wanted, traffic) : wanted
    const { kind } = command
    try {
      const { text } = await perform(this.#network, command)
      if (command.kind === 'wipe' && command.signer) this.#forgetful.add(command.node)
      this.#faults[kind] = (this.#faults[kind] ?? 0) + 1
      if (kind === 'shape' || kind === 'reset-links') this.#progress.detail(this.#timed(text))
      else this.#say(text)
    } catch (error) {
      // Recorded and not thrown: the run goes on to its audit and to a clean end.
      const { message, hint = null } = error as Partial<CliError>
      this.#failures.push(`${JSON.stringify(command)}: ${message}${hint === null ? '' : ` (${hint})`}`)
    } finally {
      if (wanted.kind === 'wipe') this.#spared.delete(wanted.node)
    }
  }

  /** As much of the wipe as a chain can bear. */
  async #harmless(wipe: SteeringCommand & { kind: 'wipe' }, traffic: Traffic): Promise<SteeringCommand> {
    const command = await this.#wipeOrStop(wipe, traffic)
    if (command.kind !== 'wipe' || !command.signer) return command
    return { ...command, signer: await this.#allRemember(command.node) }
  }

  /** With a third of the validators not knowing what they signed, a chain waits for people. */
  async #allRemember(besides: number): Promise<boolean> {
    await this.#askForgetful()
    return [...this.#forgetful].every((index) => index === besides)
  }

  async #askForgetful(): Promise<void> {
    for (const target of this.#targets().filter(({ index }) => this.#forgetful.has(index))) {
      const status = await ask(target, 'touchstone_status', []).catch(() => null)
      const votes = (status as { abstaining: boolean } | null)?.abstaining === false
      // The answer may be older than the next wipe.
      if (votes && this.#targets().some(({ index }) => index === target.index)) this.#forgetful.delete(target.index)
    }
  }

  /**
   * Data that one disk alone holds is lost with that disk; no chain can promise otherwise. So wait until it is
   * elsewhere, and leave the disk alone if that takes too long.
   */
  async #wipeOrStop(wipe: SteeringCommand & { kind: 'wipe' }, traffic: Traffic): Promise<SteeringCommand> {
    const { node } = wipe
    this.#spared.add(node)
    const deadline = performance.now() + WIPE_PATIENCE_MS
    const others = () => this.#targets().filter(({ index }) => index !== node)
    const own = () => traffic.acknowledged.filter((one) => one.node === node).slice(-MAX_CHECKED)
    for (;;) {
      // Requests that the node is answering now.
      await pause(300)
      const known = await Promise.all(
        own().map(async ({ hash }) => {
          const found = await Promise.all(
            others().map((target) => ask(target, 'eth_getTransactionByHash', [hash]).catch(() => null)),
          )
          return found.some((transaction) => transaction !== null)
        }),
      )
      if (known.every(Boolean)) return wipe
      if (performance.now() > deadline) return { kind: 'stop', node }
    }
  }

  async #healAll(): Promise<void> {
    await perform(this.#network, { kind: 'heal' })
    await perform(this.#network, { kind: 'reset-links', directions: null })
    await Promise.all(
      this.#network.describe().nodes.map(async ({ index, state }) => {
        if (state === 'running') return
        await perform(this.#network, { kind: state === 'paused' ? 'resume' : 'start', node: index })
      }),
    )
  }

  /** Every node at one height, with all that was acknowledged in blocks and nothing waiting. */
  async #untilAllHave(traffic: Traffic, watch: ChainWatch): Promise<void> {
    const deadline = performance.now() + HEAL_TIMEOUT_MS
    for (;;) {
      const waiting = traffic.acknowledged.filter(({ hash }) => !watch.isIncluded(hash)).length
      const heights = await Promise.all(
        this.#allTargets().map((target) => ask(target, 'eth_blockNumber', []).then(Number, () => null)),
      )
      const same = heights.every((height) => height !== null && height === heights[0])
      if (waiting === 0 && same && watch.height >= heights[0]!) return
      if (performance.now() > deadline) {
        const words = heights
          .map((height, position) => `node ${position + 1} ${height ?? 'does not answer'}`)
          .join(', ')
        this.#failures.push(
          `${HEAL_TIMEOUT_MS / 1_000} s after healing ${waiting} acknowledged transactions are in no block; heights: ${words}`,
        )
        return
      }
      await pause(200)
    }
  }

  #holders(accounts: readonly DevAccount[], traffic: Traffic, tokens: readonly TokenContract[]): Hex[] {
    const miners = this.#network
      .describe()
      .nodes.map(({ index }) => bytesToHex(deriveNodeKeys(this.#network.ready.mnemonic, index).feeRecipient))
    const named = [
      ...accounts.map(({ address }) => address),
      ...traffic.holders,
      ...miners,
      ...tokens.map(({ address }) => address),
    ]
    return [...new Set(named.map((address) => getAddress(address)))]
  }

  #elapsed(): number {
    return performance.now() - this.#started
  }

  #say(text: string): void {
    this.#progress.note(this.#timed(text))
  }

  #timed(text: string): string {
    return `${(this.#elapsed() / 1_000).toFixed(1).padStart(7)} s  ${text}`
  }

  #standing(watch: ChainWatch, traffic: Traffic): string {
    const { nodes } = this.#network.describe()
    const up = nodes.filter(({ state }) => state === 'running').length
    return `-- block ${watch.height}, ${traffic.acknowledged.length} transactions acknowledged, ${up} of ${nodes.length} nodes up`
  }
}

function judge(audit: AuditResult, traffic: Traffic): string[] {
  return [
    ...audit.lost.map((hash) => {
      const { from, nonce, node } = traffic.acknowledged.find((one) => one.hash === hash)!
      return `transaction ${hash} (nonce ${nonce} of ${from}) was acknowledged by node ${node} and is lost`
    }),
    ...audit.duplicated.map((hash) => `transaction ${hash} is in the chain more than once`),
    ...audit.divergences,
    ...audit.wrong,
    ...(audit.evidence > 0 ? [`${audit.evidence} proofs that a validator signed two different things`] : []),
    ...(traffic.acknowledged.length === 0 ? ['no transaction was acknowledged, so nothing was tested'] : []),
  ]
}

/** The pauses of a run that failed in the middle hold nobody up: its network is what keeps the process. */
function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => void setTimeout(resolve, Math.max(0, milliseconds)).unref())
}
