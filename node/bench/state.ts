/**
 * A chain over states of several sizes: what a transfer costs, how the disk grows, what a start, a proof and a snapshot
 * take. The accounts, and a contract's slots, are written straight into the database, their tries made at once
 * (bulkTrie.ts).
 *
 * `npm run bench:state -- --accounts 1000,100000,1000000 --slots 1000000 --blocks 20 --transactions 200 --keep 8`. With
 * `--accounts 1000,10000 --slots 10000 --blocks 5` it takes less than a minute. It fails where a transfer at the
 * largest size costs more processor time than 1.5 times that at the smallest, or where a start, a proof or a snapshot
 * is over its bound.
 */
import { mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { readOptions } from '../../scripts/options.ts'
import { type Chain, openChain } from '../src/chain/chain.ts'
import { answerQuery } from '../src/chain/chainQueries.ts'
import { blockRecords, put } from '../src/chain/commit.ts'
import { BatchWriter } from '../src/chain/nodeCensus.ts'
import { encodeHead, encodeReceiptRecords, encodeStates } from '../src/chain/records.ts'
import { keys } from '../src/chain/schema.ts'
import { SnapshotStore } from '../src/chain/snapshotStore.ts'
import {
  accounts,
  appendBlock,
  certificateOf,
  genesis,
  request,
  sendersOf,
  transaction,
} from '../src/chain/testing/fixtures.ts'
import { bigintToBytes, equalBytes } from '../src/codec/bytes.ts'
import { encodeRlp } from '../src/codec/rlp.ts'
import { EMPTY_CODE_HASH, keccak256 } from '../src/crypto/keccak.ts'
import { createAddress } from '../src/execution/contractAddress.ts'
import { encodeInitCode } from '../src/execution/initCode.ts'
import { command, PUPPET_CODE } from '../src/execution/testing/puppet.ts'
import { installCrypto } from '../src/runtime/installCrypto.ts'
import { openLevelStore } from '../src/runtime/levelStore.ts'
import { hashedKey } from '../src/trie/keyHashes.ts'
import { entriesBelow, storedNodesBelow } from '../src/trie/scan.ts'
import { decodeAccount, EMPTY_ACCOUNT, encodeAccount } from '../src/types/accountCodec.ts'
import { sealBlock } from '../src/types/blockCodec.ts'
import type { SenderTransaction } from '../src/types/transaction.ts'
import { type BulkEntry, bulkTrie } from './bulkTrie.ts'

const MOST_TIMES_THE_SMALLEST = 1.5
/** Milliseconds, at the largest size; a machine with other work needs a multiple. */
const BOUNDS = { start: 2_000, proof: 20, snapshot: 180_000 }

const { values } = readOptions(import.meta.url, {
  options: {
    accounts: { type: 'string', default: '1000,100000,1000000' },
    slots: { type: 'string', default: '1000000' },
    blocks: { type: 'string', default: '20' },
    transactions: { type: 'string', default: '200' },
    keep: { type: 'string', default: '8' },
  },
})
const sizes = values.accounts.split(',').map(Number)
const [slots, blocks, perBlock, keep] = [values.slots, values.blocks, values.transactions, values.keep].map(Number) as [
  ...[number, number, number, number],
]
if (![...sizes, slots, blocks, perBlock, keep].every((size) => Number.isSafeInteger(size) && size > 0)) {
  throw new Error('every option is a whole number above 0, --accounts several with commas')
}

const puppet = createAddress(accounts[0]!.address, 0n)
const addressOf = (index: number) => bigintToBytes((1n << 100n) + BigInt(index), 20)
const slotOf = (index: number) => bigintToBytes(BigInt(index), 32)

function time(): () => { readonly ms: number; readonly cpu: number } {
  const [began, used] = [performance.now(), process.cpuUsage()]
  return () => {
    const { user, system } = process.cpuUsage(used)
    return { ms: performance.now() - began, cpu: (user + system) / 1_000 }
  }
}

const bytesOf = (directory: string) =>
  readdirSync(directory).reduce((sum, name) => sum + statSync(join(directory, name)).size, 0)

/**
 * A chain of two blocks, the second of which has so many accounts, and a contract with so many slots. No two nodes are
 * alike, as no two balances and slots are, so none has a second place, and there is nothing to count.
 */
async function fill(directory: string, accountCount: number, slotCount: number): Promise<void> {
  const store = await openLevelStore(directory)
  const chain = await openChain({ store, genesis, engine: 'compiled' })
  const deploys = { to: null, value: 0n, data: encodeInitCode(PUPPET_CODE, null), gasLimit: 10_000_000n }
  await appendBlock(chain, [transaction(0, 0, deploys)])
  const { database } = chain
  const writer = new BatchWriter(store)
  const stored = (hash: Uint8Array, rlp: Uint8Array) => writer.add(put(keys.node(hash), rlp))
  const bytesOfSlot = (index: number) => bigintToBytes(BigInt(index) + (1n << 200n), 26)
  const slots: BulkEntry[] = []
  for (let index = 0; index < slotCount; index++) {
    const [slot, value] = [keccak256(slotOf(index)), bytesOfSlot(index)]
    slots.push([slot, encodeRlp(value)])
    await writer.add(put(keys.flatSlot(hashedKey(puppet), slot), value))
  }
  const storageRoot = await bulkTrie(slots, stored)
  const entries: BulkEntry[] = []
  const own = new Map(entriesBelow(database, chain.head.header.stateRoot, 32))
  for (const [key, rlp] of own) {
    const account = decodeAccount(rlp)
    const isPuppet = equalBytes(key, hashedKey(puppet))
    entries.push([key, isPuppet ? encodeAccount({ ...account, storageRoot }) : rlp])
  }
  for (let index = 0; index < accountCount; index++) {
    const account = { ...EMPTY_ACCOUNT, balance: 10n ** 18n + BigInt(index) }
    entries.push([keccak256(addressOf(index)), encodeAccount(account)])
  }
  for (const [key, rlp] of entries) await writer.add(put(keys.flatAccount(key), rlp))
  const root = await bulkTrie(entries, stored)
  await writer.end()
  const { header } = chain.build(request(chain.head, [])).block
  const block = sealBlock({ ...header, stateRoot: root }, [])
  const { number } = header
  const rest = [
    put(keys.receipts(number), encodeReceiptRecords([])),
    put(keys.flatRoot, root),
    put(keys.states, encodeStates({ oldest: number, part: 0 })),
    put(keys.head, encodeHead({ number, hash: block.hash })),
  ]
  await store.batch([...blockRecords(block, certificateOf(block)), ...rest], { sync: true })
  await chain.close()
}

class Measured {
  readonly directory: string
  readonly size: number
  readonly slots: number
  chain!: Chain
  #next = 0
  readonly #nonces = new Map<number, number>()
  start = 0

  constructor(directory: string, size: number, slotCount: number) {
    this.directory = directory
    this.size = size
    this.slots = slotCount
  }

  async open(): Promise<void> {
    const end = time()
    const store = await openLevelStore(this.directory)
    this.chain = await openChain({ store, genesis, engine: 'compiled', keepStates: keep })
    this.start = end().ms
  }

  /** From accounts spread over all there are, as hashes are. Nobody checks who signed: the pool does that. */
  transfers(): SenderTransaction[] {
    return Array.from({ length: perBlock }, (_, index) => {
      const number = (this.#next++ * 7_919 + 13) % this.size
      const nonce = this.#nonces.get(number) ?? 0
      this.#nonces.set(number, nonce + 1)
      const to = addressOf((this.#next * 31 + index * 101) % this.size)
      return { ...transaction(0, nonce, { to, value: 1n + BigInt(index) }), sender: addressOf(number) }
    })
  }

  stores(): SenderTransaction[] {
    return this.transfers().map(({ sender, transaction: { nonce } }, index) => {
      const data = command.store(BigInt((index * 104_729 + this.#next) % this.slots), BigInt(this.#next + index + 1))
      const fields = { to: puppet, value: 0n, data, gasLimit: 140_000n }
      return { ...transaction(0, Number(nonce), fields), sender }
    })
  }

  /** Milliseconds of processor and clock for each transaction. */
  async block(transactions: readonly SenderTransaction[]): Promise<{ readonly ms: number; readonly cpu: number }> {
    const end = time()
    const { block, rejected } = this.chain.build(request(this.chain.head, transactions))
    if (rejected.length > 0) throw new Error(rejected[0]!.message)
    await this.chain.finalize(block, certificateOf(block), sendersOf(block, transactions))
    await this.chain.pruneStates()
    const { ms, cpu } = end()
    return { ms: ms / block.transactions.length, cpu: cpu / block.transactions.length }
  }
}

const median = (numbers: readonly number[]) => numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)]!
const shown = (number: number, digits = 2) => number.toFixed(digits)

async function proofTime({ chain, size }: Measured): Promise<number> {
  const times: number[] = []
  for (let index = 0; index < 50; index++) {
    const end = time()
    await answerQuery(chain, 'proof', [addressOf((index * 104_729) % size), [], 'latest'])
    times.push(end().ms)
  }
  return median(times)
}

/** All that a node does with a snapshot but for the network: each item checked on its way in, then the whole of it. */
async function snapshotTime({ chain, directory }: Measured): Promise<number> {
  const { database, head } = chain
  const store = await openLevelStore(`${directory}-snapshot`)
  const end = time()
  const snapshot = SnapshotStore.open(store, genesis)!
  await snapshot.begin(genesis)
  let items: Parameters<SnapshotStore['add']>[0][number][] = []
  const take = async (kind: 'node' | 'code', hash: Uint8Array, bytes: Uint8Array) => {
    items.push({ kind, hash, bytes })
    if (items.length < 1_024) return
    await snapshot.add(items)
    items = []
  }
  for (const [hash, rlp] of storedNodesBelow(database, head.header.stateRoot)) await take('node', hash, rlp)
  for (const [, rlp] of entriesBelow(database, head.header.stateRoot, 32)) {
    const { storageRoot, codeHash } = decodeAccount(rlp)
    for (const [hash, node] of storedNodesBelow(database, storageRoot)) await take('node', hash, node)
    if (!equalBytes(codeHash, EMPTY_CODE_HASH)) await take('code', codeHash, database.code(codeHash)!)
  }
  await snapshot.add(items)
  const { number } = head.header
  await snapshot.complete(database.block(number)!, database.certificate(number)!, [])
  const { ms } = end()
  const copied = await openChain({ store, genesis, engine: 'compiled' })
  if (!equalBytes(copied.head.hash, head.hash)) throw new Error('the snapshot has another head')
  await copied.close()
  return ms
}

await installCrypto()
const root = mkdtempSync(join(tmpdir(), 'touchstone-state-'))
try {
  const all = sizes.map(
    (size, index) => new Measured(join(root, String(index)), size, index === sizes.length - 1 ? slots : 1_000),
  )
  for (const each of all) {
    const end = time()
    await fill(each.directory, each.size, each.slots)
    const { ms, cpu } = end()
    const [seconds, processor] = [ms, cpu].map((time) => shown(time / 1_000, 1))
    console.log(`filled ${each.size} accounts and ${each.slots} slots in ${seconds} s, ${processor} s of processor`)
    await each.open()
  }
  const rows = new Map(
    all.map((each) => [each, { cold: 0, cpu: [] as number[], ms: [] as number[], stores: [] as number[] }]),
  )
  for (const each of all) rows.get(each)!.cold = (await each.block(each.transfers())).cpu
  const before = new Map(all.map((each) => [each, bytesOf(each.directory)]))
  const sent = new Map(all.map((each) => [each, 0]))
  // Rounds of all sizes in turn, so that a slow moment of the machine hits each.
  for (let round = 0; round < blocks; round++) {
    for (const each of all) {
      const transfers = each.transfers()
      const { cpu, ms } = await each.block(transfers)
      rows.get(each)!.cpu.push(cpu)
      rows.get(each)!.ms.push(ms)
      const stores = each.stores()
      rows.get(each)!.stores.push((await each.block(stores)).cpu)
      sent.set(each, sent.get(each)! + transfers.length + stores.length)
    }
  }
  console.log(
    'accounts | slots | cold transfer, cpu ms | warm, cpu ms | transfers/s | store, cpu ms | disk, bytes a transaction | nodes let go',
  )
  for (const each of all) {
    const { cold, cpu, ms, stores } = rows.get(each)!
    const growth = (bytesOf(each.directory) - before.get(each)!) / sent.get(each)!
    const figures = [
      shown(cold),
      shown(median(cpu)),
      shown(1_000 / median(ms), 0),
      shown(median(stores)),
      shown(growth, 0),
    ]
    console.log([each.size, each.slots, ...figures, each.chain.states.letGo].join(' | '))
  }
  const [smallest, largest] = [all[0]!, all.at(-1)!]
  await largest.chain.close()
  await largest.open()
  const [start, proof, snapshot] = [largest.start, await proofTime(largest), await snapshotTime(largest)]
  const ratio = median(rows.get(largest)!.cpu) / median(rows.get(smallest)!.cpu)
  const checks: readonly (readonly [string, number, number])[] = [
    [`transfer at ${largest.size} / at ${smallest.size}`, ratio, MOST_TIMES_THE_SMALLEST],
    [`start at ${largest.size}, ms`, start, BOUNDS.start],
    [`eth_getProof at ${largest.size}, ms`, proof, BOUNDS.proof],
    [`snapshot at ${largest.size}, ms`, snapshot, BOUNDS.snapshot],
  ]
  for (const [what, figure, bound] of checks) {
    console.log(`${what}: ${shown(figure)}, at most ${bound}${figure > bound ? ' FAILED' : ''}`)
    if (figure > bound) process.exitCode = 1
  }
  for (const each of all) await each.chain.close()
} finally {
  rmSync(root, { recursive: true, force: true })
}
