/** JSON-RPC of the network's own nodes: short waits, batches, and refusals told apart from no answer. */

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

async function post({ rpc }: RpcTarget, body: object, timeoutMs: number): Promise<unknown> {
  const response = await fetch(rpc, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
    signal: AbortSignal.timeout(timeoutMs),
  })
  try {
    return await response.json()
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error
    throw new Error('it answered with something else than JSON', { cause: error })
  }
}

/** The port of a node that ended may be another program's by now. */
function isAnswer(value: unknown): value is RpcAnswer {
  if (typeof value !== 'object' || value === null || !('id' in value)) return false
  const { error } = value as { readonly error?: Partial<RpcAnswer['error']> | null }
  if (error === undefined) return 'result' in value
  return error !== null && typeof error.message === 'string' && typeof error.code === 'number'
}
