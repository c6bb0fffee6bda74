import { JsonText } from '../../json.ts'
import { defineMethod, type ParamContext, type RpcMethod } from '../../method.ts'
import { openRpcDocument } from '../../schema/openRpc.ts'
import { record, TEXT } from '../../schema/schema.ts'

/** rpc.discover: the OpenRPC document of this server (OpenRPC, "Service Discovery Method"), made once for its bounds. */
export function discoverOf(methods: () => Iterable<RpcMethod>): RpcMethod {
  const made = new WeakMap<ParamContext['limits'], JsonText>()
  return defineMethod({
    name: 'rpc.discover',
    kind: 'read',
    summary: 'the OpenRPC document: every method with the schemas of its parameters and its result',
    differs: 'neither has it',
    result: record({
      openrpc: TEXT,
      info: { type: 'object' },
      methods: { type: 'array', items: { type: 'object' } },
      components: { type: 'object' },
    }),
    params: [],
    handle({ limits, backend }) {
      const version = /\/v([^/]+)/.exec(backend.clientVersion)?.[1] ?? backend.clientVersion
      const text = made.get(limits) ?? new JsonText(JSON.stringify(openRpcDocument(methods(), { limits }, version)))
      made.set(limits, text)
      return text
    },
  })
}
