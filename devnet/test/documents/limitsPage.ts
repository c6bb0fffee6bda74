/** docs/protocol/limits.md, made from the limits.ts of every room: figures from the code, meanings from its comments. */
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { files, root, textOf } from './repository.ts'

/** Tables of these are elsewhere, each compared with its source by a test of the room. */
const ELSEWHERE: Readonly<Record<string, string>> = {
  'node/src/network/limits.ts': 'network.md#bounds',
  'node/src/rpc/limits.ts': 'rpc.md#bounds',
}

const HEAD = `# Limits, room by room

Every bound with a name that is exported by a \`limits.ts\`: the figure from the code, the meaning from its comment. The
page is made from them; a test holds it equal, and \`npx vitest run devnet/test/figures.test.ts -u\` writes it anew. Which
of them are rules that every client must share is said by the page of the matter: [blocks](blocks.md),
[execution](execution.md), [vm](vm.md), [consensus](consensus.md); the others are choices of this node. Durations are in
milliseconds and sizes in bytes where nothing else is said.
`

export async function limitsPage(): Promise<string> {
  const parts = [HEAD]
  for (const path of files.filter((file) =>
    /^(?:(?:vm|node)\/src\/(?:\w+\/)*|contracts\/src\/dwarf\/)limits\.ts$/.test(file),
  )) {
    const source = textOf(path)
    const values = (await import(pathToFileURL(join(root, path)).href)) as Record<string, unknown>
    const order = [...source.matchAll(/^export const (\w+)/gm)].map(([, name]) => name!)
    const rows = order.flatMap((name) => rowsOf(name, values[name], source))
    const room = path.replace(/^node\/src\/|\/src|\/limits\.ts$/g, '')
    const more = ELSEWHERE[path]
    if (more !== undefined)
      parts.push(`## ${room}\n\n\`${path}\`; the fields of its bounds are in [${more}](${more}).\n`)
    else parts.push(`## ${room}\n\n\`${path}\`\n`)
    const own = more === undefined ? rows : rows.filter(([name]) => !name.includes('.'))
    if (own.length === 0) continue
    const lines = own.map(([name, figure, meaning]) => `| \`${name}\` | ${figure} | ${meaning} |`)
    parts.push(`| constant | figure | meaning |\n|---|---|---|\n${lines.join('\n')}\n`)
  }
  return parts.join('\n')
}

type Row = readonly [name: string, figure: string, meaning: string]

function rowsOf(name: string, value: unknown, source: string): Row[] {
  if (typeof value === 'number' || typeof value === 'bigint') {
    return [[name, figureOf(value), meaningBefore(source, source.indexOf(`export const ${name}`))]]
  }
  if (typeof value !== 'object' || value === null) return []
  return Object.entries(value).flatMap(([field, part]): Row[] => {
    const declared = source.search(new RegExp(`^ *readonly ${field}: `, 'm'))
    const meaning = meaningBefore(source, declared < 0 ? source.indexOf(`export const ${name}`) : declared)
    if (typeof part === 'object' && part !== null) {
      const figures = Object.entries(part as object).filter(([, one]) => typeof one === 'number')
      if (figures.length === 0) return []
      return [[`${name}.${field}`, figures.map(([key, one]) => `${key} ${figureOf(one)}`).join(', '), meaning]]
    }
    return typeof part === 'number' || typeof part === 'bigint' ? [[`${name}.${field}`, figureOf(part), meaning]] : []
  })
}

function figureOf(value: unknown): string {
  return String(value).replace(/\B(?=(\d{3})+$)/g, ' ')
}

/** The comment that ends right before a declaration; one that follows another without a comment shares its. */
function meaningBefore(source: string, at: number): string {
  const before = source.slice(0, at).trimEnd()
  if (at < 0 || !before.endsWith('*/')) return 'as the one above'
  const comment = before.slice(before.lastIndexOf('/**') + 3, -2).replace(/\s*\n\s*\*\s?/g, ' ')
  return comment
    .replace(/\{@link (\S+?)\}/g, '`$1`')
    .replaceAll('|', '\\|')
    .trim()
}
