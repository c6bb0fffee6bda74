/**
 * A node's handling of a block that came out otherwise than its header says: it looks for where its engines part, in a
 * thread of its own, and keeps a record of it. Of a block that is certified it writes that down at once, as it has to
 * stop; the record stays until the block is executed as it was certified. Of a block that is only proposed it writes
 * down that its engines part over it, and nothing where they agree: then the proposer is at fault, which is no
 * divergence of this node.
 */
import { existsSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import type { ChainService } from '../chain/chainService.ts'
import type { Diverged } from '../chain/diverged.ts'
import { EXPLAIN_PAUSE } from '../chain/limits.ts'
import { WORKER_STACK_MB } from '../chain/worker/executionThread.ts'
import { explainInThread } from '../chain/worker/explain/explainInThread.ts'
import { parseExactJson } from '../codec/exactJson.ts'
import { toHex } from '../codec/hex.ts'
import type { Explanation } from '../divergence/explain.ts'
import { isFaultHere } from '../divergence/finding.ts'
import { DIVERGENCE_FILE, type DivergenceRecord, divergenceRecord } from '../divergence/record.ts'
import { divergenceTitle, explanationLines } from '../divergence/words.ts'
import type { Clock } from '../runtime/clock.ts'
import type { Logger } from '../runtime/logging/logger.ts'
import { writePrivateFile } from '../runtime/privateFiles.ts'
import type { Genesis } from '../types/genesis.ts'

export interface DivergencesOptions {
  /** The node's directory. */
  readonly dataDir: string
  /** That of its chain's database. */
  readonly chainDirectory: string
  readonly genesis: Pick<Genesis, 'chainId' | 'schedule'>
  readonly logger: Logger
  readonly clock: Clock
  /** Looks for where engines part: in a thread of its own, unless a test says otherwise. */
  readonly explain?: typeof explainInThread
}

/** A block that is being looked into. */
interface Look {
  readonly hash: string
  /** Ends it, without a word about the block. */
  readonly end: AbortController
  readonly done: Promise<void>
}

export class Divergences {
  readonly #options: DivergencesOptions
  readonly #path: string
  #record: DivergenceRecord | null
  #look: Look | null = null
  /** The outcome of the last one. */
  #explained: { readonly hash: string; readonly explanation: Explanation } | null = null
  /** Before it no proposal is looked into: milliseconds of the clock that never goes back. */
  #nextProposal = Number.NEGATIVE_INFINITY
  #isClosing = false

  constructor(options: DivergencesOptions) {
    this.#options = options
    this.#path = join(options.dataDir, DIVERGENCE_FILE)
    this.#record = this.#read()
    if (this.#record !== null) {
      options.logger.warn({ record: this.#path }, `earlier, ${divergenceTitle(this.#record)}`)
    }
  }

  /** Resolves when nothing is being looked into. */
  async settled(): Promise<void> {
    while (this.#look !== null) await this.#look.done
  }

  /**
   * The same for a node that has to stop: its operator shall find where its engines part over the certified block. Nothing
   * else is waited for, since anybody who may propose could make that slow.
   */
  async certifiedSettled(): Promise<void> {
    if (this.#record?.kind === 'certified') await this.settled()
  }

  /** The thread that looks has the database open, which is to be closed. */
  close(): Promise<void> {
    this.#isClosing = true
    this.#look?.end.abort()
    return this.settled()
  }

  note(diverged: Diverged): void {
    if (diverged.kind === 'certified') this.#noteCertified(diverged)
    else this.#noteProposal(diverged)
  }

  #noteCertified(diverged: Diverged): void {
    const { hash, ...rest } = recordOf(diverged)
    // It may have been proposed before it was certified, or certified before the node was started again: it is looked
    // into once.
    const known = [this.#record, this.#explained].find((one) => one?.hash === hash)?.explanation ?? null
    this.#keep({ ...rest, hash, explanation: known })
    this.#options.logger.error({ block: rest.block, record: this.#path }, divergenceTitle(this.#record!))
    if (known !== null || this.#look?.hash === hash) return
    this.#look?.end.abort()
    this.#lookInto(diverged)
  }

  /** A proposer may propose a wrong block in every round, and make it slow to look into. */
  #noteProposal(diverged: Diverged): void {
    const { clock, logger } = this.#options
    if (this.#record !== null || this.#look !== null || clock.monotonic() < this.#nextProposal) return
    this.#nextProposal = clock.monotonic() + EXPLAIN_PAUSE
    const record = recordOf(diverged)
    logger.warn({ block: record.block }, `${divergenceTitle(record)}; this node looks for the side that is at fault`)
    this.#lookInto(diverged)
  }

  #lookInto(diverged: Diverged): void {
    // The thread would open the database while it is being closed. Of a certified block there is a record, for the next
    // start.
    if (this.#isClosing) return
    const end = new AbortController()
    const before = this.#look?.done ?? Promise.resolve()
    const look: Look = {
      hash: toHex(diverged.block.hash),
      end,
      done: before.then(async () => {
        const explanation = await this.#explain(diverged, end.signal)
        if (this.#look === look) this.#look = null
        // One that was ended has found nothing: the record goes on saying so, and a node that is started again looks again.
        if (!end.signal.aborted) this.#found(diverged, explanation)
      }),
    }
    this.#look = look
  }

  #explain({ block, senders, parentRoot, engine }: Diverged, signal: AbortSignal): Promise<Explanation> {
    const { genesis, chainDirectory, clock, explain = explainInThread } = this.#options
    const { chainId, schedule } = genesis
    const task = { block, senders, parentRoot, engine, chainId, schedule, directory: chainDirectory }
    return explain({ task, clock, stackMb: WORKER_STACK_MB, signal })
  }

  #found(diverged: Diverged, explanation: Explanation): void {
    const { logger } = this.#options
    const record = { ...recordOf(diverged), explanation }
    const { hash, block } = record
    this.#explained = { hash, explanation }
    if (this.#record?.hash === hash) this.#keep({ ...this.#record, explanation })
    else if (this.#record === null && explanation.finding !== null && isFaultHere(explanation.finding)) {
      this.#keep(record)
      logger.error({ block, record: this.#path }, divergenceTitle(record))
    }
    const say = this.#record?.hash === hash ? logger.error : logger.warn
    for (const line of explanationLines(explanation)) say.call(logger, { block }, line)
  }

  /** A certified block that is executed here now has no divergence any more. */
  follow(chain: Pick<ChainService, 'onBlock' | 'head'>): () => void {
    this.#passed(chain.head().header.number)
    return chain.onBlock(({ block }) => this.#passed(block.header.number))
  }

  #keep(record: DivergenceRecord): void {
    this.#record = record
    this.#onDisk(() => writePrivateFile(this.#path, `${JSON.stringify(record, null, 2)}\n`))
  }

  #passed(height: bigint): void {
    if (this.#record?.kind !== 'certified' || height < BigInt(this.#record.block)) return
    this.#options.logger.info(
      { block: this.#record.block },
      'the block that came out otherwise is executed as it was certified',
    )
    this.#record = null
    this.#onDisk(() => rmSync(this.#path, { force: true }))
  }

  #read(): DivergenceRecord | null {
    let record: DivergenceRecord | null = null
    this.#onDisk(() => {
      if (existsSync(this.#path)) record = divergenceRecord(parsed(readFileSync(this.#path, 'utf8')))
    })
    return record
  }

  /** The record is for people: a disk that does not take it must not be what the node is said to have stopped for. */
  #onDisk(work: () => void): void {
    try {
      work()
    } catch (error) {
      this.#options.logger.error(
        { err: error, record: this.#path },
        'the record of a divergence cannot be read or written',
      )
    }
  }
}

/** Without where the engines part. */
function recordOf({ kind, block, engine, reason, unequal }: Diverged): DivergenceRecord {
  const [height, hash] = [String(block.header.number), toHex(block.hash)]
  return { kind, block: height, hash, engine, reason, fields: unequal, explanation: null }
}

function parsed(text: string): unknown {
  try {
    return parseExactJson(text)
  } catch (error) {
    if (error instanceof SyntaxError) return null
    throw error
  }
}
