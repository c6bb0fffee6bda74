/** Stops, call stacks, values and faults as lines for people. Names and data are a stranger's. */
import { groupDigits } from '../output/groupDigits.ts'
import { printable } from '../output/printable.ts'
import type { Styles } from '../output/styles.ts'
import type { DebugThread } from './debugThread.ts'
import type { HostCallShown, Place, ShownInstruction, StackEntry, Stop, Variable } from './protocol.ts'

/** UTF-16 units of a line of source, a name, or a value that are shown. */
const MAX_SHOWN = 200
/** The same of a reason. */
const MAX_REASON = 1_000
/** Functions that the words of a fault name, and locals of each. */
const MAX_FAULT_FUNCTIONS = 12
const MAX_FAULT_LOCALS = 6
const MAX_FAULT_VALUE = 60
/** Parts of parts that `print` shows. */
const MAX_PARTS_DEPTH = 3
/** Files of source maps that are no author's begin with it. */
const LIBRARY = '~lib/'
/** Of an error class, the method by which the build ends the call: it stands at the last line of the class. */
const ENDS_CALL = /#__revert$/

const REASONS: Readonly<Record<Stop['reason'], string>> = {
  entry: 'stopped at the first line',
  step: '',
  breakpoint: 'breakpoint',
  fault: 'stopped where it fails',
  start: 'at the beginning',
  end: 'at the end',
  pause: 'paused',
}

export function stopLines(stop: Stop, color: Styles): string[] {
  const { place, step, steps, words } = stop
  const why = [REASONS[stop.reason], words === null ? '' : printable(words, MAX_REASON)].filter((text) => text !== '')
  const head = why.length === 0 ? [] : [stop.reason === 'fault' ? color.red(why.join(': ')) : why.join(': ')]
  if (place === null) return head
  const count = color.dim(`  instruction ${groupDigits(BigInt(step))} of ${groupDigits(BigInt(steps))}`)
  const source =
    place.text === null ? [] : [`${String(place.line).padStart(6)}  ${color.bold(shown(place.text.trimEnd()))}`]
  return [...head, `${placeText(place)}${count}`, ...source, color.dim(`        ${place.instruction}`)]
}

/** `Token.transfer, assembly/index.ts:34` */
export function placeText(place: Place): string {
  const inner = [...place.inlined].reverse().map((one) => ` > ${shown(one)} (inlined)`)
  const name = `${shown(place.contract)}: ${shown(place.function)}${inner.join('')}`
  const inside = place.inside === null ? '' : ` (in ${shown(place.inside)})`
  if (place.file !== null) return `${name}, ${shown(place.file)}:${place.line}${inside}`
  return place.instruction === '' ? name : `${name}, byte 0x${place.offset.toString(16)}`
}

export function stackLines(entries: readonly StackEntry[], total: number, selected: number, color: Styles): string[] {
  const lines = entries.flatMap((entry) => {
    const mark = entry.index === selected ? '>' : ' '
    const line = `${mark} #${String(entry.index).padEnd(3)} ${placeText(entry)}`
    return entry.called === null ? [line] : [line, color.dim(`       ${shown(entry.called)}`)]
  })
  const more = total - entries.length
  return more > 0 ? [...lines, `  and ${groupDigits(BigInt(more))} more`] : lines
}

export function variableLines(variables: readonly Variable[], none: string): string[] {
  if (variables.length === 0) return [none]
  const width = Math.min(30, Math.max(...variables.map(({ name }) => shown(name).length)))
  return variables.map(
    ({ name, type, value }) => `${shown(name).padEnd(width)}  ${shown(type).padEnd(7)} ${shown(value)}`,
  )
}

/** One variable, and below it its parts, down to a depth. */
export function wholeVariableLines(variable: Variable, depth: number = MAX_PARTS_DEPTH): string[] {
  const { children = [] } = variable
  if (depth === 0) return variableLines([variable], '')
  const parts = children.flatMap((child) => wholeVariableLines(child, depth - 1))
  return [...variableLines([variable], ''), ...parts.map((line) => `  ${line}`)]
}

export function hostCallLines(calls: readonly HostCallShown[]): string[] {
  if (calls.length === 0) return ['no host function was called yet']
  return calls.map(({ contract, name, args, outs }) => {
    const taken = outs === '0x' ? '' : ` → ${shown(outs)}`
    return `${shown(contract)}: ${shown(name)}(${args === '0x' ? '' : shown(args)})${taken}`
  })
}

export function codeLines(code: readonly ShownInstruction[], color: Styles): string[] {
  let before = ''
  return code.flatMap(({ function: name, file, line, offset, text, isNext }) => {
    const at = file === null ? '' : `${file}:${line}`
    const heading = `${name} ${at}`
    const lines = heading === before ? [] : [color.dim(`${shown(name)}${at === '' ? '' : `, ${shown(at)}`}`)]
    before = heading
    const row = `${isNext ? '>' : ' '} 0x${offset.toString(16).padStart(5, '0')}  ${text}`
    return [...lines, isNext ? color.bold(row) : row]
  })
}

/** Sixteen bytes a line. */
export function memoryLines(hex: string, offset: number): string[] {
  const pairs = hex.slice(2).match(/../g) ?? []
  const lines: string[] = []
  for (let at = 0; at < pairs.length; at += 16) {
    const row = pairs.slice(at, at + 16)
    const text = row.map((pair) => {
      const byte = Number.parseInt(pair, 16)
      return byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : '.'
    })
    lines.push(`0x${(offset + at).toString(16).padStart(6, '0')}  ${row.join(' ').padEnd(47)}  ${text.join('')}`)
  }
  return lines
}

/** The fault at which the thread is stopped: place, values, the call stack across contracts, the last host calls. */
export async function faultLines(thread: DebugThread, stop: Stop, color: Styles): Promise<string[]> {
  const { place, words } = stop
  if (stop.reason !== 'fault' || place === null) return []
  const { entries, total } = await thread.ask({ ask: 'stack', from: 0, count: MAX_FAULT_FUNCTIONS })
  if (stop.isRefusal) return refusalLines(entries, total, color)
  const operands = await thread.ask({ ask: 'variables', index: 0, of: 'operands' })
  const calls = await thread.ask({ ask: 'hostCalls' })
  const lines: string[] = [color.red(`fails at ${placeText(place)}${words === null ? '' : `: ${shown(words)}`}`)]
  if (place.text !== null) lines.push(`  ${place.line}  ${shown(place.text.trim())}`)
  const given = operands.map(({ value }) => value).reverse()
  lines.push(color.dim(`  ${place.instruction}${given.length === 0 ? '' : `  on ${shown(given.join(', '))}`}`))
  for (const entry of entries) {
    const all = await thread.ask({ ask: 'variables', index: entry.index, of: 'locals' })
    const locals = all.filter(({ isKept }) => isKept !== false)
    const named = locals
      .slice(0, MAX_FAULT_LOCALS)
      .map(({ name, value }) => `${name} = ${printable(value, MAX_FAULT_VALUE)}`)
    const more = locals.length > MAX_FAULT_LOCALS ? [...named, '…'] : named
    lines.push(
      `  #${entry.index} ${placeText(entry)}${more.length === 0 ? '' : color.dim(`  ${shown(more.join(', '))}`)}`,
    )
    if (entry.called !== null) lines.push(color.dim(`     ${shown(entry.called)}`))
  }
  if (total > entries.length) lines.push(`  and ${groupDigits(BigInt(total - entries.length))} more`)
  if (calls.length > 0) lines.push('  last host calls:', ...hostCallLines(calls).map((line) => `    ${line}`))
  return lines
}

/** Nothing went wrong inside, so there is the way alone, from the line of the author's that says no. */
function refusalLines(entries: readonly StackEntry[], total: number, color: Styles): string[] {
  const own = Math.max(
    entries.findIndex((entry) => entry.file?.startsWith(LIBRARY) === false && !ENDS_CALL.test(entry.function)),
    0,
  )
  const [first, ...others] = entries.slice(own)
  if (first === undefined) return []
  const lines = [color.red(`refused at ${placeText(first)}`)]
  if (first.text !== null) lines.push(`  ${first.line}  ${shown(first.text.trim())}`)
  const called = ({ called: how }: StackEntry) => (how === null ? [] : [color.dim(`     ${shown(how)}`)])
  lines.push(
    ...called(first),
    ...others.flatMap((entry) => [`  #${entry.index} ${placeText(entry)}`, ...called(entry)]),
  )
  return total > entries.length ? [...lines, `  and ${groupDigits(BigInt(total - entries.length))} more`] : lines
}

/** The same for scripts. */
export async function faultJson(thread: DebugThread, stop: Stop): Promise<object | null> {
  if (stop.reason !== 'fault' || stop.place === null) return null
  const { entries } = await thread.ask({ ask: 'stack', from: 0, count: MAX_FAULT_FUNCTIONS })
  const stack: object[] = []
  for (const { index, called, root: _root, ...place } of entries) {
    const locals = await thread.ask({ ask: 'variables', index, of: 'locals' })
    stack.push({ ...place, called, locals })
  }
  return {
    words: stop.words,
    ...{ step: stop.step, steps: stop.steps, place: stop.place },
    operands: await thread.ask({ ask: 'variables', index: 0, of: 'operands' }),
    stack,
    hostCalls: await thread.ask({ ask: 'hostCalls' }),
  }
}

function shown(text: string): string {
  return printable(text, MAX_SHOWN)
}
