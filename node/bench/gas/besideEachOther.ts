/** One table of what runs on the engines themselves, with a column for each: is a unit of gas affordable on all of them. */
import type { EngineName } from '../../src/execution/engineNames.ts'
import { type Group, nanosecondsPerGas, type Row } from './row.ts'

/** Groups of the operations that an engine executes. */
const COMPARED: readonly Group[] = ['mix', 'instruction', 'memory pattern', 'host call', 'start']

interface Measured {
  readonly engine: EngineName
  readonly rows: readonly Row[]
}

/** Lines of text: nanoseconds per gas, and seconds that a block of nothing else takes, the dearest of any engine first. */
export function besideEachOther(measured: readonly Measured[], blockGas: bigint): string[] {
  const names = measured.map(({ engine }) => engine)
  const lines = ['', `${'ns/gas, s a block'.padEnd(60)}${names.map((name) => name.padStart(20)).join('')}`]
  for (const group of COMPARED) {
    const figures = new Map<string, Map<EngineName, number>>()
    for (const { engine, rows } of measured) {
      for (const row of rows.filter((one) => one.group === group)) {
        const known = figures.get(row.name) ?? new Map<EngineName, number>()
        figures.set(row.name, known.set(engine, nanosecondsPerGas(row)))
      }
    }
    if (figures.size === 0) continue
    lines.push(group)
    const sorted = [...figures].sort(([, left], [, right]) => dearest(right) - dearest(left))
    for (const [name, perGas] of sorted) {
      lines.push(`  ${name.padEnd(58)}${names.map((engine) => cell(perGas.get(engine), blockGas)).join('')}`)
    }
  }
  return lines
}

/** The reference engine is not asked: it is there to be compared with, and slow everywhere. */
function dearest(perGas: ReadonlyMap<EngineName, number>): number {
  const fast = [...perGas].filter(([engine]) => engine !== 'reference')
  return Math.max(...(fast.length > 0 ? fast : [...perGas]).map(([, figure]) => figure))
}

function cell(perGas: number | undefined, blockGas: bigint): string {
  if (perGas === undefined) return '-'.padStart(20)
  return `${perGas.toFixed(2)} ${((perGas * Number(blockGas)) / 1e9).toFixed(2).padStart(6)} s`.padStart(20)
}
