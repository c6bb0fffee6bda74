/**
 * The methods, each held against its own definition: what it answers is of the schema of its result, and what it takes is
 * of the schemas of its parameters. Where that is not so the answer is -32603, and the error is in the node's log.
 */
import { JsonText } from '../../src/rpc/json.ts'
import type { RpcMethod } from '../../src/rpc/method.ts'
import { METHODS } from '../../src/rpc/registry.ts'
import { schemaError } from './schemaErrors.ts'

export const CHECKED_METHODS: ReadonlyMap<string, RpcMethod> = new Map(
  Array.from(METHODS, ([name, method]) => [name, checked(method)]),
)

function checked(method: RpcMethod): RpcMethod {
  return {
    ...method,
    async call(context, given) {
      const result = await method.call(context, given)
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

function expectSchema({ name }: RpcMethod, schema: RpcMethod['result'], value: unknown, what: string): void {
  const error = schemaError(schema, value, what)
  if (error !== null) throw new Error(`${name} is not as it is defined: ${error}`)
}
