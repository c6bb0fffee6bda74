/**
 * Our interpreter beside wasm3 and wasmi on the same kernels, in the same run: `npm run bench:vm -- --peers`. All times are
 * of the processor, in turns, divided by that of the unmetered module. wasm3 counts no gas, wasmi is measured with and
 * without fuel, ours always counts.
 */
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Kernel } from '../buildKernels.ts'
import { geometricMean, median, processorTimed } from '../measure.ts'
import { type BuiltPeers, buildPeers } from './build.ts'

/** Calls of the unmetered module that are timed together, and of an interpreter. */
const UNMETERED_CALLS = 8
const CALLS = 2

/** Id of the section that counts data segments: wasm3 0.4.7 refuses it, and only modules with bulk segments need it. */
const DATA_COUNT = 12

export interface PeerKernel extends Kernel {
  readonly argument: number
  readonly unmetered: (n: number) => bigint
  readonly interpreter: (n: number) => bigint
}

type Contender = 'interpreter' | 'wasm3' | 'wasmi' | 'wasmi with fuel'
const CONTENDERS: readonly Contender[] = ['interpreter', 'wasm3', 'wasmi', 'wasmi with fuel']

/** By kernel and contender the ratio, or why there is none. */
export type PeerFigures = Readonly<Record<string, Readonly<Record<Contender, number | string>>>>

/** @param wasm3 see {@link buildPeers}; `say` prints a line. */
export function measurePeers(
  kernels: readonly PeerKernel[],
  rounds: number,
  wasm3: string | undefined,
  say: (line: string) => void,
): PeerFigures {
  say('building wasm3 and wasmi, which takes minutes the first time ...')
  const built = buildPeers(wasm3)
  for (const name of ['wasm3', 'wasmi'] as const) {
    const peer = built[name]
    if ('skipped' in peer) say(`${name}: skipped, ${peer.skipped}`)
  }
  const folder = mkdtempSync(join(tmpdir(), 'touchstone-peers-'))
  try {
    const figures = Object.fromEntries(
      kernels.map((kernel) => [kernel.name, measureKernel(kernel, rounds, built, folder)]),
    )
    for (const line of table(figures)) say(line)
    return figures
  } finally {
    rmSync(folder, { recursive: true })
  }
}

function measureKernel(
  { name, bytes, argument, unmetered, interpreter }: PeerKernel,
  rounds: number,
  { wasm3, wasmi }: BuiltPeers,
  folder: string,
): Record<Contender, number | string> {
  const file = join(folder, `${name}.wasm`)
  writeFileSync(file, withoutDataCount(bytes))
  const expected = unmetered(argument)
  /** Milliseconds that a call takes each contender. */
  const contenders: Record<Contender, () => number | string> = {
    interpreter: () => processorTimed(() => often(CALLS, () => interpreter(argument))) / CALLS,
    wasm3: () =>
      'skipped' in wasm3 ? 'skipped' : asked(wasm3.program, [file, String(argument), String(CALLS)], expected),
    wasmi: () =>
      'skipped' in wasmi ? 'skipped' : asked(wasmi.program, [file, String(argument), String(CALLS), 'free'], expected),
    'wasmi with fuel': () =>
      'skipped' in wasmi ? 'skipped' : asked(wasmi.program, [file, String(argument), String(CALLS), 'fuel'], expected),
  }
  const ratios: Record<Contender, (number | string)[]> = {
    interpreter: [],
    wasm3: [],
    wasmi: [],
    'wasmi with fuel': [],
  }
  for (let round = 0; round < rounds; round++) {
    const base = processorTimed(() => often(UNMETERED_CALLS, () => unmetered(argument))) / UNMETERED_CALLS
    for (const contender of CONTENDERS) {
      const failed = ratios[contender].find((ratio) => typeof ratio === 'string')
      const time = failed ?? contenders[contender]()
      ratios[contender].push(typeof time === 'number' ? time / base : time)
    }
  }
  const figures = CONTENDERS.map((contender) => {
    const all = ratios[contender]
    const failure = all.find((ratio) => typeof ratio === 'string')
    return [contender, failure ?? median(all as number[])]
  })
  return Object.fromEntries(figures)
}

function often(times: number, work: () => unknown): void {
  for (let i = 0; i < times; i++) work()
}

/** Milliseconds of a call, or why the program has none to tell. */
function asked(program: string, options: readonly string[], expected: bigint): number | string {
  const { status, signal, stdout, stderr } = spawnSync(program, options, { encoding: 'utf8' })
  if (status !== 0) return stderr.trim() === '' ? `ended by ${signal ?? `status ${status}`}` : stderr.trim()
  const [result, nanoseconds] = stdout.trim().split(' ')
  if (BigInt(result!) !== expected) throw new Error(`${program} ${options.join(' ')} gives ${result}, not ${expected}`)
  return Number(nanoseconds) / 1e6 / CALLS
}

/** Sections but one, as they are. */
function withoutDataCount(bytes: Uint8Array): Uint8Array {
  const kept: Uint8Array[] = [bytes.subarray(0, 8)]
  let at = 8
  while (at < bytes.length) {
    const start = at
    const id = bytes[at++]!
    let size = 0
    for (let shift = 0; ; shift += 7) {
      const byte = bytes[at++]!
      size |= (byte & 0x7f) << shift
      if (byte < 0x80) break
    }
    at += size
    if (id !== DATA_COUNT) kept.push(bytes.subarray(start, at))
  }
  return Buffer.concat(kept)
}

function table(figures: PeerFigures): string[] {
  const lines = [
    `kernel         ${CONTENDERS.map((name) => name.padStart(17)).join('')}   (processor time / unmetered)`,
  ]
  const failures = new Set<string>()
  for (const [name, row] of Object.entries(figures)) {
    const cells = CONTENDERS.map((contender) => {
      const figure = row[contender]
      if (typeof figure === 'string' && figure !== 'skipped')
        failures.add(`${contender} does not run ${name}: ${figure}`)
      return (typeof figure === 'number' ? figure.toFixed(1) : '-').padStart(17)
    })
    lines.push(`${name.padEnd(15)}${cells.join('')}`)
  }
  const rows = Object.values(figures)
  for (const peer of CONTENDERS.slice(1)) {
    const both = rows.filter((row) => typeof row[peer] === 'number')
    if (both.length === 0) continue
    const ratio = geometricMean(both.map((row) => (row.interpreter as number) / (row[peer] as number)))
    lines.push(`interpreter/${peer} geomean ${ratio.toFixed(2)} over ${both.length} of ${rows.length} kernels`)
  }
  return [...lines, ...failures]
}
