/** JSON-RPC of the network's own nodes: short waits, batches, and refusals told apart from no answer. */

export interface RpcTarget {
  readonly index: number
  readonly rpc: string
}

/** What the node itself answered, as opposed to no answer. */
export class RpcRefusal extends Error {
  override readonly name = 'RpcRefusal'
  readonly code: number
  constructor(message: string, code: number) {
    super(message)
    this.code = code
  }
}

const batchSize = 50

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
  const { result, error } = (await post(target, { jsonrpc: '2.0', id: 1, method, params }, timeoutMs)) as RpcAnswer
  if (error !== undefined) throw new RpcRefusal(error.message, error.code)
  return result
}

/** Many calls of one method, in order. @throws Error when one of them fails. */
export async function askAll(
  target: RpcTarget,
  method: string,
  calls: readonly (readonly unknown[])[],
  timeoutMs = 60_000,
): Promise<unknown[]> {
  const results: unknown[] = []
  for (let at = 0; at < calls.length; at += batchSize) {
    const batch = calls.slice(at, at + batchSize).map((params, id) => ({ jsonrpc: '2.0', id, method, params }))
    const answers = (await post(target, batch, timeoutMs)) as RpcAnswer[]
    const byId = new Map(answers.map((answer) => [answer.id, answer]))
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
  return response.json()
}
