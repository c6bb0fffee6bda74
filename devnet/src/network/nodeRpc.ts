/** JSON-RPC of the network's own nodes: short waits, batches, and refusals told apart from no answer. */
import type { IncomingMessage } from 'node:http'
import { MAX_ANSWER_BYTES } from './limits.ts'

/**
 * An import of the module would read all its exports, and one of them loads a client of WebSockets. `fetch` loads the same,
 * 10 MB that a command which waits beside its nodes would keep; it is for who names a URL of another kind.
 */
const { request } = process.getBuiltinModule('node:http')

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
export async function askAll(
  target: RpcTarget,
  method: string,
  calls: readonly (readonly unknown[])[],
  timeoutMs = 60_000,
): Promise<unknown[]> {
  const results: unknown[] = []
  for (let at = 0; at < calls.length; at += BATCH_SIZE) {
    const batch = calls.slice(at, at + BATCH_SIZE).map((params, id) => ({ jsonrpc: '2.0', id, method, params }))
    const answers = await post(target, batch, timeoutMs)
    const byId = new Map(Array.isArray(answers) ? answers.filter(isAnswer).map((answer) => [answer.id, answer]) : [])
    for (const { id } of batch) {
      const answer = byId.get(id)
      if (answer === undefined || answer.error !== undefined) {
        throw new Error(`node ${target.index} answered ${method} with: ${answer?.error?.message ?? 'nothing'}`)
      }
      results.push(answer.result)
    }
  }
  return results
}

async function post({ rpc }: RpcTarget, message: object, timeoutMs: number): Promise<unknown> {
  const signal = AbortSignal.timeout(timeoutMs)
  const body = JSON.stringify(message)
  const text = rpc.startsWith('http:') ? await postPlainly(rpc, body, signal) : await postByFetch(rpc, body, signal)
  try {
    return JSON.parse(text)
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error
    throw new Error('it answered with something else than JSON', { cause: error })
  }
}

const headers = { 'content-type': 'application/json' }

async function postByFetch(url: string, body: string, signal: AbortSignal): Promise<string> {
  const response = await fetch(url, { method: 'POST', headers, body, signal })
  return response.text()
}

/** On a connection of its own: one that is kept may be closed by the node just when it is used again. */
async function postPlainly(url: string, body: string, signal: AbortSignal): Promise<string> {
  const parts: Uint8Array[] = []
  let bytes = 0
  try {
    const response = await new Promise<IncomingMessage>((resolve, reject) => {
      const asked = request(url, { method: 'POST', headers, agent: false, signal })
      asked.once('response', resolve)
      asked.once('error', reject)
      asked.end(body)
    })
    for await (const part of response as AsyncIterable<Uint8Array>) {
      bytes += part.length
      if (bytes > MAX_ANSWER_BYTES) break
      parts.push(part)
    }
  } catch (error) {
    if (signal.aborted) throw signal.reason
    // As `fetch` has it: who reads it looks for the system's code in the cause.
    throw new Error('no connection, or it was lost', { cause: error })
  }
  if (bytes > MAX_ANSWER_BYTES) throw new Error(`its answer has more than ${MAX_ANSWER_BYTES} bytes, and is not taken`)
  return Buffer.concat(parts).toString('utf8')
}

/** The port of a node that ended may be another program's by now. */
function isAnswer(value: unknown): value is RpcAnswer {
  if (typeof value !== 'object' || value === null || !('id' in value)) return false
  const { error } = value as { readonly error?: Partial<RpcAnswer['error']> | null }
  if (error === undefined) return 'result' in value
  return error !== null && typeof error.message === 'string' && typeof error.code === 'number'
}
