/**
 * The chain of light simulations: blocks of a few bytes, "executed" after a simulated delay. It keeps what matters to
 * consensus: a hash that commits to the parent, transactions once only, blocks that are invalid, and a synced commit.
 *
 * Raw block: height(8) parent(32) timestamp(8) maker(4) nonce(4) invalid(1) transactions(4 each). Integers big-endian.
 */
import { hash } from 'node:crypto'
import type { Random } from '@touchstone/vm/testing/random'
import { equalBytes, keyOf } from '../../src/codec/bytes.ts'
import { CodecError } from '../../src/codec/codecError.ts'
import type { Application } from '../../src/consensus/application.ts'
import type { BlockForm } from '../../src/consensus/proposals/blockForm.ts'
import type { Clock } from '../../src/runtime/clock.ts'
import type { KeyValueStore } from '../../src/runtime/keyValueStore.ts'
import type { Block } from '../../src/types/block.ts'
import type { Certificate } from '../../src/types/certificate.ts'
import { decodeCertificate, encodeCertificate } from '../../src/types/certificateCodec.ts'
import type { ChainIdentity } from '../../src/types/genesis.ts'
import type { Header } from '../../src/types/header.ts'
import type { ForgedBlock } from './chainKind.ts'

export const CHAIN_ID = 31337n
export const GENESIS_HASH = new Uint8Array(32).fill(0x6e)
export const CHAIN: ChainIdentity = { chainId: CHAIN_ID, genesisHash: GENESIS_HASH }

/** The parent that block 1 names. */
const FIRST_PARENT = new Uint8Array(32)
const FIXED_LENGTH = 57
const MOST_TRANSACTIONS = 8

export function makeLightBlock(fields: ForgedBlock): Block {
  const raw = new Uint8Array(FIXED_LENGTH + 4 * fields.transactions.length)
  const view = new DataView(raw.buffer)
  view.setBigUint64(0, fields.height, false)
  raw.set(fields.parentHash, 8)
  view.setBigUint64(40, fields.timestamp, false)
  view.setUint32(48, fields.maker, false)
  view.setUint32(52, fields.nonce, false)
  raw[56] = fields.invalid ? 1 : 0
  for (const [index, transaction] of fields.transactions.entries()) {
    view.setUint32(FIXED_LENGTH + 4 * index, transaction, false)
  }
  return decodeLightBlock(raw)
}

export function decodeLightBlock(raw: Uint8Array): Block {
  if (raw.length < FIXED_LENGTH || (raw.length - FIXED_LENGTH) % 4 !== 0) {
    throw new CodecError('wrong-length', 'block', `${raw.length} bytes`)
  }
  const bytes = raw.slice()
  const view = new DataView(bytes.buffer)
  const header = {
    number: view.getBigUint64(0, false),
    parentHash: bytes.subarray(8, 40),
    timestamp: view.getBigUint64(40, false),
  }
  // Consensus reads the number and the timestamp of a header, nothing else.
  return {
    header: header as Header,
    transactions: [],
    hash: hash('sha256', bytes, 'buffer').subarray(0, 32),
    raw: bytes,
  }
}

/** The whole block is its head: its transactions are numbers that no node sends by themselves. */
export const lightBlockForm: BlockForm = {
  head: (block) => block.raw,
  readHead(raw) {
    const { hash: blockHash, header } = decodeLightBlock(raw)
    return { hash: blockHash, number: header.number }
  },
  assemble(head, transactions) {
    if (transactions.length === 0) return decodeLightBlock(head)
    throw new CodecError('out-of-range', 'transactions', 'are not those of the head')
  },
}

export function transactionsOf(block: Block): readonly number[] {
  const view = new DataView(block.raw.buffer, block.raw.byteOffset, block.raw.byteLength)
  return Array.from({ length: (block.raw.length - FIXED_LENGTH) / 4 }, (_, index) =>
    view.getUint32(FIXED_LENGTH + 4 * index, false),
  )
}

export function isMarkedInvalid(block: Block): boolean {
  return block.raw[56] === 1
}

export interface LightChainOptions {
  readonly maker: number
  readonly store: KeyValueStore
  readonly clock: Clock
  readonly random: Random
  /** Kept by the caller: a pool that survives restarts. */
  readonly pool: Set<number>
  readonly onCommit: (block: Block, certificate: Certificate) => void
  /** Milliseconds to build or to execute a block, one at a time as in the execution worker. Default: a few. */
  readonly executionTime?: number | undefined
}

export class LightChain implements Application {
  readonly #options: LightChainOptions
  readonly #blocks: { readonly block: Block; readonly certificate: Certificate }[] = []
  readonly #included = new Set<number>()
  readonly #listeners = new Set<() => void>()
  #executing: Promise<void> = Promise.resolve()

  constructor(options: LightChainOptions) {
    this.#options = options
    for (;;) {
      const height = BigInt(this.#blocks.length + 1)
      const block = options.store.get(storeKey('b', height))
      const certificate = options.store.get(storeKey('c', height))
      if (block === undefined || certificate === undefined) break
      this.#append(decodeLightBlock(block), decodeCertificate(certificate))
    }
  }

  height(): bigint {
    return BigInt(this.#blocks.length)
  }

  at(height: bigint): { readonly block: Block; readonly certificate: Certificate } | undefined {
    return this.#blocks[Number(height) - 1]
  }

  addTransaction(transaction: number): void {
    if (this.#included.has(transaction)) return
    this.#options.pool.add(transaction)
    for (const listener of this.#listeners) listener()
  }

  headHash(): Uint8Array {
    return this.#blocks.at(-1)?.block.hash ?? FIRST_PARENT
  }

  async propose(height: bigint): Promise<Block> {
    if (height !== this.height() + 1n) throw new Error(`propose ${height} on ${this.height()}`)
    await this.#execute(2)
    const { pool, clock, maker, random } = this.#options
    return makeLightBlock({
      height,
      parentHash: this.headHash(),
      timestamp: BigInt(Math.floor(clock.now() / 1000)),
      maker,
      nonce: random.below(0x7fffffff),
      invalid: false,
      transactions: [...pool].slice(0, MOST_TRANSACTIONS),
    })
  }

  async validate(block: Block): Promise<{ readonly ok: true } | { readonly ok: false; readonly reason: string }> {
    await this.#execute(3)
    if (isMarkedInvalid(block)) return { ok: false, reason: 'marked invalid' }
    if (block.header.number !== this.height() + 1n) return { ok: false, reason: 'not the next height' }
    if (!equalBytes(block.header.parentHash, this.headHash())) return { ok: false, reason: 'another parent' }
    const seen = new Set<number>()
    for (const transaction of transactionsOf(block)) {
      if (this.#included.has(transaction) || seen.has(transaction)) return { ok: false, reason: 'a transaction twice' }
      seen.add(transaction)
    }
    return { ok: true }
  }

  async finalize(block: Block, certificate: Certificate, signed?: Promise<void>): Promise<void> {
    const { number } = block.header
    if (number <= this.height()) return
    if (number !== this.height() + 1n || !equalBytes(block.header.parentHash, this.headHash())) {
      throw new Error(`finalize ${number} ${keyOf(block.hash)} does not follow ${this.height()}`)
    }
    await this.#options.store.batch(
      [
        { type: 'put', key: storeKey('b', number), value: block.raw },
        { type: 'put', key: storeKey('c', number), value: encodeCertificate(certificate) },
      ],
      { sync: true },
    )
    await signed
    this.#append(block, certificate)
    this.#options.onCommit(block, certificate)
  }

  hasWork(): boolean {
    return this.#options.pool.size > 0
  }

  onWork(listener: () => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  #append(block: Block, certificate: Certificate): void {
    this.#blocks.push({ block, certificate })
    for (const transaction of transactionsOf(block)) {
      this.#included.add(transaction)
      this.#options.pool.delete(transaction)
    }
  }

  #execute(most: number): Promise<void> {
    const { executionTime, clock } = this.#options
    if (executionTime === undefined) return this.#delay(most)
    this.#executing = this.#executing.then(() => new Promise((resolve) => clock.after(executionTime, resolve)))
    return this.#executing
  }

  #delay(most: number): Promise<void> {
    const { clock, random } = this.#options
    return new Promise((resolve) => clock.after(1 + random.fraction() * most, resolve))
  }
}

function storeKey(table: string, height: bigint): Uint8Array {
  const key = new Uint8Array(9)
  key[0] = table.charCodeAt(0)
  new DataView(key.buffer).setBigUint64(1, height, false)
  return key
}
