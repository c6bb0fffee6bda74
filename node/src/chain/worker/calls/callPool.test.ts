/** The pool of call workers over ports in this thread, on a clock that the test moves. */
import { describe, expect, test } from 'vitest'
import { loggerTo } from '../../../../testing/logger.ts'
import { manualClock } from '../../../../testing/manualClock.ts'
import type { Head } from '../../chainService.ts'
import { genesisCandidate } from '../../genesisBlock.ts'
import {
  callWait,
  MAX_CALL_OUTPUT,
  MAX_CALL_PRINTS,
  MAX_WAITING_CALLS,
  MAX_WAITING_CALLS_PER_CLIENT,
} from '../../limits.ts'
import { genesis } from '../../testing/fixtures.ts'
import { errorToWire } from '../wireError.ts'
import { CallPool } from './callPool.ts'
import type { CallRequest } from './callRequest.ts'
import type { CallWorkerMessage } from './protocol.ts'

const TIMEOUT = 5_000
const { block } = genesisCandidate(genesis)
const head = { header: block.header, hash: block.hash }

interface TestWorker {
  /** Gas of the call it was given: what tests tell calls apart by. */
  readonly given: bigint[]
  readonly heads: (Head | null)[]
  terminated: boolean
  say(message: CallWorkerMessage): void
  exit(reason: string): void
}

function poolOf(workers: number, refusals = 0) {
  const printed: string[] = []
  const warnings: string[] = []
  const clock = manualClock()
  const started: TestWorker[] = []
  const failures: string[] = []
  const logger = loggerTo(({ level, message, fields }) => {
    if (level === 'warn') warnings.push(message)
    if (level === 'error') failures.push((fields as { error: string }).error)
  })
  const pool = new CallPool({
    workers,
    timeout: TIMEOUT,
    clock,
    logger,
    onDebug: (text) => printed.push(text),
    startWorker() {
      if (refusals-- > 0) throw new Error('ERR_WORKER_INIT_FAILED')
      let receive: (message: CallWorkerMessage) => void = () => {}
      let leave: (reason: Error) => void = () => {}
      const worker: TestWorker = {
        given: [],
        heads: [],
        terminated: false,
        say: (message) => receive(message),
        exit: (reason) => leave(new Error(reason)),
      }
      started.push(worker)
      return {
        post: (request) => {
          worker.given.push((request as CallRequest<'call'>).args[0].gas!)
          worker.heads.push(request.head)
        },
        onMessage: (listener) => {
          receive = listener
        },
        onExit: (listener) => {
          leave = listener
        },
        terminate: () => {
          worker.terminated = true
        },
      }
    },
  })
  const ask = (gas: number, name = 'somebody', group = 'g', at = head) => {
    const answer = pool.run({ method: 'call', head: at, args: [{ gas: BigInt(gas) }, 'latest', []] }, { group, name })
    // Some are looked at only after they have failed.
    answer.catch(() => {})
    return answer
  }
  return { pool, clock, started, failures, printed, warnings, ask }
}

const done = (gas: bigint): CallWorkerMessage => ({ kind: 'result', value: { kind: 'success', gasUsed: gas } })
const ready: CallWorkerMessage = { kind: 'ready' }
const aborted = (words: string) => ({
  name: 'ChainError',
  code: 'call-aborted',
  message: expect.stringContaining(words),
})

describe('workers', () => {
  test('start with the first call, one call each, and no more than there may be', async () => {
    const { started, ask } = poolOf(2)
    expect(started.length).toBe(0)
    const answers = [ask(1), ask(2), ask(3)]
    expect(started.length).toBe(2)
    for (const worker of started) worker.say(ready)
    expect(started.map(({ given }) => given)).toEqual([[1n], [2n]])
    started[1]!.say(done(2n))
    expect(started.map(({ given }) => given)).toEqual([[1n], [2n, 3n]])
    started[1]!.say({ kind: 'error', error: errorToWire(new Error('no such state')) })
    started[0]!.say(done(1n))
    expect(await answers[0]).toMatchObject({ gasUsed: 1n })
    expect(await answers[1]).toMatchObject({ gasUsed: 2n })
    await expect(answers[2]).rejects.toThrow('no such state')
    ask(4)
    expect(started.length).toBe(2)
  })

  test('give every client and every group its turn', () => {
    const { started, ask } = poolOf(1)
    for (const gas of [1, 2, 3]) ask(gas, `page ${gas}`, 'pages')
    for (const gas of [4, 5]) ask(gas, 'owner', 'programs')
    started[0]!.say(ready)
    for (let turn = 0; turn < 4; turn++) started[0]!.say(done(0n))
    expect(started[0]!.given).toEqual([1n, 4n, 2n, 5n, 3n])
  })
})

test("a worker is told of a head once, and one that takes another's place anew", () => {
  const { clock, started, ask } = poolOf(1)
  const next = { ...head }
  for (const at of [head, head, next, head]) ask(1, 'somebody', 'g', at)
  ask(1, 'somebody', 'g', head)
  started[0]!.say(ready)
  for (let answers = 0; answers < 3; answers++) started[0]!.say(done(1n))
  expect(started[0]!.heads).toEqual([head, null, next, head])
  clock.jump(TIMEOUT)
  started[0]!.exit('it ended with exit code 1')
  started[1]!.say(ready)
  expect(started[1]!.heads).toEqual([head])
})

describe('the deadline', () => {
  test('ends a call that runs, by its worker; the next gets another one', async () => {
    const { clock, started, failures, ask } = poolOf(1)
    const [slow, next] = [ask(1), ask(2)]
    started[0]!.say(ready)
    clock.jump(TIMEOUT - 1)
    expect(started[0]!.terminated).toBe(false)
    clock.jump(1)
    await expect(slow).rejects.toMatchObject(aborted('execution aborted (timeout = 5000 ms)'))
    await expect(slow).rejects.toMatchObject(aborted('(callTimeout)'))
    expect(started[0]!.terminated).toBe(true)
    // Its messages while it ends are not heard, and its place is taken only when it is gone.
    started[0]!.say(done(1n))
    expect([started[0]!.given, started.length]).toEqual([[1n], 1])
    started[0]!.exit('it ended with exit code 1')
    expect(started.length).toBe(2)
    started[1]!.say(ready)
    started[1]!.say(done(2n))
    expect(await next).toMatchObject({ gasUsed: 2n })
    expect(failures).toEqual([])
    expect(clock.waiting).toBe(0)
  })

  test('ends a call that waits, as busy, and leaves the one that runs alone', async () => {
    const { clock, started, ask } = poolOf(1)
    const waiting = ask(1)
    clock.jump(callWait(TIMEOUT))
    await expect(waiting).rejects.toMatchObject({
      code: 'busy',
      message: expect.stringMatching(/waited 20000 ms.*callWorkers/),
    })
    started[0]!.say(ready)
    expect(started[0]!.given).toEqual([])
    const late = ask(2)
    expect(started[0]!.given).toEqual([2n])
    started[0]!.say(done(2n))
    expect(await late).toMatchObject({ gasUsed: 2n })
  })
})

describe('the queue', () => {
  test('is bounded for one client and for a group', async () => {
    const { ask } = poolOf(1)
    const busy = { name: 'ChainError', code: 'busy', message: expect.stringContaining('MAX_WAITING_CALLS') }
    for (let gas = 0; gas < MAX_WAITING_CALLS_PER_CLIENT; gas++) ask(gas, 'a')
    await expect(ask(0, 'a')).rejects.toMatchObject(busy)
    for (let gas = MAX_WAITING_CALLS_PER_CLIENT; gas < MAX_WAITING_CALLS; gas++) ask(gas, `client ${gas}`)
    await expect(ask(0, 'b')).rejects.toMatchObject(busy)
    // Room for others is there all the same.
    let answered = false
    ask(0, 'b', 'another').finally(() => {
      answered = true
    })
    await Promise.resolve()
    expect(answered).toBe(false)
  })
})

describe('a worker that fails', () => {
  test('takes its own call along, is replaced, and the log tells why', async () => {
    const { started, failures, ask } = poolOf(1)
    const [lost, next] = [ask(1), ask(2)]
    started[0]!.say(ready)
    started[0]!.exit('Maximum call stack size exceeded')
    await expect(lost).rejects.toMatchObject(aborted('Maximum call stack size exceeded'))
    started[1]!.say(ready)
    started[1]!.say(done(2n))
    expect(await next).toMatchObject({ gasUsed: 2n })
    expect(failures).toEqual(['Maximum call stack size exceeded'])
  })

  test('before it is ready fails all that wait, and is not started again for nobody', async () => {
    const { started, ask } = poolOf(1)
    const answers = [ask(1), ask(2)]
    started[0]!.exit('no such file')
    for (const answer of answers) await expect(answer).rejects.toMatchObject(aborted('no such file'))
    expect(started.length).toBe(1)
    ask(3)
    expect(started.length).toBe(2)
  })
})

describe('a system without threads to give', () => {
  test('fails what waits with a word, and nothing else; the next call asks again', async () => {
    const { started, failures, clock, ask } = poolOf(1, 1)
    await expect(ask(1)).rejects.toMatchObject(aborted('ERR_WORKER_INIT_FAILED'))
    expect([started.length, failures, clock.waiting]).toEqual([0, ['ERR_WORKER_INIT_FAILED'], 0])
    const answer = ask(2)
    started[0]!.say(ready)
    started[0]!.say(done(2n))
    expect(await answer).toMatchObject({ gasUsed: 2n })
  })
})

describe('what contracts print', () => {
  const print = (text: string): CallWorkerMessage => ({ kind: 'debug', text, contract: new Uint8Array(20) })

  test.each([
    ['characters', 'x'.repeat(MAX_CALL_OUTPUT / 16), 16],
    ['prints', '', MAX_CALL_PRINTS],
  ])(
    'is logged up to so many %s a minute, of all calls together, and once it is said that there is more',
    (_of, text, most) => {
      const { started, clock, printed, warnings, ask } = poolOf(1)
      ask(1)
      started[0]!.say(ready)
      for (let minute = 1; minute <= 2; minute++) {
        for (let prints = 0; prints < most + 3; prints++) started[0]!.say(print(text))
        expect([printed.length, warnings.length]).toEqual([minute * most, minute])
        clock.jump(60_000)
      }
    },
  )
})

describe('closing', () => {
  test('rejects what runs and what waits, and waits for the threads: those that start are ended when they are ready', async () => {
    const { pool, clock, started, failures, ask } = poolOf(2)
    const answers = [ask(1), ask(2), ask(3)]
    started[0]!.say(ready)
    let closed = false
    const closing = pool.close().then(() => {
      closed = true
    })
    for (const answer of answers) await expect(answer).rejects.toThrow('the chain is closed')
    expect(started.map(({ terminated }) => terminated)).toEqual([true, false])
    started[0]!.exit('it ended with exit code 1')
    started[1]!.say(ready)
    expect(started[1]!.terminated).toBe(true)
    await Promise.resolve()
    expect(closed).toBe(false)
    started[1]!.exit('it ended with exit code 1')
    await closing
    expect([started.length, failures, clock.waiting]).toEqual([2, [], 0])
    await expect(ask(4)).rejects.toThrow('the chain is closed')
  })

  test('is done at once when no call ever came', async () => {
    const { pool, started } = poolOf(1)
    await pool.close()
    expect(started).toEqual([])
  })
})
