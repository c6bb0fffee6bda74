/**
 * The methods, each held against its own definition: what it answers is of the schema of its result, what it takes is of the
 * schemas of its parameters, and it asks the chain for nothing that is slower than its pace. Where that is not so the
 * answer is -32603, and the error is in the node's log.
 */
import { QUERY_LANES } from '../../src/chain/queryLanes.ts'
import { JsonText } from '../../src/rpc/json.ts'
import type { RpcMethod } from '../../src/rpc/method.ts'
import type { RpcContext } from '../../src/rpc/reading/context.ts'
import { METHODS } from '../../src/rpc/registry.ts'
import { schemaError } from './schemaErrors.ts'

export const CHECKED_METHODS: ReadonlyMap<string, RpcMethod> = new Map(
  Array.from(METHODS, ([name, method]) => [name, checked(method)]),
)

function checked(method: RpcMethod): RpcMethod {
  return {
    ...method,
    async call(context, given) {
      const result = await method.call(isQuick(method) ? withQuickChain(context, method) : context, given)
      for (const [index, { name, decode }] of method.params(context).entries()) {
        const value = given[index]
        if (value !== undefined && value !== null) expectSchema(method, decode.schema, value, name)
      }
      // As a client sees it.
      const text = result instanceof JsonText ? result.text : JSON.stringify(result ?? null)
      expectSchema(method, method.result, JSON.parse(text), 'the result')
      return new JsonText(text)
    },
  }
}

/** What signs, sends or controls may run a call first (to fill in gas): few wait so, and each for its own block besides. */
function isQuick({ pace, kind }: RpcMethod): boolean {
  return pace === undefined && (kind === 'read' || kind === 'trace')
}

function withQuickChain(context: RpcContext, { name }: RpcMethod): RpcContext {
  const chain = new Proxy(context.backend.chain, {
    get(target, key) {
      const lane = Object.hasOwn(QUERY_LANES, key) ? QUERY_LANES[key as keyof typeof QUERY_LANES] : 'read'
      if (lane !== 'read') throw new Error(`${name} asks for ${String(key)} and is not quick`)
      const value: unknown = Reflect.get(target, key, target)
      return typeof value === 'function' ? value.bind(target) : value
    },
  })
  return { ...context, backend: { ...context.backend, chain } }
}

function expectSchema({ name }: RpcMethod, schema: RpcMethod['result'], value: unknown, what: string): void {
  const error = schemaError(schema, value, what)
  if (error !== null) throw new Error(`${name} is not as it is defined: ${error}`)
}
