import { defineMethod, type RpcMethod } from '../../method.ts'
import { mapOf, TEXT } from '../../schema/schema.ts'

/** rpc_modules: the name spaces this server answers, with their versions. */
export function modulesOf(methods: () => Iterable<RpcMethod>): RpcMethod {
  return defineMethod({
    name: 'rpc_modules',
    kind: 'read',
    summary: 'name spaces and versions',
    result: mapOf(TEXT),
    params: [],
    handle: () => Object.fromEntries(Array.from(methods(), ({ name }) => [name.split(/[_.]/)[0]!, '1.0'])),
  })
}
