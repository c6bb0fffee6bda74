/**
 * The questions of load balancers and orchestrators to a node: whether it works (`/health`), and whether to send it requests
 * (`/ready`). The status is 200 or 503, and the body says why. docs/metrics.md, "Health", has the meaning of each reason.
 */
import { ChainError } from '../../chain/chainService.ts'
import { toQuantity } from '../../codec/hex.ts'
import type { RpcBackend } from '../backend.ts'
import { HEALTH_ANSWER_TIMEOUT, HEALTH_LOOK_INTERVAL, MAX_UNDECIDED_TIME } from '../limits.ts'

export interface Liveness {
  readonly healthy: boolean
  /** Number of the newest block, a quantity. */
  readonly height: string
  /** Sentences; empty when all is well. */
  readonly reasons: readonly string[]
}

export interface Readiness {
  readonly ready: boolean
  readonly height: string
  readonly syncing: boolean
  /** False when a height takes too long, or consensus has stopped. */
  readonly finalising: boolean
  readonly peers: number
  readonly reasons: readonly string[]
}

export class Health {
  readonly #backend: RpcBackend
  /** When the height being decided was last seen to begin, or not to have begun. */
  #undecidedSince: number
  #height = -1n
  #stopLooking: () => void = () => undefined
  /** The worker's answer, which all who ask meanwhile share. */
  #asking: Promise<boolean> | null = null

  constructor(backend: RpcBackend) {
    this.#backend = backend
    this.#undecidedSince = backend.clock.monotonic()
    this.#lookLater()
  }

  close(): void {
    this.#stopLooking()
  }

  /** Whether the node can do its work. Asks the execution worker for something that costs nothing. */
  async live(): Promise<Liveness> {
    this.#asking ??= this.#workerAnswers().finally(() => {
      this.#asking = null
    })
    const answers = await this.#asking
    const reasons = [
      ...this.#haltReasons(),
      ...(answers ? [] : [`the chain has not answered for ${HEALTH_ANSWER_TIMEOUT} ms`]),
    ]
    return { healthy: reasons.length === 0, height: this.#head(), reasons }
  }

  /** Whether it has the newest block, and blocks come when there is something to put into them. */
  ready(): Readiness {
    const { syncing, currentBlock, highestBlock } = this.#backend.sync()
    const peers = this.#backend.peerCount()
    const halted = this.#haltReasons()
    this.#look()
    const undecided = this.#backend.clock.monotonic() - this.#undecidedSince
    const { height, round } = this.#backend.consensus()
    const isAlone = this.#isAlone()
    const waits = [
      ...(undecided > MAX_UNDECIDED_TIME
        ? [`height ${height} has not been decided for ${Math.floor(undecided / 1_000)} s (round ${round})`]
        : []),
      ...(peers === 0 && !isAlone ? ['no peer is connected'] : []),
    ]
    const reasons = [...halted, ...(syncing ? [`syncing: at block ${currentBlock} of ${highestBlock}`] : []), ...waits]
    return {
      ready: reasons.length === 0,
      height: this.#head(),
      syncing,
      finalising: halted.length === 0 && waits.length === 0,
      peers,
      reasons,
    }
  }

  #head(): string {
    return toQuantity(this.#backend.chain.head().header.number)
  }

  #haltReasons(): string[] {
    const { halted } = this.#backend.consensus()
    if (halted === null) return []
    return [
      halted.kind === 'fork'
        ? 'two chains are certified, and this node takes part in neither: touchstone_status shows both certificates'
        : 'consensus has stopped because of a fault of this node: its log says which',
    ]
  }

  /** It decides without anybody else. */
  #isAlone(): boolean {
    return this.#backend.chain.genesis.validators.length === 1 && this.#backend.consensus().isValidator
  }

  async #workerAnswers(): Promise<boolean> {
    const { chain, clock } = this.#backend
    const { promise: late, resolve } = Promise.withResolvers<boolean>()
    const cancel = clock.after(HEALTH_ANSWER_TIMEOUT, () => resolve(false))
    const answer = chain.block('earliest').then(
      () => true,
      // An answer too: so many ask that it is somebody else's turn.
      (error: unknown) => error instanceof ChainError,
    )
    return Promise.race([answer, late]).finally(cancel)
  }

  /** Between heights nothing is to be decided, however long that takes. */
  #look(): void {
    const { height, step } = this.#backend.consensus()
    if (height === this.#height && step !== 'waiting') return
    this.#height = height
    this.#undecidedSince = this.#backend.clock.monotonic()
  }

  #lookLater(): void {
    this.#stopLooking = this.#backend.clock.after(HEALTH_LOOK_INTERVAL, () => {
      this.#look()
      this.#lookLater()
    })
  }
}
