/** The client of the execution worker, over a port in this thread with a real chain behind it. */
import { describe, expect, test, vi } from 'vitest'
import { createMemoryStore } from '../../runtime/memoryStore.ts'
import { decodeBlock } from '../../types/blockCodec.ts'
import { openChain } from '../chain.ts'
import { type CallClient, ChainError, type ChainService, type LogFilter } from '../chainService.ts'
import { LOG_SEARCH_STEP, MAX_WAITING_READS } from '../limits.ts'
import { accounts, appendBlock, certificateOf, genesis, request, stranger, transaction } from '../testing/fixtures.ts'
import type { CallRequest } from './calls/callRequest.ts'
import type { CallRunner } from './calls/callRunner.ts'
import { connectChain, type WorkerPort } from './chainClient.ts'
import type { WorkerCall, WorkerMessage } from './protocol.ts'
import { errorToWire } from './wireError.ts'
import { workerCallsOf } from './workerCalls.ts'

const noCalls: CallRunner = { run: () => Promise.reject(new Error('no calls here')), close: async () => {} }

interface Rig {
  readonly client: ChainService
  readonly posted: WorkerCall[]
  readonly fatal: Error[]
  readonly methods: () => string[]
  send(message: WorkerMessage): void
  fail(error: Error): void
}

/** Messages cross by structured clone, as between threads. `silent` methods are not answered. */
async function connected(silent: readonly string[] = [], calls: CallRunner = noCalls): Promise<Rig> {
  const chain = await openChain({ store: createMemoryStore(), genesis, engine: 'reference' })
  const workerCalls = workerCallsOf(chain)
  const posted: WorkerCall[] = []
  const fatal: Error[] = []
  let receive: (message: WorkerMessage) => void = () => {}
  let fail: (error: Error) => void = () => {}
  const send = (message: WorkerMessage) => receive(structuredClone(message))
  const port: WorkerPort = {
    post(message) {
      posted.push(message)
      if (silent.includes(message.method)) return
      const { id, method, args } = structuredClone(message)
      const run = workerCalls[method] as (...args: readonly unknown[]) => Promise<unknown>
      run(...args).then(
        (value) => send({ kind: 'result', id, value }),
        (error) => send({ kind: 'error', id, error: errorToWire(error) }),
      )
    },
    onMessage(listener) {
      receive = listener
    },
    onFailure(listener) {
      fail = listener
    },
    terminate: async () => {},
  }
  const connecting = connectChain(port, {
    genesis,
    onFatal: (error) => fatal.push(error),
    onDebug() {},
    openCalls: () => calls,
  })
  send({ kind: 'ready', genesisHash: chain.genesisHash, base: chain.base, head: chain.head, states: chain.states })
  const client = await connecting
  return {
    client,
    posted,
    fatal,
    methods: () => posted.map(({ method }) => method),
    send,
    fail: (error) => fail(error),
  }
}

describe('blocks cross as seldom as possible', () => {
  test('a built block is put together here, validated by its hash, and made final by its hash', async () => {
    const { client, posted, methods } = await connected()
    const offered = [transaction(0, 1), transaction(0, 0), transaction(1, 0)]
    const { block } = await client.build(request(client.head(), offered))
    expect(decodeBlock(block.raw)).toEqual(block)
    expect(block.transactions.map(({ hash }) => hash)).toEqual([offered[1]!.hash, offered[2]!.hash])
    expect(await client.validate(block, [])).toEqual({ ok: true })
    const seen: bigint[] = []
    client.onBlock((event) => {
      expect(event.block).toBe(block)
      expect(event.receipts.map(({ sender }) => sender)).toEqual([accounts[0]!.address, accounts[1]!.address])
      expect(client.head().hash).toEqual(block.hash)
      seen.push(event.block.header.number)
    })
    const rules = await client.finalize(block, certificateOf(block), [])
    expect(methods()).toEqual(['build', 'finalizeCandidate'])
    expect(posted[1]!.args[0]).toBe(block.hash)
    expect(rules).toEqual(await client.rulesAfter('latest'))
    // Once more: final already, so no event.
    expect(await client.finalize(block, certificateOf(block), [])).toEqual(rules)
    expect(seen).toEqual([1n])
  })

  test('a block the worker does not know goes there whole; one it dropped, too', async () => {
    const { client, methods } = await connected()
    const blocks = []
    for (let index = 0n; index < 5n; index++) {
      const offered = { ...request(client.head(), [transaction(0, 0)]), timestamp: genesis.timestamp + index }
      blocks.push((await client.build(offered)).block)
    }
    await client.finalize(blocks[0]!, certificateOf(blocks[0]!), [accounts[0]!.address])
    expect(methods().slice(5)).toEqual(['finalize'])

    const other = await connected()
    expect(await other.client.validate(blocks[0]!, [accounts[0]!.address])).toEqual({ ok: true })
    await other.client.finalize(blocks[0]!, certificateOf(blocks[0]!), [])
    expect(other.methods()).toEqual(['validate', 'finalizeCandidate'])
    expect(other.client.head()).toEqual(client.head())
  })

  test('an invalid block is validated each time it is asked for', async () => {
    const { client, methods } = await connected()
    const { block } = await client.build(request(client.head(), [transaction(0, 0)]))
    const wrong = { ...block, hash: new Uint8Array(32) }
    const outcome = await client.validate(wrong, [accounts[0]!.address])
    expect(outcome).toEqual({ ok: false, reason: expect.stringContaining('block hash: header 0x00') })
    expect(await client.validate(wrong, [accounts[0]!.address])).toEqual(outcome)
    expect(methods()).toEqual(['build', 'validate', 'validate'])
  })
})

describe('a block whose signatures are not on the disk yet', () => {
  test('is shown to nobody before: not as the head, to listeners, nor in an answer', async () => {
    const { client, methods } = await connected()
    const { block } = await client.build(request(client.head(), [transaction(0, 0)]))
    const { promise: signed, resolve } = Promise.withResolvers<void>()
    const seen: string[] = []
    client.onBlock(() => seen.push('listener'))
    const finalizing = client.finalize(block, certificateOf(block), [], signed).then(() => seen.push('finalized'))
    await vi.waitFor(() => expect(methods()).toEqual(['build', 'finalizeCandidate']))
    // The worker has committed it.
    await new Promise((resolve) => setTimeout(resolve, 20))
    const asking = client.block({ number: 1n }).then((found) => seen.push(`block ${found?.block.header.number}`))
    const searching = client.logs({ fromBlock: 0n, toBlock: 0n, addresses: [], topics: [], limit: 9, maxBytes: 9 })
    const searched = searching.then(() => seen.push('logs'))
    await new Promise((resolve) => setTimeout(resolve, 20))
    expect([seen, client.head().header.number]).toEqual([[], 0n])
    resolve()
    await Promise.all([finalizing, asking, searched])
    expect(seen.toSorted()).toEqual(['block 1', 'finalized', 'listener', 'logs'])
    expect(client.head().hash).toEqual(block.hash)
    expect((await client.block('latest'))?.block.header.number).toBe(1n)
  })

  test('never is when they cannot be written', async () => {
    const { client, fatal } = await connected()
    const { block } = await client.build(request(client.head(), [transaction(0, 0)]))
    const signed = Promise.reject(new Error('disk full'))
    await expect(client.finalize(block, certificateOf(block), [], signed)).rejects.toThrow('disk full')
    expect(client.head().header.number).toBe(0n)
    await expect(client.block({ number: 1n })).rejects.toThrow('disk full')
    // Who signs says so.
    expect(fatal).toEqual([])
  })
})

describe('errors', () => {
  test('a ChainError stays one, with its code and words', async () => {
    const { client, fatal } = await connected()
    const error = await client.account(stranger, { number: 9n }).catch((thrown: unknown) => thrown)
    expect(error).toBeInstanceOf(ChainError)
    expect(error).toMatchObject({ code: 'unknown-block', message: expect.stringContaining('the newest is 0') })
    const stale = { ...request(client.head(), []), parentHash: new Uint8Array(32) }
    await expect(client.build(stale)).rejects.toMatchObject({ name: 'ChainError', code: 'unknown-block' })
    expect(fatal).toEqual([])
  })

  test('a fault in a read is its caller’s; in a consensus call it is the end, said once', async () => {
    const { client, posted, fatal, send } = await connected(['code', 'account', 'finalize'])
    const wire = errorToWire(new TypeError('a node is missing'))
    const read = client.code(stranger, 'latest')
    send({ kind: 'error', id: posted[0]!.id, error: wire })
    await expect(read).rejects.toThrow('TypeError in the execution worker: a node is missing')
    expect(fatal).toEqual([])

    const { block } = await client.build(request(client.head(), []))
    const waiting = client.account(stranger, 'latest')
    const finalizing = client.finalize({ ...block, hash: new Uint8Array(32) }, certificateOf(block), [])
    const expectations = [waiting, finalizing].map((call) => expect(call).rejects.toThrow('a node is missing'))
    send({ kind: 'error', id: posted.at(-1)!.id, error: wire })
    await Promise.all(expectations)
    await expect(client.block('latest')).rejects.toThrow('a node is missing')
    expect(fatal.map(({ message }) => message)).toEqual(['TypeError in the execution worker: a node is missing'])
  })

  test('a crash rejects everything under way and everything that waits, and is reported once', async () => {
    const { client, fatal, fail } = await connected(['proof', 'account', 'validate'])
    const { block } = await client.build(request(client.head(), []))
    const wrong = { ...block, hash: new Uint8Array(32) }
    const calls = [
      client.validate(wrong, []),
      client.validate(wrong, []),
      client.account(stranger, 'latest'),
      ...Array.from({ length: 5 }, () => client.proof(stranger, [], 'latest')),
    ]
    const expectations = calls.map((call) => expect(call).rejects.toThrow('out of memory'))
    fail(new Error('out of memory'))
    fail(new Error('exit code 1'))
    await Promise.all(expectations)
    expect(fatal.map(({ message }) => message)).toEqual(['out of memory'])
    await client.close()
  })

  test('more waiting reads than the bound are refused as busy; consensus goes on', async () => {
    const { client } = await connected(['proof'])
    const calls = Array.from({ length: MAX_WAITING_READS + 1 }, () => client.proof(stranger, [], 'latest'))
    for (const call of calls) call.catch(() => {})
    await expect(client.proof(stranger, [], 'latest')).rejects.toMatchObject({ name: 'ChainError', code: 'busy' })
    await appendBlock(client, [transaction(0, 0)])
    expect(client.head().header.number).toBe(1n)
  })
})

describe('calls', () => {
  test('go to a runner of their own with the head of that moment, and never to the execution worker', async () => {
    const asked: [CallRequest, CallClient][] = []
    const run = async (request: CallRequest, client: CallClient) => {
      asked.push([request, client])
      return { kind: 'failure', gasUsed: 1n, message: 'as asked' }
    }
    const { client, methods } = await connected([], { ...noCalls, run: run as unknown as CallRunner['run'] })
    const before = client.head()
    await client.call({ group: 'g', name: 'somebody' }, { gas: 1n }, { next: 9n }, [], { timestamp: 5n })
    await appendBlock(client, [transaction(0, 0)])
    expect(await client.estimateGas(null, {}, 'earliest', [])).toMatchObject({ message: 'as asked' })
    expect(asked).toEqual([
      [
        { method: 'call', head: before, args: [{ gas: 1n }, { next: 9n }, [], { timestamp: 5n }] },
        { group: 'g', name: 'somebody' },
      ],
      [
        { method: 'estimateGas', head: client.head(), args: [{}, 'earliest', []] },
        { group: '', name: '' },
      ],
    ])
    expect(methods()).toEqual(['build', 'finalizeCandidate'])
  })

  test('are ended before the worker whose database they read, and when it fails; then they are refused', async () => {
    const postedBefore: number[] = []
    const rigs: Rig[] = []
    const close = async () => {
      postedBefore.push(rigs[0]!.posted.length)
    }
    const closed = await connected([], { ...noCalls, close })
    rigs.push(closed)
    await closed.client.close()
    expect(postedBefore[0]).toBe(0)
    expect(closed.methods()).toEqual(['close'])
    await expect(closed.client.call(null, {}, 'latest', [])).rejects.toThrow('the chain is closed')

    postedBefore.length = 0
    const failed = await connected([], { ...noCalls, close })
    failed.fail(new Error('out of memory'))
    expect(postedBefore.length).toBe(1)
    await expect(failed.client.estimateGas(null, {}, 'latest', [])).rejects.toThrow('out of memory')
  })
})

describe('logs', () => {
  test('are searched in steps, with the bound over all of them', async () => {
    const { client, posted } = await connected()
    const steps = 2n * LOG_SEARCH_STEP + 1n
    const filter = { fromBlock: 0n, toBlock: steps, addresses: [], topics: [], limit: 10, maxBytes: 10 }
    // The range ends at the head, so a client that believes in a longer chain is needed to see steps.
    const head = client.head()
    client.head = () => ({ ...head, header: { ...head.header, number: steps } })
    expect(await client.logs(filter)).toEqual([])
    expect(posted.map(({ args }) => args[0])).toMatchObject([
      { fromBlock: 0n, toBlock: LOG_SEARCH_STEP - 1n },
      { fromBlock: LOG_SEARCH_STEP, toBlock: 2n * LOG_SEARCH_STEP - 1n },
      { fromBlock: 2n * LOG_SEARCH_STEP, toBlock: steps },
    ])
  })

  test('go on where the worker had looked at enough', async () => {
    const { client } = await connected()
    const head = client.head()
    client.head = () => ({ ...head, header: { ...head.header, number: 50n } })
    const asked: unknown[] = []
    const located = { log: { address: stranger, topics: [], data: new Uint8Array(2) } }
    const read = async (name: string, [step]: [LogFilter]) => {
      asked.push([name, step.fromBlock, step.toBlock, step.limit, step.maxBytes])
      return { logs: [located], next: step.fromBlock < 20n ? step.fromBlock + 10n : null }
    }
    Object.assign(client, { read })
    const filter = { fromBlock: 0n, toBlock: 50n, addresses: [], topics: [], limit: 10, maxBytes: 10 }
    expect(await client.logs(filter)).toEqual([located, located, located])
    expect(asked).toEqual([
      ['logStep', 0n, 50n, 10, 10],
      ['logStep', 10n, 50n, 9, 8],
      ['logStep', 20n, 50n, 8, 6],
    ])
  })
})

describe('closing', () => {
  test('waits for consensus work, then refuses calls, and is no failure', async () => {
    const { client, fatal, methods, fail } = await connected()
    const { block } = await client.build(request(client.head(), [transaction(0, 0)]))
    const finalizing = client.finalize(block, certificateOf(block), [])
    const closing = client.close()
    await finalizing
    await closing
    expect(client.close()).toBe(client.close())
    fail(new Error('the execution worker ended with exit code 0'))
    expect(methods()).toEqual(['build', 'finalizeCandidate', 'close'])
    expect(fatal).toEqual([])
    await expect(client.account(stranger, 'latest')).rejects.toThrow('the chain is closed')
  })
})

describe('a worker that ends while it is being closed', () => {
  test('is no failure when it answered, even if its end is heard of at once', async () => {
    const { client, fatal, posted, send, fail } = await connected(['close'])
    const closing = client.close()
    await vi.waitFor(() => expect(posted.length).toBe(1))
    send({ kind: 'result', id: posted[0]!.id, value: undefined })
    fail(new Error('the execution worker ended with exit code 0'))
    await closing
    expect(fatal).toEqual([])
  })

  test('is told to who closes when it did not', async () => {
    const { client, fatal, fail } = await connected(['close'])
    const closing = expect(client.close()).rejects.toThrow('out of memory')
    fail(new Error('out of memory'))
    await closing
    expect(fatal).toEqual([])
  })
})

test('a port that fails before it is ready refuses the connection and is not fatal', async () => {
  const fatal: Error[] = []
  const port: WorkerPort = {
    post() {},
    onMessage() {},
    onFailure: (listener) => queueMicrotask(() => listener(new Error('no such file'))),
    terminate: async () => {},
  }
  const connecting = connectChain(port, {
    genesis,
    onFatal: (error) => fatal.push(error),
    onDebug() {},
    openCalls: () => noCalls,
  })
  await expect(connecting).rejects.toThrow('no such file')
  expect(fatal).toEqual([])
})
