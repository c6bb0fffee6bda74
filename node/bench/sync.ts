/**
 * How fast a node catches up: `npm run bench:sync -- [blocks] [transfers per block] [signatures per certificate]`.
 *
 * The node is whole but for network and JSON-RPC: execution worker with LevelDB, consensus engine, pool, signature recovery.
 * Three peers in the same process serve a chain from memory, so their work is part of the processor time shown.
 */

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { helpIfAsked } from '../../scripts/options.ts'
import { startChainWorker } from '../src/chain/worker/client.ts'
import { startConsensus } from '../src/consensus/engine.ts'
import { verifyCertificate } from '../src/consensus/proofs/certificate.ts'
import { memoryNetworks } from '../src/network/testing/memoryNetwork.ts'
import { systemClock } from '../src/runtime/clock.ts'
import { installCrypto } from '../src/runtime/installCrypto.ts'
import { openLevelStore } from '../src/runtime/levelStore.ts'
import { createSignatureRecoveryPool } from '../src/runtime/recovery/signatureRecoveryPool.ts'
import { startBlockSync } from '../src/sync/blockSync.ts'
import { DEFAULT_SYNC_LIMITS } from '../src/sync/limits.ts'
import { serveChain } from '../src/sync/serving.ts'
import { certifiedChain, certifiedGenesis, certifiedValidators, transfers } from '../src/sync/testing/certifiedChain.ts'
import { openTxPool } from '../src/txpool/txPool.ts'
import { createChainApplication } from '../src/wiring/chainApplication.ts'
import { listLogger } from '../testing/logger.ts'

helpIfAsked(import.meta.url)

await installCrypto()
const [blocks = 3_000, perBlock = 0, signatures = 3] = process.argv.slice(2).map(Number)
const signers = Array.from({ length: signatures }, (_, index) => index)
const directory = mkdtempSync(join(tmpdir(), 'touchstone-bench-'))
const logger = listLogger([])
const print = (text: string) => process.stdout.write(`${text}\n`)

const source = await certifiedChain({ signers })
await source.grow(blocks, perBlock === 0 ? undefined : transfers(perBlock))
const networks = memoryNetworks()
for (const name of ['a', 'b', 'c']) {
  const peer = networks.join(name)
  serveChain(peer, source.chain, DEFAULT_SYNC_LIMITS)
  await peer.start()
}

const onFatal = (error: unknown) => {
  throw error
}
const clock = systemClock
const network = networks.join('late')
const dataDir = join(directory, 'chain')
const chain = await startChainWorker({ genesis: certifiedGenesis, dataDir, engine: 'compiled', logger, onFatal })
const recoverer = createSignatureRecoveryPool()
const store = await openLevelStore(join(directory, 'txpool'))
const txpool = openTxPool({ chain, recoverer, clock, logger, store, onFatal })
await txpool.ready
const feeRecipient = new Uint8Array(20)
const consensus = startConsensus({
  application: createChainApplication({ chain, txpool, recoverer, clock, feeRecipient, validators: null }),
  network,
  signer: null,
  validatorSet: certifiedValidators,
  chainId: certifiedGenesis.chainId,
  genesisHash: chain.genesisHash,
  head: 0n,
  headHash: chain.head().hash,
  clock,
  logger,
})
const started = performance.now()
const processor = process.cpuUsage()
const sync = startBlockSync({
  network,
  chain,
  apply: (block, certificate) => consensus.applyCertified(block, certificate),
  prepare: (block) => recoverer.recover(block.transactions),
  onTarget: (height) => consensus.catchUpTo(height),
  clock,
  logger,
})
await network.start()
await new Promise<void>((resolve) => {
  chain.onBlock(({ block }) => {
    if (block.header.number === BigInt(blocks)) resolve()
  })
})
const wall = performance.now() - started
const { user, system } = process.cpuUsage(processor)
const each = (milliseconds: number) => `${(milliseconds / blocks).toFixed(3)} ms a block`
print(`${blocks} blocks of ${perBlock} transfers, certificates of ${signatures} signatures`)
print(`caught up in ${wall.toFixed(0)} ms: ${((blocks / wall) * 1_000).toFixed(0)} blocks/s, ${each(wall)}`)
if (perBlock > 0) print(`${(((blocks * perBlock) / wall) * 1_000).toFixed(0)} transfers/s`)
print(`processor time, all threads: ${each((user + system) / 1_000)}`)

const { certificate } = (await chain.block('latest'))!
const identity = { chainId: certifiedGenesis.chainId, genesisHash: chain.genesisHash }
let from = performance.now()
for (let i = 0; i < 300; i++) verifyCertificate(certificate!, certifiedValidators, identity)
print(`of that one certificate: ${((performance.now() - from) / 300).toFixed(3)} ms`)
from = performance.now()
for (let i = 0; i < 300; i++) {
  await store.batch([{ type: 'put', key: Uint8Array.of(0xff, i), value: new Uint8Array(2_000) }], { sync: true })
}
print(`a synced write of 2 kB: ${((performance.now() - from) / 300).toFixed(3)} ms`)

await sync.stop()
await consensus.stop()
await txpool.close()
await store.close()
await recoverer.close()
await chain.close()
rmSync(directory, { recursive: true, force: true })
