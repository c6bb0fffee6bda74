/** `devnet coverage`: the source lines and branches that tests with TOUCHSTONE_COVERAGE executed, as a table and as lcov. */
import { existsSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs'
import { basename, join, relative, resolve } from 'node:path'
import {
  CoverageData,
  type CoverageReport,
  type CoveredModule,
  coverageReport,
  type FileCoverage,
  lcovText,
  MAX_INSPECTED_BYTES,
} from '@touchstone/contracts'
import { keccak256 } from 'viem'
import { CliError } from '../output/errors.ts'
import { groupDigits } from '../output/groupDigits.ts'
import { printable } from '../output/printable.ts'
import { formatTable } from '../output/table.ts'
import { isDebugModule, readLines } from '../profile/sourceLines.ts'
import type { CommandContext } from './context.ts'
import { outputFault, writeOutput } from './outputFile.ts'

export interface CoverageOptions {
  readonly from: string
  readonly lcov?: string | undefined
  readonly keep: boolean
}

const RAW = /\.raw\.json$/
/** Ranges of lines that are shown of a file. */
const MAX_RANGES = 12

interface Project {
  readonly folder: string
  readonly modules: readonly CoveredModule[]
}

/** `contracts`: folders with `build/`. */
export function coverageCommand(
  { terminal }: CommandContext,
  contracts: readonly string[],
  options: CoverageOptions,
): void {
  const folder = options.from
  const lcov = options.lcov ?? join(folder, 'lcov.info')
  const raws = existsSync(folder) ? readdirSync(folder).filter((name) => RAW.test(name)) : []
  if (raws.length === 0) {
    throw new CliError(`there is no coverage in ${folder}`, {
      hint: `run the tests first: TOUCHSTONE_COVERAGE=${folder} npx vitest run`,
    })
  }
  const fault = outputFault(lcov)
  if (fault !== null) throw new CliError(`cannot write ${lcov}: ${fault}`)
  const data = new CoverageData()
  for (const name of raws) addRaw(data, join(folder, name))
  const projects = contracts.map(readProject)
  const reports = projects.map(({ folder: root, modules }) => ({ root, report: coverageReport(modules, data) }))
  const pathOf = (root: string) => (file: string) => relative(process.cwd(), resolve(root, file))
  writeOutput(lcov, reports.map(({ root, report }) => lcovText(report, pathOf(root))).join(''))
  // A report is of one run: what comes next is counted anew.
  if (!options.keep) for (const name of raws) rmSync(join(folder, name))
  if (terminal.json) terminal.printJson(reports.flatMap(({ root, report }) => reportJson(report, pathOf(root))))
  else for (const { root, report } of reports) terminal.printLines(reportLines(report, pathOf(root)))
  if (data.missed > 0)
    terminal.warn(`${groupDigits(data.missed)} executions are not in it: the node could not profile them`)
  terminal.note(`${lcov} is written`)
}

function addRaw(data: CoverageData, path: string): void {
  try {
    data.addJson(readFileSync(path, 'utf8'))
  } catch (error) {
    if (!(error instanceof SyntaxError || error instanceof TypeError)) throw error
    throw new CliError(`${path} is no coverage: ${error.message}`, { hint: 'delete it, and run the tests again' })
  }
}

/** The modules of a folder's last build. */
function readProject(folder: string): Project {
  const build = join(folder, 'build')
  const names = existsSync(build)
    ? readdirSync(build).filter((name) => name.endsWith('.wasm') && !isDebugModule(name))
    : []
  if (names.length === 0) throw new CliError(`there is no module in ${build}`, { hint: `npx devnet build ${folder}` })
  return { folder, modules: names.map((name) => readModule(join(build, name))) }
}

function readModule(path: string): CoveredModule {
  const { size } = statSync(path)
  if (size > MAX_INSPECTED_BYTES)
    throw new CliError(`${path} has ${size} bytes; at most ${MAX_INSPECTED_BYTES} are read`)
  const wasm = new Uint8Array(readFileSync(path))
  const found = readLines(path)
  return {
    contractName: basename(path, '.wasm'),
    moduleHash: keccak256(wasm),
    wasm,
    lines: typeof found === 'string' ? null : found,
  }
}

function reportLines({ files, functions, unused }: CoverageReport, pathOf: (file: string) => string): string[] {
  const rows = files.map((file) => {
    const { lines, linesHit, branches, branchesHit } = sums(file)
    return [printable(pathOf(file.file)), ...[part(linesHit, lines), part(branchesHit, branches), uncovered(file)]]
  })
  const ofModules = functions.map(({ contractName, name, executed, instructions }) => [
    ...[printable(`${contractName}: ${name}`), part(executed, instructions), '', ''],
  ])
  return [
    ...(rows.length === 0 ? [] : formatTable(['file', 'lines', 'branches', 'lines that did not run'], rows)),
    ...(ofModules.length === 0 ? [] : formatTable(['function', 'instructions', '', ''], ofModules)),
    ...unused.map((name) => `nothing of ${printable(name)} ran, or it was built again since`),
  ]
}

function reportJson({ files, functions, unused }: CoverageReport, pathOf: (file: string) => string): object {
  return {
    files: files.map((file) => ({
      file: pathOf(file.file),
      ...sums(file),
      lineCounts: Object.fromEntries(file.lines),
      branchCounts: file.branches,
    })),
    ...{ functions, unused },
  }
}

function sums({ lines, branches }: FileCoverage) {
  const taken = branches.flatMap((branch) => branch.taken ?? []).filter((count) => count > 0)
  return {
    lines: lines.size,
    linesHit: [...lines.values()].filter((count) => count > 0).length,
    branches: branches.reduce((sum, { ways }) => sum + ways, 0),
    branchesHit: taken.length,
  }
}

function part(hit: number, all: number): string {
  const share = all === 0 ? 100 : (100 * hit) / all
  return `${share.toFixed(1)} % (${groupDigits(hit)}/${groupDigits(all)})`
}

/** `12, 15-17`. */
function uncovered({ lines }: FileCoverage): string {
  const ranges: string[] = []
  let from: number | null = null
  let last = 0
  const close = () => {
    if (from !== null) ranges.push(from === last ? `${from}` : `${from}-${last}`)
    from = null
  }
  for (const [line, count] of lines) {
    if (count > 0) close()
    else {
      from ??= line
      last = line
    }
  }
  close()
  const more = ranges.length - MAX_RANGES
  return more > 0 ? `${ranges.slice(0, MAX_RANGES).join(', ')} and ${more} more` : ranges.join(', ')
}
