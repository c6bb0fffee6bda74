/**
 * kill -9, again and again, while a validator commits: each next start must find every block whole, and everything that
 * was promised before. Delays and moments come from a seed; the machine's doings at them do not.
 */
import { fork } from 'node:child_process'
import { cpSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type Random, seededRandom } from '@touchstone/vm/testing/random'
import { openChain } from '../../../src/chain/chain.ts'
import { transactionByHash } from '../../../src/chain/queries.ts'
import { openLevelStore } from '../../../src/runtime/levelStore.ts'
import { createMemoryStore } from '../../../src/runtime/memoryStore.ts'
import { createInProcessRecoverer } from '../../../src/runtime/recovery/signatureRecovery.ts'
import { genesis } from '../support/killGenesis.ts'
import { expectNodesOfKept, expectWhole } from '../support/wholeChain.ts'
import { type CommitterMessage, type CommitterStart, KEPT_STATES } from './messages.ts'
import { Promises } from './promises.ts'

const SHORTEST_DELAY = 5
const LONGEST_DELAY = 200
/** Of half of the lives. */
const RECORD_DELAY = 30
/** A life in which nothing happens for so long is a fault. Milliseconds. */
const LIFE_TIMEOUT = 60_000

export interface KillOptions {
  readonly directory: string
  readonly initCode: Uint8Array
  readonly times: number
  readonly seed: number
  readonly onKill?: (report: KillReport) => void
}

export interface KillReport {
  readonly kills: number
  readonly height: bigint
  /** Kills that left what was signed on the disk and not its block. */
  readonly blockMissing: number
  /** And the block, but not what was signed. */
  readonly signatureMissing: number
  /** Blocks that were on the disk although nobody had been told. */
  readonly unannounced: number
  readonly signed: number
}

/** @throws Error that says what was lost, torn or signed twice, and after which kill. */
export async function runKills(options: KillOptions): Promise<KillReport> {
  const { directory, times, seed } = options
  const random = seededRandom(seed)
  const promises = new Promises()
  let report: KillReport = { kills: 0, height: 0n, blockMissing: 0, signatureMissing: 0, unannounced: 0, signed: 0 }
  let checked = 0n
  while (report.kills < times) {
    const kills = report.kills + 1
    try {
      const found = await liveUntilKilled(options, promises, random)
      // One in four checks is of a copy, so that the next life is the one that opens what the kill left.
      const at = random.below(4) === 0 ? copyOf(directory) : directory
      const head = await checkAfterKill(at, promises, checked)
      if (at !== directory) rmSync(at, { recursive: true })
      const { blockMissing, signatureMissing, unannounced } = report
      report = {
        kills,
        height: head,
        blockMissing: blockMissing + (found.signed > found.height ? 1 : 0),
        signatureMissing: signatureMissing + (found.signed < found.height ? 1 : 0),
        unannounced: unannounced + (head > promises.height ? 1 : 0),
        signed: promises.signed,
      }
      checked = head
    } catch (error) {
      throw new Error(`after kill ${kills} (seed ${seed}): ${(error as Error).message}`, { cause: error })
    }
    options.onKill?.(report)
  }
  await replay(directory)
  return report
}

/** @returns where the chain and the record of signatures ended at its start. */
function liveUntilKilled({ directory, initCode }: KillOptions, promises: Promises, random: Random) {
  // Half of the kills come some time after a commit, half while what was signed and its block are written.
  const delay = SHORTEST_DELAY + random.below(LONGEST_DELAY - SHORTEST_DELAY + 1)
  const writes = random.below(2) === 0 ? null : 1 + random.below(3)
  const child = fork(fileURLToPath(new URL('./committer.ts', import.meta.url)), [], {
    serialization: 'advanced',
    execArgv: ['--disable-warning=ExperimentalWarning'],
    env: { NODE_COMPILE_CACHE: join(tmpdir(), 'node-compile-cache'), ...process.env },
  })
  const recordDelay = random.below(2) * RECORD_DELAY
  const start: CommitterStart = { directory, initCode, recordDelay }
  child.send(start)
  let fault: Error | null = null
  let written = 0
  let found = { height: 0n, signed: 0n }
  let timer: NodeJS.Timeout | undefined
  const tooLong = setTimeout(() => fail(new Error('nothing was committed')), LIFE_TIMEOUT)
  const fail = (error: Error) => {
    fault ??= error
    child.kill('SIGKILL')
  }
  child.on('message', (message: CommitterMessage) => {
    try {
      take(message)
    } catch (error) {
      fail(error as Error)
    }
  })
  const take = (message: CommitterMessage) => {
    switch (message.kind) {
      case 'open':
        if (message.height < promises.height) throw new Error(`it starts at block ${message.height}`)
        found = message
        break
      case 'writing':
        if (++written === writes) child.kill('SIGKILL')
        break
      case 'accepted':
        promises.acceptedTransaction(message.hash)
        break
      case 'sent':
        promises.sent(message.message)
        break
      case 'final':
        promises.final(message.number, message.hash)
        if (writes === null) timer ??= setTimeout(() => child.kill('SIGKILL'), delay)
        break
      case 'failed':
        throw new Error(message.message)
    }
  }
  return new Promise<{ readonly height: bigint; readonly signed: bigint }>((resolve, reject) => {
    // `close` comes after the last message the dead process had sent.
    child.on('close', (code, signal) => {
      clearTimeout(timer)
      clearTimeout(tooLong)
      if (fault === null && signal !== 'SIGKILL') fault = new Error(`it ended by itself: ${code ?? signal}`)
      if (fault === null) resolve(found)
      else reject(fault)
    })
  })
}

function copyOf(directory: string): string {
  const copy = `${directory}-copy`
  rmSync(copy, { recursive: true, force: true })
  cpSync(directory, copy, { recursive: true })
  return copy
}

/** The height of the head. */
async function checkAfterKill(directory: string, promises: Promises, checked: bigint): Promise<bigint> {
  const store = await openLevelStore(join(directory, 'chain'))
  const pool = await openLevelStore(join(directory, 'txpool'))
  try {
    const chain = await openChain({ store, genesis, engine: 'reference', keepStates: KEPT_STATES })
    await expectWhole(chain, checked)
    await expectNodesOfKept(chain)
    promises.check(chain, pool)
    return chain.head.header.number
  } finally {
    await pool.close()
    await store.close()
  }
}

/** The blocks once more, from genesis in memory, on the other engine: every root must come out again. */
async function replay(directory: string): Promise<void> {
  const store = await openLevelStore(join(directory, 'chain'))
  const recoverer = createInProcessRecoverer()
  try {
    const kept = await openChain({ store, genesis, engine: 'reference' })
    await expectWhole(kept)
    const again = await openChain({ store: createMemoryStore(), genesis, engine: 'compiled' })
    for (let number = 1n; number <= kept.head.header.number; number++) {
      const block = kept.database.block(number)!
      const senders = (await recoverer.recover(block.transactions)) as readonly Uint8Array[]
      await again.finalize(block, kept.database.certificate(number)!, senders)
      for (const { hash } of block.transactions) {
        if (transactionByHash(again, hash)?.blockNumber !== number) throw new Error('a transaction is there twice')
      }
    }
  } finally {
    await store.close()
  }
}
