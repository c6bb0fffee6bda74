/** The output of `npm run hostile -- --messages N`, and its exit code: 1 where something is left of messages. */
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { NODE_PROCESS_OPTIONS } from '../../../src/runtime/hostHeap.ts'
import { INSPECTED, Inspector } from './footprint.ts'
import { lookOften } from './looks.ts'
import type { Said, Say } from './talkers.ts'

/** What is remembered of messages (65 536 ids, 4 096 whole ones, of gossipsub 30 s) is full before the first look. */
const MOST_WARM_UP = 200_000
/** Whole messages and gossipsub's ids are forgotten after 30 s. Milliseconds. */
const SETTLE = 35_000
/** Nothing stays of one: over a million of them this is code that was compiled meanwhile. */
const MAX_BYTES_PER_MESSAGE = 2

/** @param messages heard by all networks together, after those that fill what is bounded. */
export async function runMessagesCommand(messages: number): Promise<number> {
  const child = fork(new URL('./talkers.ts', import.meta.url), {
    execArgv: [...NODE_PROCESS_OPTIONS, ...INSPECTED],
    stdio: ['ignore', 'inherit', 'pipe', 'ipc'],
  })
  let errors = ''
  child.stderr!.setEncoding('utf8').on('data', (text: string) => {
    errors += text
  })
  const ended = once(child, 'exit').then(() => {
    throw new Error(`the networks' process ended: ${errors}`)
  })
  // It ends by our own word at last, which is no error.
  ended.catch(() => undefined)
  const answer = async (): Promise<Said> => {
    const [said] = await Promise.race([once(child, 'message'), ended])
    return said as Said
  }
  let inspector: Inspector | null = null
  try {
    await answer()
    inspector = await Inspector.of(child.pid!, errors)
    const again = async (times: number) => {
      child.send({ messages: times } satisfies Say)
      const { heard, failure } = await answer()
      if (failure !== null) throw new Error(failure)
      if (heard < times) throw new Error(`${heard} of ${times} messages were heard`)
    }
    const repeated = {
      plural: 'messages',
      singular: 'message',
      mostBytes: MAX_BYTES_PER_MESSAGE,
      settle: SETTLE,
      again,
    }
    const faults = await lookOften(inspector, repeated, {
      times: messages,
      warmUp: Math.min(MOST_WARM_UP, messages),
    })
    return faults.length > 0 ? 1 : 0
  } finally {
    inspector?.close()
    child.kill()
  }
}
