/**
 * A validator alone, in a process made to be killed: the real execution worker, pool, signer and consensus on LevelDB,
 * without sockets. It makes blocks as fast as it can and tells its parent every promise as it gives it.
 */
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { startChainWorker } from '../../../src/chain/worker/client.ts'
import { createValidatorSet } from '../../../src/consensus/core/validatorSet.ts'
import { startConsensus } from '../../../src/consensus/engine.ts'
import { forgottenHeight } from '../../../src/consensus/signing/forgottenHeight.ts'
import { openSigner, signingKey } from '../../../src/consensus/signing/signer.ts'
import { systemClock } from '../../../src/runtime/clock.ts'
import { installCrypto } from '../../../src/runtime/installCrypto.ts'
import type { KeyValueStore } from '../../../src/runtime/keyValueStore.ts'
import { openLevelStore } from '../../../src/runtime/levelStore.ts'
import { createInProcessRecoverer } from '../../../src/runtime/recovery/signatureRecovery.ts'
import { openTxPool } from '../../../src/txpool/txPool.ts'
import { createChainApplication } from '../../../src/wiring/chainApplication.ts'
import { loggerTo } from '../../../testing/logger.ts'
import { loneNetwork } from '../../../testing/loneNetwork.ts'
import { FEE_RECIPIENT, genesis, senders, transactionOf, VALIDATOR_SEED } from '../support/killGenesis.ts'
import type { CommitterMessage, CommitterStart } from './messages.ts'
import { KEPT_STATES } from './messages.ts'

/** Transactions each sender has waiting. */
const AHEAD = 12n

const tell = (message: CommitterMessage) => process.send?.(message)
const fail = (error: unknown) => {
  tell({ kind: 'failed', message: error instanceof Error ? (error.stack ?? error.message) : String(error) })
  setTimeout(() => process.exit(1), 100)
}
process.on('disconnect', () => process.exit(0))
process.on('uncaughtException', fail)
process.once('message', (start: CommitterStart) => void run(start).catch(fail))

const logger = loggerTo(({ level, message, fields }) => {
  if (level === 'error') fail(new Error(`${message} ${JSON.stringify(fields)}`))
})

async function run({ directory, initCode, recordDelay }: CommitterStart): Promise<void> {
  await installCrypto()
  const clock = systemClock
  const dataDir = join(directory, 'chain')
  const chain = await startChainWorker({
    ...{ genesis, dataDir, engine: 'reference', logger, onFatal: fail },
    keepStates: KEPT_STATES,
  })
  const recoverer = createInProcessRecoverer()
  const store = await openLevelStore(join(directory, 'txpool'))
  const pool = openTxPool({ chain, recoverer, clock, logger, store })
  await pool.ready
  const signerStore = await openLevelStore(join(directory, 'signer'))
  const toldStore: KeyValueStore = {
    ...signerStore,
    async batch(operations, options) {
      tell({ kind: 'writing' })
      if (recordDelay > 0) await sleep(recordDelay)
      return signerStore.batch(operations, options)
    },
  }
  const key = signingKey(VALIDATOR_SEED)
  const { genesisHash } = chain
  const signer = await openSigner({ store: toldStore, key, genesisHash })
  const height = chain.head().header.number
  if (height === 0n) await signer.begin(null)
  const signed = signer.last()?.height ?? 0n
  const certificate = (await chain.block('latest'))?.certificate ?? null
  const forgotten = await forgottenHeight(signer, { certificate, genesisHash })
  if (forgotten !== null) throw new Error(`the record that ends at ${signed} forgot what was signed at ${forgotten}`)
  tell({ kind: 'open', height, signed })
  chain.onBlock(({ block }) => {
    tell({ kind: 'final', number: block.header.number, hash: block.hash })
    void feed()
  })
  startConsensus({
    application: createChainApplication({ chain, txpool: pool, recoverer, clock, feeRecipient: FEE_RECIPIENT }),
    // A message that would go out is told after it was signed and before it is counted.
    network: loneNetwork(({ topic, message }) => {
      if (topic === 'consensus') tell({ kind: 'sent', message })
    }),
    signer,
    validatorSet: createValidatorSet(genesis.validators),
    chainId: genesis.chainId,
    genesisHash: chain.genesisHash,
    head: chain.head().header.number,
    headHash: chain.head().hash,
    clock,
    logger,
    batchDelay: 0,
    storedCertificate: async (height) => (await chain.block({ number: height }))?.certificate ?? null,
  }).onHalt(fail)

  let feeding = false
  await feed()

  async function feed(): Promise<void> {
    if (feeding) return
    feeding = true
    for (const [sender, { address }] of senders.entries()) {
      const next = (await chain.account(address, 'latest'))?.nonce ?? 0n
      const from = pool.pendingNonce(address) ?? next
      for (let nonce = from; nonce < next + AHEAD; nonce++) {
        const outcome = await pool.add(transactionOf(sender, nonce, initCode), 'local')
        if (outcome.ok) tell({ kind: 'accepted', hash: outcome.hash })
      }
    }
    feeding = false
  }
}
