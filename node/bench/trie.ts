/**
 * Inserts per second into this repository's trie and into @ethereumjs/mpt: the same keys and values, batches of 1000
 * with a root after each, the same hash function (noble), in memory, rounds interleaved so that a slow moment of the
 * machine hits both. `npm run bench:trie [keys] [rounds]`.
 */

import { MerklePatriciaTrie } from '@ethereumjs/mpt'
import { keccak_256 } from '@noble/hashes/sha3.js'
import { helpIfAsked } from '../../scripts/options.ts'
import { equalBytes } from '../src/codec/bytes.ts'
import { toHex } from '../src/codec/hex.ts'
import { setCryptoProvider } from '../src/crypto/provider.ts'
import { memoryNodes } from '../src/trie/nodeStore.ts'
import { Trie } from '../src/trie/trie.ts'

helpIfAsked(import.meta.url)

const BATCH = 1000
const WANTED_RATIO = 4
const keyCount = Number(process.argv[2] ?? 10_000)
const rounds = Number(process.argv[3] ?? 5)

interface Entry {
  readonly key: Uint8Array
  readonly value: Uint8Array
}

/** Account-like: 32-byte keys as the secure trie has them, 70-byte values. */
function entriesOf(seed: number): Entry[] {
  return Array.from({ length: keyCount }, (_, i) => {
    const key = keccak_256(Uint8Array.of(seed, i & 255, (i >> 8) & 255, (i >> 16) & 255))
    const value = new Uint8Array(70)
    value.set(keccak_256(key))
    value.set(key, 32)
    return { key, value }
  })
}

async function ours(entries: readonly Entry[]): Promise<Uint8Array> {
  const nodes = memoryNodes()
  const trie = new Trie(nodes)
  for (let start = 0; start < entries.length; start += BATCH) {
    for (const { key, value } of entries.slice(start, start + BATCH)) trie.put(key, value)
    nodes.add(trie.commit().nodes)
  }
  return trie.root()
}

async function theirs(entries: readonly Entry[]): Promise<Uint8Array> {
  const trie = new MerklePatriciaTrie({ useKeyHashingFunction: keccak_256 })
  for (let start = 0; start < entries.length; start += BATCH) {
    for (const { key, value } of entries.slice(start, start + BATCH)) await trie.put(key, value)
    trie.root()
  }
  return trie.root()
}

async function rate(run: (entries: readonly Entry[]) => Promise<Uint8Array>, entries: readonly Entry[]) {
  const start = performance.now()
  const root = await run(entries)
  return { perSecond: (entries.length * 1000) / (performance.now() - start), root }
}

const median = (values: readonly number[]) => [...values].sort((a, b) => a - b)[values.length >> 1] ?? Number.NaN

setCryptoProvider({ keccak256: (data) => keccak_256(data) })
const rates = { ours: [] as number[], theirs: [] as number[] }
for (let round = 0; round <= rounds; round++) {
  const entries = entriesOf(round)
  const a = await rate(ours, entries)
  const b = await rate(theirs, entries)
  if (!equalBytes(a.root, b.root)) throw new Error(`roots differ: ${toHex(a.root)}, @ethereumjs/mpt ${toHex(b.root)}`)
  // Round 0 warms up both.
  if (round === 0) continue
  rates.ours.push(a.perSecond)
  rates.theirs.push(b.perSecond)
  console.log(`round ${round}: ours ${a.perSecond.toFixed(0)}/s, @ethereumjs/mpt ${b.perSecond.toFixed(0)}/s`)
}
const ratio = median(rates.ours) / median(rates.theirs)
console.log(
  `${keyCount} keys, batches of ${BATCH} with a root each, noble keccak, node ${process.version}, medians of ${rounds} rounds:\n` +
    `  ours            ${median(rates.ours).toFixed(0)} inserts/s\n` +
    `  @ethereumjs/mpt ${median(rates.theirs).toFixed(0)} inserts/s\n` +
    `  ratio           ${ratio.toFixed(2)} (wanted: at least ${WANTED_RATIO})`,
)
if (ratio < WANTED_RATIO) process.exitCode = 1
