/**
 * A validator alone on a machine that stops at a write: at every write of its first blocks, before it and after it, with
 * and without what was not synced. Its chain, signer and pool then start again on what is left of the disks.
 */
import { beforeAll, describe, expect, test } from 'vitest'
import { openChain } from '../../src/chain/chain.ts'
import { createInProcessChain } from '../../src/chain/inProcessChain.ts'
import { createValidatorSet } from '../../src/consensus/core/validatorSet.ts'
import { startConsensus } from '../../src/consensus/engine.ts'
import { openSigner, signingKey } from '../../src/consensus/signing/signer.ts'
import { systemClock } from '../../src/runtime/clock.ts'
import { installCrypto } from '../../src/runtime/installCrypto.ts'
import { createInProcessRecoverer } from '../../src/runtime/recovery/signatureRecovery.ts'
import { openTxPool } from '../../src/txpool/txPool.ts'
import { createChainApplication } from '../../src/wiring/chainApplication.ts'
import { SILENT_LOGGER } from '../../testing/logger.ts'
import { loneNetwork } from '../../testing/loneNetwork.ts'
import { Promises } from './kill/promises.ts'
import { FEE_RECIPIENT, genesis, transactionOf, VALIDATOR_SEED } from './support/killGenesis.ts'
import { createMachine, type Disks, type Machine } from './support/machine.ts'
import { expectWhole } from './support/wholeChain.ts'

const BLOCKS = 3n
const noCode = new Uint8Array(0)
beforeAll(installCrypto)

/** Runs until the machine stops or the head is at `BLOCKS`. */
async function live(machine: Machine, promises: Promises): Promise<void> {
  const closing: (() => unknown)[] = []
  try {
    const chain = await createInProcessChain({ store: machine.store('chain'), genesis, engine: 'reference' })
    const recoverer = createInProcessRecoverer()
    const done = Promise.withResolvers<void>()
    const parts = { chain, recoverer, clock: systemClock, logger: SILENT_LOGGER }
    const pool = openTxPool({ ...parts, store: machine.store('txpool'), onFatal: () => done.resolve() })
    closing.push(() => pool.close())
    await pool.ready
    const key = signingKey(VALIDATOR_SEED)
    const signer = await openSigner({ store: machine.store('signer'), key, genesisHash: chain.genesisHash })
    await signer.begin(null)
    chain.onBlock(({ block }) => {
      promises.final(block.header.number, block.hash)
      if (block.header.number >= BLOCKS) done.resolve()
      else void send(block.header.number)
    })
    const consensus = startConsensus({
      application: createChainApplication({ ...parts, txpool: pool, feeRecipient: FEE_RECIPIENT }),
      // A message that goes out is a promise not to say anything else.
      network: loneNetwork(({ topic, message }) => {
        if (topic === 'consensus') promises.sent(message)
      }),
      signer,
      validatorSet: createValidatorSet(genesis.validators),
      chainId: genesis.chainId,
      genesisHash: chain.genesisHash,
      head: chain.head().header.number,
      headHash: chain.head().hash,
      clock: systemClock,
      logger: SILENT_LOGGER,
      batchDelay: 0,
    })
    closing.push(() => consensus.stop())
    consensus.onHalt(() => done.resolve())
    /** One transaction of each of two senders for the block after `height`. */
    const send = async (height: bigint) => {
      for (const sender of [1, 2]) {
        const outcome = await pool.add(transactionOf(sender, height, noCode), 'local')
        if (outcome.ok) promises.acceptedTransaction(outcome.hash)
      }
    }
    if (chain.head().header.number < BLOCKS) {
      void send(chain.head().header.number)
      await done.promise
    }
  } catch (error) {
    if (!machine.stopped) throw error
  } finally {
    for (const close of closing.toReversed()) await close()
  }
}

/** The height of the head. */
async function check(disks: Disks, promises: Promises, poolKept: boolean): Promise<bigint> {
  const machine = createMachine(disks, null)
  const chain = await openChain({ store: machine.store('chain'), genesis, engine: 'reference' })
  await expectWhole(chain)
  // The pool's journal is not synced: it promises to survive the process, not the power.
  const pool = poolKept ? machine.store('txpool') : { ...machine.store('txpool'), get: () => noCode }
  promises.check(chain, pool)
  return chain.head.header.number
}

/** Writes of a life that nothing interrupts. */
async function undisturbed(): Promise<number> {
  const machine = createMachine(new Map(), null)
  await live(machine, new Promises())
  return machine.writes
}

describe('a machine that stops at a write', () => {
  test.each([
    [false, false],
    [true, false],
    [false, true],
    [true, true],
  ])('starts again whole: the write applied %s, unsynced writes lost %s', async (applied, losesUnsynced) => {
    const writes = await undisturbed()
    // Block 0, the signer's beginning, and for each block a proposal, two votes, the block and the pool's journal.
    expect(writes).toBeGreaterThan(2 + 3 * 4)
    for (let write = 0; write < writes; write++) {
      const disks: Disks = new Map()
      const promises = new Promises()
      const machine = createMachine(disks, { write, applied, losesUnsynced })
      await live(machine, promises)
      // Another number of journal batches may have been enough this time.
      if (!machine.stopped) continue
      await check(disks, promises, !losesUnsynced)
      await live(createMachine(disks, null), promises)
      expect(await check(disks, promises, !losesUnsynced), `stopped at write ${write}`).toBe(BLOCKS)
    }
  })
})
