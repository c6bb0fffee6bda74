/** Which functions call which in a module, read from its text (WebAssembly core specification, 6: text format). */

export interface CallGraph {
  /** The functions that each function calls, by name; functions reached through the table are under {@link TABLE}. */
  readonly calls: ReadonlyMap<string, ReadonlySet<string>>
  /** The same for each call that stands in the text: a function that another calls twice is there twice. */
  readonly sites: ReadonlyMap<string, readonly string[]>
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
  const sites = new Map<string, string[]>()
  let current = table
  let sitesHere: string[] = []
  const begin = (name: string) => {
    current = new Set()
    sitesHere = []
    calls.set(name, current)
    sites.set(name, sitesHere)
  }
  const call = (name: string) => {
    current.add(name)
    sitesHere.push(name)
  }
  for (const [, module, field, imported, kind, name, rest] of text.matchAll(TOKEN)) {
    if (imported !== undefined) imports.set(unquoted(imported), `${module}.${field}`)
    else if (name === undefined) call(TABLE)
    else if (kind === 'func') begin(unquoted(name))
    else if (kind === 'elem') for (const match of `${rest}`.matchAll(NAMES)) table.add(unquoted(match[1] as string))
    else if (kind === 'ref.func') table.add(unquoted(name))
    else call(unquoted(name))
  }
  sites.set(TABLE, [...table])
  return { calls, sites, imports }
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
export function unquoted(name: string): string {
  if (!name.startsWith('"')) return name
  const text = name.slice(1, -1)
  const bytes = text.replace(/(?:\\[0-9a-f]{2})+/gi, (run) =>
    new TextDecoder().decode(Uint8Array.from(run.split('\\').slice(1), (hex) => Number.parseInt(hex, 16))),
  )
  return bytes.replace(/\\(.)/g, '$1')
}

/**
 * In how many ways calls lead from a function to another one: as often an optimiser that inlines all of them may have put
 * the code of the one into the other. Infinity where they lead round.
 */
export function waysBetween({ sites }: Pick<CallGraph, 'sites'>): (from: string, to: string) => number {
  const known = new Map<string, Map<string, number>>()
  const count = (from: string, to: string, open: Set<string>, ways: Map<string, number>): number => {
    const before = ways.get(from)
    if (before !== undefined) return before
    if (open.has(from)) return Number.POSITIVE_INFINITY
    open.add(from)
    let sum = 0
    for (const next of sites.get(from) ?? []) {
      // A way that does not lead there adds nothing, round as it may go.
      if (next === to) sum += 1
      else if (reaches(next, to)) sum += count(next, to, open, ways)
    }
    open.delete(from)
    ways.set(from, sum)
    return sum
  }
  const reaching = new Map<string, Set<string>>()
  const reaches = (from: string, to: string): boolean => {
    let all = reaching.get(to)
    if (all === undefined) {
      all = callersOf(sites, to)
      reaching.set(to, all)
    }
    return all.has(from)
  }
  return (from, to) => {
    // Calls of itself lead round.
    if (reaches(to, to)) return Number.POSITIVE_INFINITY
    const ways = known.get(to) ?? new Map<string, number>()
    known.set(to, ways)
    return count(from, to, new Set(), ways)
  }
}

/** All from which calls lead there. */
function callersOf(sites: CallGraph['sites'], to: string): Set<string> {
  const callers = new Map<string, string[]>()
  for (const [from, names] of sites) {
    for (const name of names) {
      const list = callers.get(name)
      if (list === undefined) callers.set(name, [from])
      else list.push(from)
    }
  }
  const found = new Set<string>()
  const open = [to]
  for (let name = open.pop(); name !== undefined; name = open.pop()) {
    for (const caller of callers.get(name) ?? []) {
      if (found.has(caller)) continue
      found.add(caller)
      open.push(caller)
    }
  }
  return found
}
