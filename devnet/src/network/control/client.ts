/** Sends an order to the network that runs in a directory. */
import { CliError, unreachableError } from '../../output/errors.ts'
import { noNetwork } from '../awayNode.ts'
import { SNAPSHOT_TIMEOUT_MS } from '../limits.ts'
import { networkPaths } from '../paths.ts'
import { readRunning } from '../readyFile.ts'
import type { SteeringCommand } from './command.ts'
import { readControlFile } from './controlFile.ts'

/** As in server.ts: an import would load more, for every command. */
const { request } = process.getBuiltinModule('node:http')

/** A node that is stopped on a loaded machine takes its time. */
const ANSWER_TIMEOUT_MS = 90_000
/** A node that is started may have a snapshot to fetch, or run under an emulator; the runner gives up before this. */
const START_TIMEOUT_MS = SNAPSHOT_TIMEOUT_MS + ANSWER_TIMEOUT_MS

/** Of an error: the end of a log. */
const MAX_LINES = 50

export interface OrderAnswer {
  readonly text: string
  readonly result: object
  /** The rest of what happened, for people. */
  readonly note?: string
}

/** `by` is what the runner shows as the one who did it. @throws CliError */
export async function sendOrder(dataDir: string, command: SteeringCommand, by: string): Promise<OrderAnswer> {
  const paths = networkPaths(dataDir)
  const control = readRunning(paths) === null ? null : readControlFile(paths)
  if (control === null) throw noNetwork(paths)
  const timeoutMs = command.kind === 'add' || command.kind === 'start' ? START_TIMEOUT_MS : ANSWER_TIMEOUT_MS
  const { status, body } = await post(control, JSON.stringify({ command, by }), timeoutMs).catch((error: Error) => {
    if (error.name !== 'TimeoutError') throw noNetwork(paths, error)
    const hint = 'look at the terminal where devnet up runs'
    throw unreachableError(`the network did not answer within ${timeoutMs / 1000} s`, hint, error)
  })
  const answer = parseAnswer(body)
  if (status === 200 && typeof answer.text === 'string') {
    const { text, result = {}, note } = answer
    return { text, result, ...(typeof note === 'string' ? { note } : {}) }
  }
  throw new CliError(typeof answer.error === 'string' ? answer.error : `the network answered ${status}`, {
    kind: status === 400 ? 'usage' : 'failed',
    lines: Array.isArray(answer.lines) ? answer.lines.slice(0, MAX_LINES).map(String) : [],
    ...(typeof answer.hint === 'string' ? { hint: answer.hint } : {}),
  })
}

/** Not with `fetch`, which waits for an answer no longer than five minutes. */
function post(
  { port, token }: { readonly port: number; readonly token: string },
  order: string,
  timeoutMs: number,
): Promise<{ readonly status: number; readonly body: string }> {
  return new Promise((resolve, reject) => {
    const signal = AbortSignal.timeout(timeoutMs)
    const sent = request({
      host: '127.0.0.1',
      port,
      method: 'POST',
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      signal,
    })
    sent.on('error', (error) => reject(signal.aborted ? signal.reason : error))
    sent.on('response', (response) => {
      let body = ''
      response.setEncoding('utf8')
      response.on('data', (text: string) => {
        body += text
      })
      response.on('end', () => resolve({ status: response.statusCode ?? 0, body }))
      response.on('error', reject)
    })
    sent.end(order)
  })
}

interface Answer extends Partial<OrderAnswer> {
  readonly error?: string
  readonly hint?: string
  readonly lines?: readonly unknown[]
}

function parseAnswer(body: string): Answer {
  try {
    const answer: unknown = JSON.parse(body)
    return typeof answer === 'object' && answer !== null ? answer : {}
  } catch (error) {
    // The port may be another program's by now.
    if (error instanceof SyntaxError) return {}
    throw error
  }
}
