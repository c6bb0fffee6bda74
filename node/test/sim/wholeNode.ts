/**
 * A node of a simulation with everything a node has: chain, state and execution on a simulated disk, transaction pool and
 * its gossip, consensus, sync; wired as node.ts does it. Not real: clock, network, disk, signatures of votes, the worker
 * threads (a call of the chain takes simulated time instead), JSON-RPC.
 */
import type { ChainService } from '../../src/chain/chainService.ts'
import { createInProcessChain } from '../../src/chain/inProcessChain.ts'
import { REFUSED_AT } from '../../src/chain/limits.ts'
import { keyOf } from '../../src/codec/bytes.ts'
import type { Consensus } from '../../src/consensus/consensus.ts'
import { startConsensus } from '../../src/consensus/engine.ts'
import type { Evidence } from '../../src/consensus/proofs/evidence.ts'
import { ValidatorHistory } from '../../src/consensus/proofs/validatorHistory.ts'
import { forgottenHeight } from '../../src/consensus/signing/forgottenHeight.ts'
import { openSigner } from '../../src/consensus/signing/signer.ts'
import type { Clock } from '../../src/runtime/clock.ts'
import { startBlockSync } from '../../src/sync/blockSync.ts'
import { startTxGossip } from '../../src/txpool/txGossip.ts'
import { openTxPool, type TxPool } from '../../src/txpool/txPool.ts'
import type { Genesis } from '../../src/types/genesis.ts'
import { createChainApplication } from '../../src/wiring/chainApplication.ts'
import type { SimNodeOptions, SimulatedNode } from './chainKind.ts'
import { clockOfRun, loggerOfRun } from './nodeRun.ts'
import { SimDisk } from './simDisk.ts'
import { simVerify } from './simKey.ts'
import { simRecoverer, simTransaction } from './simTransactions.ts'
import { SIM_TIMEOUTS } from './simWorld.ts'
import { watchedSigner } from './watchedSigner.ts'

/** Most simulated milliseconds to build or to execute a block. */
const EXECUTION_TIME = 4

export class WholeNode implements SimulatedNode {
  readonly index: number
  readonly id: string
  readonly correct: boolean
  readonly #options: SimNodeOptions
  readonly #genesis: Genesis
  readonly #feeRecipient: Uint8Array
  readonly #includedAt: (transaction: number) => bigint | undefined
  readonly #chainDisk: SimDisk
  readonly #poolDisk: SimDisk
  readonly #signerDisk: SimDisk
  #run = 0
  #up = false
  #isNew: boolean
  #height = 0n
  #pool: TxPool | null = null
  engine: Consensus | null = null
  /** Why consensus stopped. */
  failure: string | null = null

  constructor(
    options: SimNodeOptions,
    genesis: Genesis,
    feeRecipient: Uint8Array,
    includedAt: (transaction: number) => bigint | undefined,
  ) {
    const { scheduler, random } = options.world
    this.#options = options
    this.#genesis = genesis
    this.#feeRecipient = feeRecipient
    this.#includedAt = includedAt
    this.#isNew = options.forgets !== 'votes'
    this.index = options.index
    this.id = options.id
    this.correct = options.correct
    this.#chainDisk = new SimDisk(scheduler, random)
    this.#poolDisk = new SimDisk(scheduler, random)
    this.#signerDisk = new SimDisk(scheduler, random)
  }

  get isValidator(): boolean {
    return this.#options.key !== null
  }

  get isUp(): boolean {
    return this.#up
  }

  height(): bigint {
    return this.#height
  }

  evidence(): readonly Evidence[] {
    return this.engine?.status().evidence ?? []
  }

  async offer(transaction: number): Promise<boolean> {
    const pool = this.#pool
    if (pool === null || !this.#up) return false
    const run = this.#run
    const outcome = await pool.add(simTransaction(transaction).raw, 'local')
    // The answer of a run that has ended reaches nobody.
    if (this.#run !== run || !this.#up) return false
    // In a block already: an earlier answer was lost on its way.
    return outcome.ok || this.#includedAt(transaction) !== undefined
  }

  lacks(transaction: number): boolean {
    const at = this.#includedAt(transaction)
    return at === undefined || at > this.#height
  }

  async start(): Promise<void> {
    const { world, id } = this.#options
    this.#run += 1
    const run = this.#run
    const alive = () => this.#up && this.#run === run
    this.#up = true
    world.trace(`${id} starts`)
    try {
      await this.#start(alive)
    } catch (error) {
      if (alive()) world.fail(`${id} cannot start: ${String(error)}`)
    }
  }

  async #start(alive: () => boolean): Promise<void> {
    const { world, key, id, forgets, cannotExecute = [] } = this.#options
    const setAside = new Set<string>()
    const clock = clockOfRun(this.#options, alive)
    const logger = loggerOfRun(this.#options, alive)
    const opened = await createInProcessChain({
      store: this.#chainDisk.open(),
      genesis: this.#genesis,
      engine: 'reference',
      strikes: new Map(cannotExecute.map((number) => [keyOf(simTransaction(number).hash), REFUSED_AT])),
      onFault: ({ transaction }, consequence) => {
        if (transaction === null || consequence === 'executed-again') return
        setAside.add(keyOf(transaction.hash))
        this.#pool?.setAside(transaction.hash)
      },
    })
    if (!alive()) return
    const chain = this.#slowed(opened, clock)
    this.#height = chain.head().header.number
    // It may have died when its newest block was on the disk, and before it said so; nobody else may have that block.
    const newest = await chain.block('latest')
    if (!alive()) return
    if (newest?.certificate != null) world.onCommit(this, newest.block, newest.certificate)
    const txpool = openTxPool({
      chain,
      recoverer: simRecoverer,
      clock,
      logger,
      store: this.#poolDisk.open(),
      setAside: (hash) => (setAside.has(keyOf(hash)) ? 'this machine cannot execute it' : null),
    })
    const { genesisHash } = chain
    const signer = key === null ? null : await openSigner({ store: this.#signerDisk.open(), key, genesisHash })
    // As the configuration of a new validator says: it has signed nothing yet.
    if (signer !== null && this.#isNew) await signer.begin(null)
    if (signer !== null && forgets !== 'votes') {
      const certificate = (await chain.block('latest'))?.certificate ?? null
      const shown = { certificate, genesisHash, verify: simVerify }
      const forgotten = signer.isComplete() ? await forgottenHeight(signer, shown) : null
      if (forgotten !== null && alive()) world.fail(`${id} has forgotten what it signed at ${forgotten}`)
    }
    await txpool.ready
    if (!alive()) return
    const feeRecipient = this.#feeRecipient
    const validators = new ValidatorHistory(await chain.validatorsAfter('latest'))
    if (!alive()) return
    const network = world.network.connect(id, alive)
    const onDisowned = (height: bigint) => {
      if (alive() && forgets !== 'votes') world.fail(`${id} disowns what it signed at ${height}`)
    }
    startTxGossip({ network, pool: txpool, clock, logger })
    const engine = startConsensus({
      application: createChainApplication({ chain, txpool, recoverer: simRecoverer, clock, feeRecipient, validators }),
      network,
      signer: signer && watchedSigner(signer, this.correct ? onDisowned : null),
      validatorSet: (height) => validators.at(height),
      chainId: this.#genesis.chainId,
      genesisHash,
      head: chain.head().header.number,
      headHash: chain.head().hash,
      clock,
      logger,
      blockTime: this.#options.blockTime,
      timeouts: this.#options.timeouts ?? SIM_TIMEOUTS,
      verify: simVerify,
      ...(forgets === 'votes' ? { emptyRecord: 'vote' } : {}),
      storedCertificate: async (height) => (await chain.block({ number: height }))?.certificate ?? null,
    })
    engine.onHalt((halt) => {
      if (!alive()) return
      world.trace(`${id} halts: ${halt.kind}`)
      if (halt.kind === 'failure') this.failure = String(halt.error)
      if (halt.kind === 'failure' && this.correct && cannotExecute.length === 0)
        world.fail(`${id} failed: ${String(halt.error)}`)
    })
    engine.onCommit(({ block, certificate }) => {
      if (!alive()) return
      this.#height = block.header.number
      world.onCommit(this, block, certificate)
    })
    const sync = startBlockSync({
      network,
      chain,
      apply: (block, certificate) => engine.applyCertified(block, certificate),
      prepare: (block) => simRecoverer.recover(block.transactions),
      onTarget: (height) => engine.catchUpTo(height),
      clock,
      logger,
    })
    engine.onBehind((height, peer) => sync.onBehind(height, peer))
    this.#pool = txpool
    this.engine = engine
    await network.start()
  }

  crash(): void {
    if (!this.#up) return
    const { world, id, forgets } = this.#options
    world.trace(`${id} crashes`)
    this.#up = false
    this.#chainDisk.crash()
    this.#signerDisk.crash()
    // The pool promises to survive the process, not the machine.
    this.#poolDisk.kill()
    if (forgets === 'votes') this.#signerDisk.wipe()
    if (forgets === 'pool') this.#poolDisk.wipe()
    this.engine = null
    this.#pool = null
    world.network.disconnect(id)
  }

  wipe(): void {
    this.crash()
    this.#options.world.trace(`${this.id} is wiped`)
    for (const disk of [this.#chainDisk, this.#signerDisk]) disk.wipe()
    this.#height = 0n
    this.#isNew = false
  }

  /** Building and executing take simulated time, one after the other, as in the execution worker. */
  #slowed(chain: ChainService, clock: Clock): ChainService {
    const { world, executionTime } = this.#options
    let last: Promise<unknown> = Promise.resolve()
    const takes = <T>(task: () => Promise<T>): Promise<T> => {
      const time = executionTime ?? 0.5 + world.random.fraction() * EXECUTION_TIME
      const result = last.then(() => new Promise<void>((resolve) => clock.after(time, resolve))).then(task)
      last = result.catch(() => undefined)
      return result
    }
    return {
      ...chain,
      build: (request) => takes(() => chain.build(request)),
      validate: (block, senders) => takes(() => chain.validate(block, senders)),
    }
  }
}
