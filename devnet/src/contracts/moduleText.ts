/** A module's report as a contract's author reads it: what the chain says first, then one table after the other. */
import type { ExternalType, FunctionType, ModuleReport } from '@touchstone/contracts'
import { groupDigits } from '../output/groupDigits.ts'
import { printable } from '../output/printable.ts'
import { formatTable } from '../output/table.ts'
import type { Terminal } from '../output/terminal.ts'
import type { ModuleFile } from './moduleFile.ts'
import type { ModulePrices } from './modulePrices.ts'

export interface ModuleText {
  readonly file: string
  readonly source: ModuleFile
  readonly report: ModuleReport
  /** Bytes of the code as the chain stores it (null: not compressed), and how many an account may hold. */
  readonly code: { readonly used: number | null; readonly allowed: number }
  /** Null for a module that the chain refuses. */
  readonly prices: ModulePrices | null
  /** Every row of every table. */
  readonly all: boolean
}

type Color = Terminal['color']
type Row = readonly string[]

/** Rows shown of each table without `--all`. */
const shown = { problems: 20, instructions: 4, imports: 40, exports: 20, limits: 8, functions: 20 }

/** Line by line. */
export function moduleText(text: ModuleText, color: Color): string[] {
  const { report } = text
  const sections = [
    header(text, color),
    problems(text, color),
    imports(text),
    exports(text),
    sizes(text),
    limits(text, color),
    functions(text),
  ]
  return sections
    .filter((section) => section !== null)
    .join('\n\n')
    .concat(report.functions.length > 0 ? `\n\n${wrap(report.staticGas.meaning)}` : '')
    .split('\n')
}

function header({ file, source, report, code, prices }: ModuleText, color: Color): string {
  const { abi, memory, features } = report
  const verdict = report.accepted
    ? color.green('the chain takes it')
    : color.red(`the chain refuses it: ${count(report.problems.length + report.problemsLeftOut, 'problem')}`)
  const rows: Row[] = [
    ['module', source.contractName === null ? file : `${printable(source.contractName)} (${source.source} of ${file})`],
    ['verdict', verdict],
    [
      'abi',
      abi.id === null
        ? `${color.red('none')}: ${printable(abi.reason, 200)}`
        : `${abi.id}, because ${printable(abi.reason, 200)}`,
    ],
    ['size', `${groupDigits(report.byteLength)} bytes; ${storedText(code.used)}`],
    ['memory', memory === null ? 'none' : memoryText(memory)],
    [
      'features',
      features.length === 0
        ? 'none beyond the first WebAssembly'
        : features.map((feature) => featureText(feature, color)).join(', '),
    ],
  ]
  if (prices !== null) rows.push(...priceRows(prices))
  if (source.remark !== null) rows.push([color.yellow('note'), source.remark])
  if (report.start !== null) {
    rows.push(['start', `function ${report.start.functionIndex} ${printable(report.start.functionName ?? '')}`])
  }
  return formatTable([], rows).join('\n')
}

function priceRows({ deploying, calling }: ModulePrices): Row[] {
  const { transaction, loading, warmLoading, starting } = calling
  const parts = `${groupDigits(transaction)} for the transaction, ${groupDigits(loading)} to load it (${groupDigits(warmLoading)} while blocks use it), ${groupDigits(starting)} to start it`
  return [
    ['deploying', `${groupDigits(deploying)} gas, and the work of its constructor`],
    ['calling', `${groupDigits(transaction + loading + starting)} gas before its first instruction: ${parts}`],
  ]
}

function storedText(used: number | null): string {
  return used === null ? 'too large to compress for the chain' : `${groupDigits(used)} as the chain stores it`
}

function memoryText({ min, max, imported }: NonNullable<ModuleReport['memory']>): string {
  const size = `${count(min, 'page')} (${groupDigits(min * 64)} KiB) at the start`
  return `${imported ? 'imported, ' : ''}${size}, ${max === null ? 'no maximum of its own' : `at most ${groupDigits(max)}`}`
}

function featureText({ name, uses, allowed }: ModuleReport['features'][number], color: Color): string {
  const text = `${name} (${groupDigits(uses)})`
  return allowed ? text : color.red(`${text} refused`)
}

/** A row for each function and code; with `all`, for each place. */
function problems({ report, all }: ModuleText, color: Color): string | null {
  const groups = new Map<string, ModuleReport['problems'][number][]>()
  for (const [i, problem] of report.problems.entries()) {
    const key = all || problem.functionIndex === null ? String(i) : `${problem.code} in ${problem.functionIndex}`
    groups.set(key, [...(groups.get(key) ?? []), problem])
  }
  if (groups.size === 0) return null
  const rows = [...groups.values()].map((group): Row => {
    const { code, problem, functionIndex, functionName, offset, instruction } = group[0]!
    return [
      offset === null ? 'module' : `0x${offset.toString(16)}`,
      functionIndex === null ? '' : functionLabel(functionIndex, functionName),
      printable(instruction ?? ''),
      color.red(code),
      `${printable(problem, 300)}${further(group.slice(1))}`,
    ]
  })
  const bound = all ? rows.length : shown.problems
  const hints = [...new Set(report.problems.map(({ code, hint }) => `${code}: ${printable(hint, 400)}`))]
  const lines = [
    title('problems', report.problems.length + report.problemsLeftOut),
    bounded(['at', 'function', 'instruction', 'code', 'problem'], rows, bound),
    ...hints.slice(0, all ? hints.length : shown.problems).map((hint) => `  ${color.dim('hint')}  ${hint}`),
  ]
  if (report.problemsLeftOut > 0) lines.push(`  ${groupDigits(report.problemsLeftOut)} further problems are not listed`)
  return lines.join('\n')
}

/** The other places of a group, by the instructions there. */
function further(group: readonly ModuleReport['problems'][number][]): string {
  if (group.length === 0) return ''
  const names = [...new Set(group.flatMap(({ instruction }) => (instruction === null ? [] : [instruction])))]
  const few = names.slice(0, shown.instructions).join(', ') + (names.length > shown.instructions ? ', …' : '')
  return `; ${groupDigits(group.length)} more in this function${few === '' ? '' : `: ${printable(few, 200)}`}`
}

function imports({ report, all }: ModuleText): string {
  const rows = report.imports.map(
    ({ module, name, kind, external }): Row => [
      `${printable(module)}.${printable(name)}`,
      external === null ? `${kind} of unknown type` : externalText(external),
    ],
  )
  const bound = all ? rows.length : shown.imports
  return [title('imports', rows.length), bounded(['name', 'type'], rows, bound)].join('\n')
}

function exports({ report, all }: ModuleText): string {
  const rows = report.exports.map(
    ({ name, kind, index, external }): Row => [
      printable(name),
      external === null ? `${kind} ${index}, of unknown type` : externalText(external),
    ],
  )
  const bound = all ? rows.length : shown.exports
  return [title('exports', rows.length), bounded(['name', 'type'], rows, bound)].join('\n')
}

function sizes({ report }: ModuleText): string {
  const sections = [...report.sections].sort((left, right) => right.byteLength - left.byteLength)
  const rows = sections.map(
    ({ name, byteLength, items }): Row => [
      printable(name),
      groupDigits(byteLength),
      percent(byteLength, report.byteLength),
      items === null ? '' : groupDigits(items),
    ],
  )
  const table = bounded(['section', 'bytes', 'share', 'entries'], rows, rows.length, [1, 2, 3])
  return [title('sections', rows.length), table].join('\n')
}

function limits({ report, code, all }: ModuleText, color: Color): string {
  const stored = { what: 'bytes of code as stored', used: code.used, allowed: code.allowed, where: null }
  const fullness = ({ used, allowed }: { used: number | null; allowed: number }): number => (used ?? -1) / allowed
  const entries = [...report.limits, stored].sort((left, right) => fullness(right) - fullness(left))
  const rows = entries.map(({ what, used, allowed, where }): Row => {
    const share = used === null ? '' : percent(used, allowed)
    const marked = used !== null && used > allowed ? color.red(share) : share
    return [what, used === null ? 'unknown' : groupDigits(used), groupDigits(allowed), marked, printable(where ?? '')]
  })
  const over = entries.filter((entry) => fullness(entry) > 1).length
  const bound = all ? rows.length : Math.max(shown.limits, over)
  return [
    title('limits, fullest first', rows.length),
    bounded(['what', 'used', 'allowed', 'share', 'where'], rows, bound, [1, 2, 3]),
  ].join('\n')
}

function functions({ report, all }: ModuleText): string | null {
  if (report.functions.length === 0) return null
  const gas = (fuel: number | null): string => (fuel === null ? '-' : gasText(fuel, report.staticGas.fuelPerGas))
  const rows = report.functions.map(
    (entry): Row => [
      functionLabel(entry.index, entry.name) + (entry.exported ? ' (exported)' : ''),
      gas(entry.fuel),
      gas(entry.leastFuel),
      groupDigits(entry.instructions) + (entry.complete ? '' : '+'),
      groupDigits(entry.loops),
      groupDigits(entry.calls),
      groupDigits(entry.locals),
      groupDigits(entry.byteLength),
    ],
  )
  const head = ['function', 'gas once', 'gas least', 'instructions', 'loops', 'calls', 'locals', 'bytes']
  return [
    title(`functions, static gas by schedule ${report.staticGas.schedule}`, rows.length),
    bounded(head, rows, all ? rows.length : shown.functions, [1, 2, 3, 4, 5, 6, 7]),
  ].join('\n')
}

function title(name: string, entries: number): string {
  return `${name} (${groupDigits(entries)})`
}

/** Indented, the numbers of the columns in `right` under each other, and the rest counted. */
function bounded(head: Row, rows: readonly Row[], bound: number, right: readonly number[] = []): string {
  if (rows.length === 0) return '  none'
  const cells = [head, ...rows.slice(0, bound)]
  const widths = right.map((column) => Math.max(...cells.map((row) => visible(row[column]!))))
  const aligned = cells.map((row) =>
    row.map((cell, column) => {
      const place = right.indexOf(column)
      return place < 0 ? cell : `${' '.repeat(widths[place]! - visible(cell))}${cell}`
    }),
  )
  const lines = formatTable(aligned[0]!, aligned.slice(1))
  if (rows.length > bound) lines.push(`… ${groupDigits(rows.length - bound)} more; --all shows them`)
  return lines.map((line) => `  ${line}`).join('\n')
}

/** Characters of a cell without its colours. */
function visible(cell: string): number {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: the escape character that begins a colour
  return cell.replace(/\x1b\[[\d;]*m/g, '').length
}

function functionLabel(index: number, name: string | null): string {
  return name === null ? String(index) : `${index} ${printable(name, 48)}`
}

function externalText(external: ExternalType): string {
  switch (external.kind) {
    case 'function':
      return signature(external.type)
    case 'table':
      return `table of ${range(external.min, external.max)} elements`
    case 'memory':
      return `memory of ${range(external.min, external.max)} pages`
    case 'global':
      return `${external.mutable ? 'mutable ' : ''}global ${external.type}`
  }
}

function range(min: number, max: number | null): string {
  return max === null ? `${groupDigits(min)} or more` : `${groupDigits(min)} to ${groupDigits(max)}`
}

function signature({ params, results }: FunctionType): string {
  return `(${params.join(', ')})${results.length === 0 ? '' : ` -> ${results.join(', ')}`}`
}

function count(value: number, noun: string): string {
  return `${groupDigits(value)} ${noun}${value === 1 ? '' : 's'}`
}

/** Above 100.0% is what is not allowed, and nothing else. */
function percent(used: number, allowed: number): string {
  const tenths = (used / allowed) * 1_000
  return `${((used > allowed ? Math.ceil(tenths) : Math.floor(tenths)) / 10).toFixed(1)}%`
}

/** Two decimals: a cheap function costs less than one gas. */
function gasText(fuel: number, fuelPerGas: number): string {
  const hundredths = Math.ceil((fuel * 100) / fuelPerGas)
  return `${groupDigits(Math.floor(hundredths / 100))}.${String(hundredths % 100).padStart(2, '0')}`
}

/** Lines of at most 100 characters. */
function wrap(text: string): string {
  return text.replace(/(.{1,98})(?: |$)/g, '  $1\n').trimEnd()
}
