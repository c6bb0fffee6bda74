/** JSON-RPC of nodes: short waits, batches, and refusals told apart from no answer. */
import type { IncomingMessage } from 'node:http'
import { MAX_ANSWER_BYTES } from './limits.ts'

/**
 * An import of the module would read all its exports, and one of them loads a client of WebSockets. `fetch` loads the same,
 * 10 MB that a command which waits beside its nodes would keep; it is for nodes of other machines, to which the way may lead
 * over TLS, a proxy or a redirect.
 */
const { Agent, request } = process.getBuiltinModule('node:http')

export interface RpcTarget {
  readonly index: number
  readonly rpc: string
}

/** A refusal the node itself answered, as opposed to no answer. */
export class RpcRefusal extends Error {
  override readonly name = 'RpcRefusal'
  readonly code: number
  constructor(message: string, code: number) {
    super(message)
    this.code = code
  }
}

const BATCH_SIZE = 50

interface RpcAnswer {
  readonly id: number
  readonly result?: unknown
  readonly error?: { readonly code: number; readonly message: string }
}

/** @throws RpcRefusal, or any other Error when no answer came. */
export async function ask(
  target: RpcTarget,
  method: string,
  params: readonly unknown[],
  timeoutMs = 5_000,
): Promise<unknown> {
  const answer = await post(target, { jsonrpc: '2.0', id: 1, method, params }, timeoutMs)
  if (!isAnswer(answer)) throw new Error(`it answered ${method} with something else than JSON-RPC`)
  if (answer.error !== undefined) throw new RpcRefusal(answer.error.message, answer.error.code)
  return answer.result
}

/** Many calls of one method, in order. @throws Error when one of them fails. */
export function askAll(
  target: RpcTarget,
  method: string,
  calls: readonly (readonly unknown[])[],
  timeoutMs?: number,
): Promise<unknown[]> {
  return askEach(
    target,
    calls.map((params) => ({ method, params })),
    timeoutMs,
  )
}

/** Many calls of any methods, in order. @throws Error when one of them fails. */
export async function askEach(
  target: RpcTarget,
  calls: readonly { readonly method: string; readonly params: readonly unknown[] }[],
  timeoutMs = 60_000,
): Promise<unknown[]> {
  const results: unknown[] = []
  for (let at = 0; at < calls.length; at += BATCH_SIZE) {
    const batch = calls.slice(at, at + BATCH_SIZE).map((call, id) => ({ jsonrpc: '2.0' as const, id, ...call }))
    const answers = await post(target, batch, timeoutMs)
    const byId = new Map(Array.isArray(answers) ? answers.filter(isAnswer).map((answer) => [answer.id, answer]) : [])
    for (const { id, method } of batch) {
      const answer = byId.get(id)
      if (answer === undefined || answer.error !== undefined) {
        throw new Error(`node ${target.index} answered ${method} with: ${answer?.error?.message ?? 'nothing'}`)
      }
      results.push(answer.result)
    }
  }
  return results
}

interface Call {
  readonly jsonrpc: '2.0'
  readonly id: number
  readonly method: string
  readonly params: readonly unknown[]
}

async function post({ rpc }: RpcTarget, message: Call | Call[], timeoutMs: number): Promise<unknown> {
  const signal = AbortSignal.timeout(timeoutMs)
  const body = JSON.stringify(message)
  const asksOnly = [message].flat().every(({ method }) => QUESTIONS.test(method))
  const text = HERE.test(rpc)
    ? await postPlainly(rpc, { body, signal, asksOnly })
    : await postByFetch(rpc, body, signal)
  if (text === null) throw new Error(`its answer has more than ${MAX_ANSWER_BYTES} bytes, and is not taken`)
  try {
    return JSON.parse(text)
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error
    throw new Error('it answered with something else than JSON', { cause: error })
  }
}

const headers = { 'content-type': 'application/json' }

/** Plain HTTP to this machine. The node's own look at addresses would load all of the node, 50 ms of a short command. */
const HERE = /^http:\/\/(localhost|127(\.\d{1,3}){3}|\[::1\])(:|\/|$)/i

async function postByFetch(url: string, body: string, signal: AbortSignal): Promise<string | null> {
  const response = await fetch(url, { method: 'POST', headers, body, signal })
  return response.body === null ? '' : textOf(response.body)
}

/** Methods that change nothing, whatever their parameters: they may be asked a second time. */
const QUESTIONS = /^(eth_get(Block|Transaction)\w*|eth_blockNumber|touchstone_(status|validators))$/

/** Of a program that watches a network, and asks the same nodes again and again. Those that wait keep no program running. */
const connections = new Agent({ keepAlive: true, maxFreeSockets: 1 })

interface Post {
  readonly body: string
  readonly signal: AbortSignal
  readonly asksOnly: boolean
}

/**
 * A kept connection may be closed by the node just when it is used again. A question is asked once more then, by a
 * connection of its own, as is all else from the first.
 */
async function postPlainly(url: string, { body, signal, asksOnly }: Post): Promise<string | null> {
  const answerBy = (agent: typeof connections | false) =>
    new Promise<IncomingMessage | null>((resolve, reject) => {
      const asked = request(url, { method: 'POST', headers, agent, signal })
      asked.once('response', resolve)
      asked.once('error', (error) => (asked.reusedSocket && !signal.aborted ? resolve(null) : reject(error)))
      asked.end(body)
    })
  try {
    const answer = (asksOnly ? await answerBy(connections) : null) ?? (await answerBy(false))
    // Without an agent no connection is used again.
    return await textOf(answer!)
  } catch (error) {
    if (signal.aborted) throw signal.reason
    // As `fetch` has it: who reads it looks for the system's code in the cause.
    throw new Error('no connection, or it was lost', { cause: error })
  }
}

/** Null of an answer that is larger than is taken, of which no more is read. */
async function textOf(answer: AsyncIterable<Uint8Array>): Promise<string | null> {
  const parts: Uint8Array[] = []
  let bytes = 0
  for await (const part of answer) {
    bytes += part.length
    if (bytes > MAX_ANSWER_BYTES) return null
    parts.push(part)
  }
  return Buffer.concat(parts).toString('utf8')
}

/** The port of a node that ended may be another program's by now. */
function isAnswer(value: unknown): value is RpcAnswer {
  if (typeof value !== 'object' || value === null || !('id' in value)) return false
  const { error } = value as { readonly error?: Partial<RpcAnswer['error']> | null }
  if (error === undefined) return 'result' in value
  return error !== null && typeof error.message === 'string' && typeof error.code === 'number'
}
