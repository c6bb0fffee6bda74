/** docs/rpc.md: every method as a table, made from the definitions. */
import type { ParamContext, RpcMethod } from '../method.ts'

const HEAD = `# JSON-RPC methods

Made from the definitions that validate the parameters (\`node/src/rpc/methods\`, one file each); a test holds it equal to
them, and \`npx vitest run node/src/rpc/registry.test.ts -u\` writes it anew. [protocol/rpc.md](protocol/rpc.md) has what
is common to all: transport, values, errors, bounds. [openrpc.json](openrpc.json) is the same for programs; a node gives
it, with its own bounds, as \`rpc.discover\`.

Kinds say whom a method is for: any web page may call \`read\` and \`send\`; \`sign\`, \`control\` and \`trace\` are for
programs, and for pages of this machine or of an origin that \`--allow-origin\` names. A parameter with \`?\` may be left
out.
`

export function methodTable(methods: Iterable<RpcMethod>, context: ParamContext): string {
  const bySpace = Map.groupBy([...methods].sort(byName), ({ name }) => name.split(/[_.]/)[0]!)
  const parts = Array.from(bySpace, ([space, group]) => {
    const rows = group.map((method) => row(method, context))
    return [
      `## ${space}`,
      '',
      '| method | kind | parameters | result | differs from geth and anvil |',
      '|---|---|---|---|---|',
      ...rows,
      '',
    ].join('\n')
  })
  return [HEAD, ...parts].join('\n')
}

function byName(a: RpcMethod, b: RpcMethod): number {
  return a.name < b.name ? -1 : 1
}

function row(method: RpcMethod, context: ParamContext): string {
  const params = method.params(context).map(({ name, required }) => (required ? name : `${name}?`))
  const cells = [`\`${method.name}\``, method.kind, params.join(', '), method.summary, method.differs ?? '']
  return `| ${cells.join(' | ')} |`.replaceAll('|  |', '| |')
}
