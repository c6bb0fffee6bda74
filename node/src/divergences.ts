/**
 * What a node does about a block that came out otherwise than its header says: it writes that down at once, looks for where the
 * engines part in a thread of its own, and writes that down too. The record stays until the block is executed as it was certified,
 * or a person deletes it.
 */
import { existsSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import type { ChainService } from './chain/chainService.ts'
import type { Diverged } from './chain/diverged.ts'
import { WORKER_STACK_MB } from './chain/worker/client.ts'
import { explainInThread } from './chain/worker/explain/explainInThread.ts'
import { parseExactJson } from './codec/exactJson.ts'
import { toHex } from './codec/hex.ts'
import { DIVERGENCE_FILE, type DivergenceRecord, divergenceRecord } from './divergence/record.ts'
import { divergenceTitle, explanationLines } from './divergence/words.ts'
import type { Clock } from './runtime/clock.ts'
import type { Logger } from './runtime/logger.ts'
import { writePrivateFile } from './runtime/privateFiles.ts'
import type { Genesis } from './types/genesis.ts'

export interface DivergencesOptions {
  /** The node's directory. */
  readonly dataDir: string
  /** That of its chain's database. */
  readonly chainDirectory: string
  readonly genesis: Pick<Genesis, 'chainId' | 'schedule'>
  readonly logger: Logger
  readonly clock: Clock
}

export class Divergences {
  readonly #options: DivergencesOptions
  readonly #path: string
  #record: DivergenceRecord | null
  #looking: Promise<void> = Promise.resolve()
  readonly #stopping = new AbortController()

  constructor(options: DivergencesOptions) {
    this.#options = options
    this.#path = join(options.dataDir, DIVERGENCE_FILE)
    this.#record = this.#read()
    if (this.#record !== null) {
      options.logger.warn({ record: this.#path }, `earlier, ${divergenceTitle(this.#record)}`)
    }
  }

  /** Resolves when nothing is being looked for any more. */
  settled(): Promise<void> {
    return this.#looking
  }

  /** The thread that looks has the database open, which is to be closed. */
  close(): Promise<void> {
    this.#stopping.abort()
    return this.#looking
  }

  note(diverged: Diverged): void {
    // A proposal says less than a block that was decided, and one at a time is looked into.
    if (diverged.kind === 'proposal' && this.#record?.kind === 'certified') return
    const { kind, block, engine, reason, unequal } = diverged
    const [height, hash] = [String(block.header.number), toHex(block.hash)]
    // It was proposed before it was certified, and is looked into once.
    const explanation = this.#record?.hash === hash ? this.#record.explanation : null
    this.#keep({ kind, block: height, hash, engine, reason, fields: unequal, explanation })
    this.#options.logger.error({ block: height, record: this.#path }, divergenceTitle(this.#record!))
    this.#looking = this.#looking.then(() => this.#explain(diverged, hash))
  }

  /** A certified block that is executed here now has no divergence any more. */
  follow(chain: Pick<ChainService, 'onBlock' | 'head'>): () => void {
    this.#passed(chain.head().header.number)
    return chain.onBlock(({ block }) => this.#passed(block.header.number))
  }

  async #explain({ block, senders, parentRoot }: Diverged, hash: string): Promise<void> {
    if (!this.#isOpen(hash)) return
    const { genesis, chainDirectory, clock, logger } = this.#options
    const { chainId, schedule } = genesis
    const { signal } = this.#stopping
    const task = { block, senders, parentRoot, chainId, schedule, directory: chainDirectory }
    const explanation = await explainInThread({ task, clock, stackMb: WORKER_STACK_MB, signal })
    if (!this.#isOpen(hash)) return
    this.#keep({ ...this.#record!, explanation })
    for (const line of explanationLines(explanation)) logger.error({ block: this.#record!.block }, line)
  }

  /** Whether the record is about this block, and says nothing yet of where the engines part. */
  #isOpen(hash: string): boolean {
    return this.#record?.hash === hash && this.#record.explanation === null
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

function parsed(text: string): unknown {
  try {
    return parseExactJson(text)
  } catch (error) {
    if (error instanceof SyntaxError) return null
    throw error
  }
}
