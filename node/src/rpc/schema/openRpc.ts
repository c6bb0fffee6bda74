/**
 * The OpenRPC document (open-rpc.org, 1.3.2) of the methods, made from the definitions that validate their parameters:
 * what `rpc.discover` gives, and docs/openrpc.json.
 */
import type { ParamContext, RpcMethod } from '../method.ts'
import type { Schema } from './schema.ts'

const OPENRPC_VERSION = '1.3.2'

export function openRpcDocument(methods: Iterable<RpcMethod>, context: ParamContext, version: string): object {
  const components = new Map<string, object>()
  const shown = (schema: Schema): object => withReferences(schema, components)
  const described = Array.from(methods, (method) => ({
    name: method.name,
    summary: method.summary,
    ...(method.differs === undefined ? {} : { description: `Differs from geth and anvil: ${method.differs}` }),
    paramStructure: 'by-position',
    params: method
      .params(context)
      .map(({ name, required, decode }) => ({ name, required, schema: shown(decode.schema) })),
    result: { name: 'result', schema: shown(method.result) },
    'x-kind': method.kind,
  }))
  described.sort((a, b) => (a.name < b.name ? -1 : 1))
  const schemas = Object.fromEntries([...components].sort(([a], [b]) => (a < b ? -1 : 1)))
  return {
    openrpc: OPENRPC_VERSION,
    info: { title: 'Touchstone JSON-RPC', version, license: { name: 'Apache-2.0' } },
    methods: described,
    components: { schemas },
  }
}

/** The schema with each named part, itself included, put among the components and referred to. */
function withReferences(schema: Schema, components: Map<string, object>): object {
  const { title, items, properties, additionalProperties, anyOf, ...rest } = schema
  const inner = (part: Schema): object => withReferences(part, components)
  const expanded = {
    ...(title === undefined ? {} : { title }),
    ...rest,
    ...(items === undefined ? {} : { items: inner(items) }),
    ...(properties === undefined
      ? {}
      : { properties: Object.fromEntries(Object.entries(properties).map(([name, part]) => [name, inner(part)])) }),
    ...(additionalProperties === undefined
      ? {}
      : {
          additionalProperties:
            typeof additionalProperties === 'boolean' ? additionalProperties : inner(additionalProperties),
        }),
    ...(anyOf === undefined ? {} : { anyOf: anyOf.map(inner) }),
  }
  if (title === undefined) return expanded
  const name = title.replaceAll(
    /[^A-Za-z0-9]+(\w)?/g,
    (_match, letter: string | undefined) => letter?.toUpperCase() ?? '',
  )
  const there = components.get(name)
  if (there !== undefined && JSON.stringify(there) !== JSON.stringify(expanded)) {
    throw new Error(`two schemas are called "${title}"`)
  }
  components.set(name, expanded)
  return { $ref: `#/components/schemas/${name}` }
}
