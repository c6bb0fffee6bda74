/** A light node: the real engine, signer and codecs on a simulated clock, network and disk, deciding fake blocks. */
import { concatBytes } from '../../src/codec/bytes.ts'
import type { Consensus } from '../../src/consensus/consensus.ts'
import { startConsensus } from '../../src/consensus/engine.ts'
import type { Evidence } from '../../src/consensus/proofs/evidence.ts'
import { forgottenHeight } from '../../src/consensus/signing/forgottenHeight.ts'
import { openSigner } from '../../src/consensus/signing/signer.ts'
import { decodeCertificate, encodeCertificate } from '../../src/types/certificateCodec.ts'
import type { SimNodeOptions, SimulatedNode } from './chainKind.ts'
import { CHAIN, decodeLightBlock, GENESIS_HASH, LightChain, lightBlockForm } from './lightChain.ts'
import { clockOfRun, loggerOfRun } from './nodeRun.ts'
import { SimDisk } from './simDisk.ts'
import { simVerify } from './simKey.ts'
import { SIM_TIMEOUTS } from './simWorld.ts'
import { watchedSigner } from './watchedSigner.ts'

/** Blocks a request for blocks gives at most. */
const SYNC_BATCH = 4

/** Milliseconds between two questions whether there is a next block. */
const STATUS_INTERVAL = 3_000

export class LightNode implements SimulatedNode {
  readonly index: number
  readonly id: string
  readonly correct: boolean
  readonly pool = new Set<number>()
  readonly #options: SimNodeOptions
  readonly #chainDisk: SimDisk
  readonly #signerDisk: SimDisk
  #run = 0
  #up = false
  #isNew: boolean
  #syncing = false
  engine: Consensus | null = null
  chain: LightChain | null = null

  constructor(options: SimNodeOptions) {
    this.#options = options
    this.index = options.index
    this.id = options.id
    this.correct = options.correct
    this.#isNew = options.forgets !== 'votes'
    this.#chainDisk = new SimDisk(options.world.scheduler, options.world.random)
    this.#signerDisk = new SimDisk(options.world.scheduler, options.world.random)
  }

  get isValidator(): boolean {
    return this.#options.key !== null
  }

  get isUp(): boolean {
    return this.#up
  }

  height(): bigint {
    return this.chain?.height() ?? 0n
  }

  evidence(): readonly Evidence[] {
    return this.engine?.status().evidence ?? []
  }

  async offer(transaction: number): Promise<boolean> {
    if (this.chain === null || !this.#up) return false
    this.chain.addTransaction(transaction)
    return true
  }

  lacks(transaction: number): boolean {
    return this.pool.has(transaction)
  }

  async start(): Promise<void> {
    const { world, key, index, id } = this.#options
    this.#run += 1
    const run = this.#run
    const alive = () => this.#up && this.#run === run
    this.#up = true
    this.#syncing = false
    world.trace(`${id} starts`)
    const clock = clockOfRun(this.#options, alive)
    const chain = new LightChain({
      maker: index,
      store: this.#chainDisk.open(),
      clock,
      random: world.random,
      pool: this.pool,
      executionTime: this.#options.executionTime,
      onCommit: (block, certificate) => {
        if (alive()) world.onCommit(this, block, certificate)
      },
    })
    this.chain = chain
    const record = { store: this.#signerDisk.open(), genesisHash: GENESIS_HASH }
    const signer = key === null ? null : await openSigner({ ...record, key })
    if (signer !== null && this.#isNew) await signer.begin(null)
    if (signer !== null && this.#options.forgets !== 'votes') {
      const certificate = chain.at(chain.height())?.certificate ?? null
      const shown = { certificate, genesisHash: GENESIS_HASH, verify: simVerify }
      const forgotten = signer.isComplete() ? await forgottenHeight(signer, shown) : null
      if (forgotten !== null && alive()) world.fail(`${id} has forgotten what it signed at ${forgotten}`)
    }
    if (!alive()) return
    const network = world.network.connect(id, alive)
    const onDisowned = (height: bigint) => {
      if (alive() && this.#options.forgets !== 'votes') world.fail(`${id} disowns what it signed at ${height}`)
    }
    network.setRequestHandler('blocks', async (request) => blocksFrom(chain, request))
    this.engine = startConsensus({
      application: chain,
      network,
      signer: signer && watchedSigner(signer, this.correct ? onDisowned : null),
      validatorSet: (height) => world.kind.validatorsAt(height),
      ...CHAIN,
      head: chain.height(),
      clock,
      logger: loggerOfRun(this.#options, alive),
      blockTime: this.#options.blockTime,
      timeouts: this.#options.timeouts ?? SIM_TIMEOUTS,
      blockForm: lightBlockForm,
      verify: simVerify,
      ...(this.#options.forgets === 'votes' ? { emptyRecord: 'vote' } : {}),
      storedCertificate: async (height) => chain.at(height)?.certificate ?? null,
    })
    this.engine.onHalt((halt) => {
      if (!alive()) return
      world.trace(`${id} halts: ${halt.kind}`)
      if (halt.kind === 'failure' && this.correct) world.fail(`${id} failed: ${String(halt.error)}`)
    })
    const peers = () => network.peers().map((peer) => peer.id)
    this.engine.onBehind((height, peer) => {
      const asked = peers().includes(peer) && world.random.chance(0.7) ? peer : world.random.pick(peers())
      void this.#sync(height, asked, alive, (request) => network.request(asked, 'blocks', request))
    })
    // As sync does: on an idle chain nobody says anything, so a node that missed the end has to ask.
    const ask = () => {
      const asked = world.random.pick(peers())
      void this.#sync(chain.height() + 1n, asked, alive, (request) => network.request(asked, 'blocks', request))
      clock.after(STATUS_INTERVAL, ask)
    }
    if (peers().length > 0) clock.after(STATUS_INTERVAL, ask)
  }

  /** kill -9: nothing of this run has any effect from now on. */
  crash(): void {
    if (!this.#up) return
    this.#options.world.trace(`${this.id} crashes`)
    this.#up = false
    this.#chainDisk.crash()
    this.#signerDisk.crash()
    if (this.#options.forgets === 'votes') this.#signerDisk.wipe()
    this.engine = null
  }

  wipe(): void {
    this.crash()
    this.#options.world.trace(`${this.id} is wiped`)
    this.#chainDisk.wipe()
    this.#signerDisk.wipe()
    this.#isNew = false
  }

  async #sync(
    height: bigint,
    peer: string,
    alive: () => boolean,
    request: (request: Uint8Array) => Promise<readonly Uint8Array[]>,
  ): Promise<void> {
    const { engine, chain } = this
    if (this.#syncing || engine === null || chain === null || !alive()) return
    this.#syncing = true
    this.#options.world.trace(`${this.id} behind ${height}, asks ${peer}`)
    try {
      for (let more = true; more && alive() && chain.height() < height; ) {
        const from = new Uint8Array(8)
        new DataView(from.buffer).setBigUint64(0, chain.height() + 1n, false)
        const frames = await request(from)
        more = frames.length > 0
        for (let index = 0; index + 1 < frames.length && alive(); index += 2) {
          engine.catchUpTo(height)
          await engine.applyCertified(decodeLightBlock(frames[index]!), decodeCertificate(frames[index + 1]!))
        }
      }
    } catch {
      // Asked again when the engine says so again.
    }
    if (!alive()) return
    this.#syncing = false
    engine.catchUpTo(null)
  }
}

function blocksFrom(chain: LightChain, request: Uint8Array): readonly Uint8Array[] {
  const from = new DataView(concatBytes(request).buffer).getBigUint64(0, false)
  const frames: Uint8Array[] = []
  for (let height = from; height < from + BigInt(SYNC_BATCH); height++) {
    const stored = chain.at(height)
    if (stored === undefined) break
    frames.push(stored.block.raw, encodeCertificate(stored.certificate))
  }
  return frames
}
