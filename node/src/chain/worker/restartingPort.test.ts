/** Execution workers that really end, their heap full: the node goes on, and no transaction ends it for ever. */
import { EventEmitter } from 'node:events'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Worker } from 'node:worker_threads'
import { afterAll, describe, expect, test } from 'vitest'
import { toHex } from '../../codec/hex.ts'
import { createAddress } from '../../execution/contractAddress.ts'
import { encodeInitCode } from '../../execution/initCode.ts'
import { command, PUPPET_MODULE } from '../../execution/testing/puppet.ts'
import { createMemoryStore } from '../../runtime/memoryStore.ts'
import type { Header } from '../../types/header.ts'
import type { BlockEvent } from '../chainService.ts'
import { createInProcessChain } from '../inProcessChain.ts'
import { MAX_WORKER_RESTARTS } from '../limits.ts'
import type { DyingWorkerStart } from '../testing/dyingWorker.ts'
import { accounts, appendBlock, certificateOf, genesis, request, stranger, transaction } from '../testing/fixtures.ts'
import { connectChain } from './chainClient.ts'
import { withMarkedTransaction } from './client.ts'
import type { WorkerCall, WorkerMessage } from './protocol.ts'
import { restartingPort } from './restartingPort.ts'

const root = mkdtempSync(join(tmpdir(), 'touchstone-restarts-'))
afterAll(() => rmSync(root, { recursive: true, force: true }))

const noCalls = { run: () => Promise.reject(new Error('no calls here')), close: async () => {} }

const HEAP_MB = 40
const deployment = transaction(0, 0, {
  to: null,
  value: 0n,
  data: encodeInitCode(PUPPET_MODULE, null),
  gasLimit: 12_000_000n,
})
const to = createAddress(accounts[0]!.address, 0n)
const culprit = transaction(1, 0, { to, value: 0n, data: command.store(1n, 2n), gasLimit: 1_000_000n })

async function scene(name: string) {
  const directory = join(root, name)
  const quarantine = join(directory, 'quarantine')
  const data: Omit<DyingWorkerStart, 'end'> = {
    genesis,
    directory: join(directory, 'chain'),
    engine: 'compiled',
    keepStates: null,
    debug: false,
    quarantine,
    deadly: PUPPET_MODULE,
  }
  const ends: string[] = []
  const fatal: Error[] = []
  const port = restartingPort({
    start: () =>
      new Worker(new URL('../testing/dyingWorker.ts', import.meta.url), {
        workerData: { ...data, end: ends.length === 0 ? 'heap' : 'exit' } satisfies DyingWorkerStart,
        resourceLimits: { maxOldGenerationSizeMb: HEAP_MB },
      }),
    onRestart: (cause) => ends.push(withMarkedTransaction(cause, quarantine).message),
    onRestarted() {},
  })
  const chain = await connectChain(port, {
    genesis,
    onFatal: (error) => fatal.push(error),
    onDebug() {},
    openCalls: () => noCalls,
  })
  const events: BlockEvent[] = []
  chain.onBlock((event) => events.push(event))
  const file = join(quarantine, `${toHex(culprit.hash)}.json`)
  return { chain, ends, fatal, events, file }
}

test('a worker whose heap is full is started again; the second time the block is executed on the reference engine', async () => {
  const honest = await createInProcessChain({ store: createMemoryStore(), genesis, engine: 'reference' })
  await appendBlock(honest, [deployment])
  const { block } = await honest.build(request(honest.head(), [culprit]))
  await honest.finalize(block, certificateOf(block), [culprit.sender])

  const { chain, ends, fatal, events, file } = await scene('certified')
  await appendBlock(chain, [deployment])
  // As sync hands it in: executed when it is made final. A read waits meanwhile.
  const [, account] = await Promise.all([
    chain.finalize(block, certificateOf(block), [culprit.sender]),
    chain.account(stranger, 'latest'),
  ])
  expect(account).toBeNull()
  expect(ends).toHaveLength(2)
  const during = `ended while it executed transaction ${toHex(culprit.hash)} of block 2: `
  expect(ends[0]).toContain(`${during}Worker terminated due to reaching memory limit`)
  expect(ends[1]).toContain(`${during}the execution worker ended with exit code 1`)
  expect(JSON.parse(readFileSync(file, 'utf8'))).toMatchObject({ block: '2', strikes: 2 })
  expect(chain.head()).toEqual(honest.head())
  expect(events).toHaveLength(2)
  expect(events[1]!.receipts).toEqual((await honest.receipts('latest'))!.receipts)
  expect(fatal).toEqual([])
  // It is not proposed any more, and the chain goes on.
  const built = await chain.build(request(chain.head(), [transaction(2, 0)]))
  expect(built.block.transactions).toHaveLength(1)
  await chain.close()
  expect(fatal).toEqual([])
}, 60_000)

describe('what is not hidden', () => {
  const head = { header: {} as Header, hash: new Uint8Array(32).fill(1) }
  class FakeWorker extends EventEmitter {
    readonly posted: WorkerCall[] = []
    postMessage(message: WorkerCall): void {
      this.posted.push(message)
    }
    async terminate(): Promise<number> {
      this.emit('exit', 1)
      return 1
    }
  }
  function connected() {
    const workers: FakeWorker[] = []
    const failures: string[] = []
    const start = (): Worker => {
      const worker = new FakeWorker()
      workers.push(worker)
      return worker as unknown as Worker
    }
    const port = restartingPort({ start, onRestart() {}, onRestarted() {} })
    port.onFailure(({ message }) => failures.push(message))
    const ready = (at = head) => {
      const message: WorkerMessage = {
        kind: 'ready',
        genesisHash: head.hash,
        base: 0n,
        head: at,
        states: { oldest: 0n, kept: null, letGo: 0 },
      }
      workers.at(-1)!.emit('message', message)
    }
    return { port, workers, failures, ready }
  }
  const call = (id: number, method: WorkerCall['method']): WorkerCall => ({ kind: 'call', id, method, args: [] })

  test('calls without an answer go to the next worker, in order; a search does not', () => {
    const { port, workers, failures, ready } = connected()
    const messages: WorkerMessage[] = []
    port.onMessage((message) => messages.push(message))
    ready()
    for (const [id, method] of (['validate', 'logs', 'account', 'block'] as const).entries())
      port.post(call(id, method))
    workers[0]!.emit('message', { kind: 'result', id: 3, value: null } satisfies WorkerMessage)
    workers[0]!.emit('exit', 1)
    expect(messages.map(({ kind }) => kind)).toEqual(['ready', 'result', 'error'])
    expect(messages[2]).toMatchObject({ id: 1 })
    port.post(call(9, 'build'))
    expect(workers[1]!.posted).toEqual([])
    ready()
    expect(workers[1]!.posted.map(({ id }) => id)).toEqual([0, 2, 9])
    expect(messages).toHaveLength(3)
    expect(failures).toEqual([])
  })

  test('a worker that never was ready, one that ends too often, one that cannot open its database again', () => {
    const never = connected()
    never.workers[0]!.emit('exit', 7)
    expect(never.failures).toEqual(['the execution worker ended with exit code 7'])

    const often = connected()
    often.ready()
    for (let times = 0; times <= MAX_WORKER_RESTARTS; times++) {
      expect(often.failures).toEqual([])
      often.workers.at(-1)!.emit('exit', 1)
      if (times < MAX_WORKER_RESTARTS) often.ready()
    }
    expect(often.failures).toHaveLength(1)
    expect(often.workers).toHaveLength(MAX_WORKER_RESTARTS + 1)

    const refused = connected()
    refused.ready()
    refused.workers[0]!.emit('exit', 1)
    const error = { name: 'StoreError', code: 'locked', message: 'in use', stack: null }
    refused.workers[1]!.emit('message', { kind: 'refused', error } satisfies WorkerMessage)
    expect(refused.failures).toEqual(['in use'])
  })

  test('a block that was committed without an answer: the node must learn of it by starting again', () => {
    const { port, workers, failures, ready } = connected()
    ready()
    port.post(call(1, 'finalizeCandidate'))
    workers[0]!.emit('exit', 1)
    ready({ header: {} as Header, hash: new Uint8Array(32).fill(2) })
    expect(failures).toEqual([expect.stringContaining('between committing a block and saying so')])
    expect(workers[1]!.posted).toEqual([])
  })
})
