/** Which functions call which in a module, read from its text (WebAssembly core specification, 6: text format). */

export interface CallGraph {
  /** The functions that each function calls, by name; functions reached through the table are under {@link TABLE}. */
  readonly calls: ReadonlyMap<string, ReadonlySet<string>>
  /** The outside name of each imported function: `vm_hooks.msg_sender`. */
  readonly imports: ReadonlyMap<string, string>
}

/** Stands for every function that a call through the table may reach: all that are in it. */
const TABLE = '(table)'

const NAME = String.raw`\$("(?:[^"\\]|\\.)*"|[^\s()]+)`
const TOKEN = new RegExp(
  String.raw`\(import "([^"]*)" "([^"]*)" \(func ${NAME}|\((func|call|return_call|elem|ref\.func)\s+${NAME}(?=([^\n]*))|\((?:return_)?call_indirect\b`,
  'g',
)
const NAMES = new RegExp(NAME, 'g')

export function callGraph(text: string): CallGraph {
  const calls = new Map<string, Set<string>>()
  const imports = new Map<string, string>()
  const table = new Set<string>()
  calls.set(TABLE, table)
  let current = table
  const begin = (name: string) => {
    current = new Set()
    calls.set(name, current)
  }
  for (const [, module, field, imported, kind, name, rest] of text.matchAll(TOKEN)) {
    if (imported !== undefined) imports.set(unquoted(imported), `${module}.${field}`)
    else if (name === undefined) current.add(TABLE)
    else if (kind === 'func') begin(unquoted(name))
    else if (kind === 'elem') for (const match of `${rest}`.matchAll(NAMES)) table.add(unquoted(match[1] as string))
    else if (kind === 'ref.func') table.add(unquoted(name))
    else current.add(unquoted(name))
  }
  return { calls, imports }
}

/**
 * The shortest ways from a function to the imports it can reach: of each import, the functions passed, the first one
 * included.
 */
export function reach({ calls, imports }: CallGraph, from: string): ReadonlyMap<string, readonly string[]> {
  const found = new Map<string, readonly string[]>()
  const ways = new Map<string, readonly string[]>([[from, [from]]])
  // A map goes on to what is added while it is walked: breadth first.
  for (const [name, way] of ways) {
    const outside = imports.get(name)
    if (outside !== undefined && !found.has(outside)) found.set(outside, way.slice(0, -1))
    for (const next of calls.get(name) ?? []) {
      if (!ways.has(next)) ways.set(next, [...way, next])
    }
  }
  return found
}

/** A name without what the text format puts around and into it: quotes, and `\\hh` for a byte of UTF-8. */
function unquoted(name: string): string {
  if (!name.startsWith('"')) return name
  const text = name.slice(1, -1)
  const bytes = text.replace(/(?:\\[0-9a-f]{2})+/gi, (run) =>
    new TextDecoder().decode(Uint8Array.from(run.split('\\').slice(1), (hex) => Number.parseInt(hex, 16))),
  )
  return bytes.replace(/\\(.)/g, '$1')
}
