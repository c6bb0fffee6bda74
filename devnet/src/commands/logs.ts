/** `devnet logs [N]`: what the nodes of a network wrote to their logs, readable, and with `--follow` what they write. */
import { fieldsOf, isOfLevel, type LogEntry, type LogLevel, messageOf, readLogLine } from '@touchstone/node/log-lines'
import { interruptible } from '../interruption.ts'
import { endOfLog, type LogPlace, linesAfter, MAX_LOG_BYTES_READ } from '../network/logReading.ts'
import { networkPaths } from '../network/paths.ts'
import { readManifest } from '../network/setup.ts'
import { CliError, usageError } from '../output/errors.ts'
import { outputClosed } from '../output/outputClosed.ts'
import { printable } from '../output/printable.ts'
import type { Terminal } from '../output/terminal.ts'
import type { CommandContext } from './context.ts'

/** How often a followed log is looked at. */
const LOOK_AGAIN_MS = 250
/** UTF-16 units of a line, and lines of a stack. */
const MAX_SHOWN_CHARACTERS = 4_000
const MAX_SHOWN_STACK = 50

export interface LogsFlags {
  readonly follow: boolean
  readonly level: LogLevel
  readonly lines: number
}

type NodeEntry = LogEntry & { readonly node: number }

/** @throws CliError where there is no such network or node. */
export async function logsCommand(
  { terminal, dataDir }: CommandContext,
  node: number | undefined,
  { follow, level, lines }: LogsFlags,
): Promise<void> {
  const logs = logsOf(dataDir, node)
  const places = new Map<number, LogPlace>()
  const found: NodeEntry[] = []
  for (const [index, path] of logs) {
    const { entries, isCut, place } = endOfLog(path, lines, level)
    places.set(index, place)
    found.push(...entries.map((entry) => ({ node: index, ...entry })))
    if (isCut) terminal.note(`node ${index}: only the last ${MAX_LOG_BYTES_READ} bytes of its log were looked through`)
  }
  const last = inOrder(found).slice(-lines)
  if (!follow) {
    if (terminal.json) return terminal.printJson(last.map(documentOf))
    for (const entry of last) show(terminal, entry, logs.size > 1)
    if (last.length === 0) terminal.note(`no line of level ${level} or above`)
    return
  }
  const tell = (entry: NodeEntry) => {
    if (terminal.json) terminal.printJsonNow(documentOf(entry))
    else show(terminal, entry, logs.size > 1)
  }
  for (const entry of last) tell(entry)
  await interruptible({ doing: () => 'devnet logs followed the nodes' }, async (interrupted) => {
    const ended = new Promise<void>((resolve) => interrupted.addEventListener('abort', () => resolve(), { once: true }))
    for (let isOver = interrupted.aborted; !isOver; ) {
      const news: NodeEntry[] = []
      for (const [index, path] of logs) {
        const { lines: written, place } = linesAfter(path, places.get(index)!)
        places.set(index, place)
        const shown = written.filter((line) => isOfLevel(line, level))
        news.push(...shown.map((line) => ({ node: index, ...readLogLine(line) })))
      }
      for (const entry of inOrder(news)) tell(entry)
      isOver = await Promise.race([wait(LOOK_AGAIN_MS), ended.then(() => true), outputClosed.then(() => true)])
    }
  })
}

/** Paths by node number. */
function logsOf(dataDir: string, node: number | undefined): ReadonlyMap<number, string> {
  const paths = networkPaths(dataDir)
  const manifest = readManifest(paths)
  if (manifest === null) {
    throw new CliError(`there is no network in ${paths.root}`, {
      hint: 'name the folder of one: --data DIR; devnet up makes one',
    })
  }
  const count = manifest.nodes + manifest.followers
  if (node !== undefined && node > count)
    throw usageError(`there is no node ${node}`, `the network has nodes 1 to ${count}`)
  const indices = node === undefined ? Array.from({ length: count }, (_, position) => position + 1) : [node]
  return new Map(indices.map((index) => [index, paths.node(index).log]))
}

/** By time; what has none stays behind the line before it of its node. */
function inOrder(entries: readonly NodeEntry[]): readonly NodeEntry[] {
  const last = new Map<number, number>()
  const timed = entries.map((entry) => {
    const time = entry.time ?? last.get(entry.node) ?? 0
    last.set(entry.node, time)
    return { entry, time }
  })
  return timed.sort((one, other) => one.time - other.time).map(({ entry }) => entry)
}

function show({ color, print }: Terminal, entry: NodeEntry, isOneOfMany: boolean): void {
  const { time, level, stack } = entry
  const styles = { debug: color.dim, info: color.green, warn: color.yellow, error: color.red }
  const words = [
    ...(time === null ? [] : [color.dim(new Date(time).toISOString())]),
    ...(isOneOfMany ? [color.cyan(`node ${entry.node}`)] : []),
    ...(level === null ? [] : [styles[level](level.toUpperCase().padEnd(5))]),
    printable(messageOf(entry), MAX_SHOWN_CHARACTERS),
  ]
  print(`${words.join(' ')}${color.dim(printable(fieldsOf(entry), MAX_SHOWN_CHARACTERS))}`)
  for (const line of stack.slice(0, MAX_SHOWN_STACK)) print(color.dim(`    ${printable(line, MAX_SHOWN_CHARACTERS)}`))
}

function documentOf({ node, time, level, part, message, fields, error, stack }: NodeEntry): object {
  return { node, time, level, part, message, fields: Object.fromEntries(fields), error, stack }
}

function wait(milliseconds: number): Promise<false> {
  return new Promise((resolve) => setTimeout(() => resolve(false), milliseconds))
}
