/** A profile, or two beside each other, as tables. */
import { groupDigits } from '../output/groupDigits.ts'
import { printable } from '../output/printable.ts'
import type { Styles } from '../output/styles.ts'
import { formatTable } from '../output/table.ts'
import type { Difference, ProfileDiff } from './diffProfiles.ts'
import { INK_PER_GAS } from './nodeProfile.ts'
import type { Cost, LineCost, ProfileReport } from './readProfile.ts'

/** UTF-16 units of a name, and of a source line, that are shown. */
const MAX_NAME = 80
const MAX_SOURCE = 60

export interface ProfileTextOptions {
  readonly color: Styles
  /** Rows of each table; `--json` has all. */
  readonly top: number
}

export function profileLines(report: ProfileReport, options: ProfileTextOptions): string[] {
  const { costs, lines, gasSpent, gasUsed, refund, withoutLines, isCut } = report
  const total = Number(gasSpent) * INK_PER_GAS
  const fixed = costs.filter(({ kind, ink }) => ink > 0 && (kind === 'fixed' || kind === 'burnt' || kind === 'frame'))
  const functions = costs.filter(({ kind }) => kind === 'function').sort((a, b) => b.totalInk - a.totalInk)
  const hosts = costs.filter(({ kind }) => kind === 'host')
  const share = (ink: number) => `${((100 * ink) / total).toFixed(1)} %`
  const costRow = (cost: Cost) => [gasText(cost.ink), share(cost.ink), times(cost.calls), nameOf(cost)]
  const spent = refund === 0n ? '' : `: ${groupDigits(gasSpent)} spent, ${groupDigits(refund)} given back`
  return [
    `gas used ${groupDigits(gasUsed)}${spent}`,
    ...section('fixed costs', ['gas', 'share', 'times', ''], fixed.map(costRow), options),
    ...section(
      'functions, without what they call and with it',
      ['gas', 'share', 'total', 'times', ''],
      functions.map((cost) => [
        ...[gasText(cost.ink), share(cost.ink), gasText(cost.totalInk), times(cost.calls), nameOf(cost)],
      ]),
      options,
    ),
    ...section('host calls', ['gas', 'share', 'times', ''], hosts.map(costRow), options),
    ...section(
      report.isFolded ? 'source lines, with what they call in libraries' : 'source lines',
      ['gas', 'share', 'times', '', ''],
      lines.map((line) => [
        ...[gasText(line.ink), share(line.ink), times(line.count), placeOf(line)],
        printable(line.text ?? '', MAX_SOURCE),
      ]),
      options,
    ),
    ...withoutLines.map(({ contract, reason }) => `no source lines of ${printable(contract, MAX_NAME)}: ${reason}`),
    ...(isCut ? ['some functions are not shown apart: their gas stands with their callers'] : []),
  ]
}

export function diffLines({ gasUsed, costs, lines }: ProfileDiff, options: ProfileTextOptions): string[] {
  const row = ({ before, after, words }: Difference) => [
    ...[gasText(before), gasText(after), signed(after - before, options.color), printable(words, MAX_NAME)],
  ]
  const [before, after] = gasUsed
  const change = signed(Number(after - before) * INK_PER_GAS, options.color)
  return [
    `gas used ${groupDigits(before)} before, ${groupDigits(after)} now: ${change}`,
    ...section('what changed', ['before', 'now', 'change', ''], costs.map(row), options),
    ...section('source lines that changed', ['before', 'now', 'change', ''], lines.map(row), options),
  ]
}

function section(
  title: string,
  head: readonly string[],
  rows: readonly (readonly string[])[],
  { color, top }: ProfileTextOptions,
): string[] {
  if (rows.length === 0) return []
  const more = rows.length - top
  return [
    '',
    color.bold(title),
    ...formatTable(head, rows.slice(0, top)),
    ...(more > 0 ? [color.dim(`and ${groupDigits(more)} more; --top and --json show them`)] : []),
  ]
}

/** Whole gas; what is less than one is said to be. */
export function gasText(ink: number): string {
  const gas = Math.round(ink / INK_PER_GAS)
  return gas === 0 && ink > 0 ? '<1' : groupDigits(gas)
}

function signed(ink: number, color: Styles): string {
  if (ink === 0) return '0'
  const text = `${ink > 0 ? '+' : '-'}${gasText(Math.abs(ink))}`
  return ink > 0 ? color.red(text) : color.green(text)
}

function times(count: number): string {
  return `×${groupDigits(count)}`
}

export function nameOf({ contract, name, kind }: Pick<Cost, 'contract' | 'name' | 'kind'>): string {
  const shown = contract === null || kind === 'frame' ? name : `${contract}: ${name}`
  return printable(shown, MAX_NAME)
}

export function placeOf({ contract, file, line }: LineCost): string {
  return printable(file === null ? `${contract}: no line` : `${file}:${line}`, MAX_NAME)
}
