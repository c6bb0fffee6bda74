/** Coverage of an author's source lines, and of the branches of the deployed bytes that come from them. */
import { type Executable, executableOf } from '@touchstone/vm'
import type { CoverageData, ModuleCoverage } from './coverageData.ts'
import type { LineTable } from './lineTable.ts'

/** A module that was built from the sources at hand. */
export interface CoveredModule {
  readonly contractName: string
  /** keccak256 of the module, in hex. */
  readonly moduleHash: string
  readonly wasm: Uint8Array
  /** Null: then functions are all that can be told. */
  readonly lines: LineTable | null
}

export interface Branch {
  readonly line: number
  /** How often each way was taken; null where the instruction that chooses never ran. */
  readonly taken: readonly number[] | null
  readonly ways: number
}

export interface FileCoverage {
  /** As the table of lines has it. */
  readonly file: string
  /** Each line that instructions come from, ascending: of the one that ran most often. */
  readonly lines: ReadonlyMap<number, number>
  readonly branches: readonly Branch[]
}

/** Of a module without lines: functions, by their instructions. */
export interface FunctionCoverage {
  readonly contractName: string
  readonly name: string
  readonly executed: number
  readonly instructions: number
}

export interface CoverageReport {
  readonly files: readonly FileCoverage[]
  readonly functions: readonly FunctionCoverage[]
  /** Contracts of which nothing ran. */
  readonly unused: readonly string[]
  readonly missed: number
}

/** Paths of AssemblyScript's libraries in a source map begin so. */
const LIBRARY = '~lib/'

const NOTHING: ModuleCoverage = { places: new Map(), choices: new Map() }

/**
 * A line of several modules, of a base class for example, is covered where one of them executes it; each choice is one
 * of the deployed bytes, so that a function which was inlined twice has its branches twice.
 */
export function coverageReport(modules: readonly CoveredModule[], data: CoverageData): CoverageReport {
  const files = new Map<string, { lines: Map<number, number>; branches: Branch[] }>()
  const functions: FunctionCoverage[] = []
  const unused: string[] = []
  for (const module of modules) {
    const covered = data.modules.get(module.moduleHash)
    if (covered === undefined) unused.push(module.contractName)
    const executable = executableOf(module.wasm)
    if (module.lines === null) functions.push(...functionsOf(module.contractName, executable, covered ?? NOTHING))
    else addLines(files, executable, module.lines, covered ?? NOTHING)
  }
  const sorted = [...files].sort(([a], [b]) => (a < b ? -1 : 1))
  return {
    files: sorted.map(([file, { lines, branches }]) => ({
      file,
      lines: new Map([...lines].sort(([a], [b]) => a - b)),
      branches: branches.sort((a, b) => a.line - b.line),
    })),
    ...{ functions, unused, missed: data.missed },
  }
}

function addLines(
  files: Map<string, { lines: Map<number, number>; branches: Branch[] }>,
  { places, choices }: Executable,
  map: LineTable,
  covered: ModuleCoverage,
): void {
  /** Of the author's own files, which are those whose text is known; that of the SDK's parts is too. */
  const ownAt = (offset: number) => {
    const place = map.at(offset)
    if (place === null || place.file.startsWith(LIBRARY) || map.textOf(place.file) === null) return null
    const known = files.get(place.file)
    const file = known ?? { lines: new Map<number, number>(), branches: [] }
    if (known === undefined) files.set(place.file, file)
    return { ...file, line: place.line }
  }
  for (const { offset } of places) {
    const own = ownAt(offset)
    if (own === null) continue
    own.lines.set(own.line, Math.max(own.lines.get(own.line) ?? 0, covered.places.get(offset) ?? 0))
  }
  for (const { offset, ways } of choices) {
    const own = ownAt(offset)
    own?.branches.push({ line: own.line, ways, taken: covered.choices.get(offset) ?? null })
  }
}

function functionsOf(contractName: string, { functions, places }: Executable, covered: ModuleCoverage) {
  const sums = new Map(functions.map(({ index }) => [index, { executed: 0, instructions: 0 }]))
  for (const { functionIndex, offset } of places) {
    const sum = sums.get(functionIndex)!
    sum.instructions++
    if ((covered.places.get(offset) ?? 0) > 0) sum.executed++
  }
  return functions.map(({ index, name }) => ({ contractName, name: name ?? `function ${index}`, ...sums.get(index)! }))
}

/** The format of lcov's `geninfo`, which editors and services read. `pathOf`: where a file lies. */
export function lcovText({ files }: CoverageReport, pathOf: (file: string) => string): string {
  return files
    .map(({ file, lines, branches }) => {
      const ways = branches.flatMap(({ line, ways, taken }, block) =>
        Array.from({ length: ways }, (_, way) => `BRDA:${line},${block},${way},${taken === null ? '-' : taken[way]}`),
      )
      const taken = branches.flatMap((branch) => branch.taken ?? []).filter((count) => count > 0)
      const hit = [...lines.values()].filter((count) => count > 0)
      return [
        'TN:',
        `SF:${pathOf(file)}`,
        ...ways,
        `BRF:${ways.length}`,
        `BRH:${taken.length}`,
        ...Array.from(lines, ([line, count]) => `DA:${line},${count}`),
        `LF:${lines.size}`,
        `LH:${hit.length}`,
        'end_of_record',
        '',
      ].join('\n')
    })
    .join('')
}
