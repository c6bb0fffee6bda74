/** The modules that an execution runs, with their lines, and what of them is watched. */
import type { SteppedCode } from '@touchstone/node/rerun'
import type { Hex } from 'viem'
import { ModuleLines, type ModuleSource } from './moduleLines.ts'
import type { Breakpoint, SetBreakpoint, SourceFile } from './protocol.ts'

export interface NamedSource extends ModuleSource {
  /** Of the contract, for people. */
  readonly name: string
}

export interface LoadedModule {
  readonly name: string
  readonly lines: ModuleLines
}

const NOWHERE: SetBreakpoint = { at: null, line: null }

export class Modules {
  readonly #all = new Map<SteppedCode, LoadedModule>()
  /** The one that was asked for last: most steps are in the module of the one before. */
  #last: { readonly code: SteppedCode; readonly module: LoadedModule } | null = null

  get all(): readonly LoadedModule[] {
    return [...this.#all.values()]
  }

  /** `source` is asked for when the module is new; one without lines may have some under another address. */
  add(code: SteppedCode, _address: Hex, source: () => NamedSource): void {
    if (this.#all.get(code)?.lines.hasLines === true) return
    const found = source()
    if (this.#all.has(code) && found.table === null) return
    this.#all.set(code, { name: found.name, lines: new ModuleLines(code, found) })
    this.#last = null
  }

  of(code: SteppedCode): LoadedModule {
    if (this.#last?.code === code) return this.#last.module
    const module = this.#all.get(code)
    if (module === undefined) throw new Error('a module runs that was not told')
    this.#last = { code, module }
    return module
  }

  sources(): SourceFile[] {
    return this.all.flatMap(({ name, lines: { source } }) =>
      (source.table?.sources ?? []).flatMap((file) =>
        source.table!.textOf(file) === null ? [] : [{ contract: name, file, root: source.root }],
      ),
    )
  }

  textOf(file: string): string | null {
    for (const { lines } of this.all) {
      const text = lines.source.table?.textOf(file) ?? null
      if (text !== null) return text
    }
    return null
  }

  /** In place of what was watched before. */
  watch(list: readonly Breakpoint[]): readonly SetBreakpoint[] {
    const positions = new Map<SteppedCode, number[]>([...this.#all.keys()].map((code) => [code, []]))
    const set = list.map((breakpoint) => {
      const found = this.all.flatMap((module) => {
        const at = placesOf(module, breakpoint)
        if (at === null) return []
        positions.get(module.lines.code)!.push(...at.positions)
        return [at]
      })
      const [first] = found
      if (first === undefined) return NOWHERE
      const places = found.reduce((sum, one) => sum + one.positions.length, 0)
      return { at: `${first.words}${places === 1 ? '' : ` (${places} places)`}`, line: first.line }
    })
    for (const [code, watched] of positions) code.watch(watched)
    return set
  }
}

interface Places {
  readonly positions: readonly number[]
  readonly words: string
  readonly line: number | null
}

function placesOf({ name, lines }: LoadedModule, breakpoint: Breakpoint): Places | null {
  const { code } = lines
  switch (breakpoint.kind) {
    case 'line': {
      const file = fileNamed(lines, breakpoint.file)
      const line = file === null ? null : lines.lineFrom(file, breakpoint.line)
      if (file === null || line === null) return null
      return { positions: lines.startsOf(file, line), words: `${file}:${line}`, line }
    }
    case 'function': {
      const bodies = Array.from({ length: code.functionCount }, (_, body) => body).filter((body) =>
        isNamed(lines.functionName(code.importedFunctions + body), breakpoint.name),
      )
      if (bodies.length === 0) return null
      const words = `${name}: ${lines.functionName(code.importedFunctions + bodies[0]!)}`
      return { positions: bodies.map((body) => firstOf(lines, body)), words, line: null }
    }
    case 'host': {
      const positions = [...code.positions()].filter((position) => code.importAt(position) === breakpoint.name)
      return positions.length === 0 ? null : { positions, words: `${name}: calls of ${breakpoint.name}`, line: null }
    }
  }
}

/** The function's first instruction of a line, where there is one, so that it stops where people look. */
function firstOf({ code, lineAt }: ModuleLines, body: number): number {
  let first: number | null = null
  for (const position of code.positionsOf(body)) {
    first ??= position
    if (lineAt[position]! >= 0) return position
  }
  return first!
}

/** By its whole path, or the end of it; of several the first. */
function fileNamed({ source: { table } }: ModuleLines, file: string): string | null {
  const own = (table?.sources ?? []).filter((one) => table!.textOf(one) !== null)
  return own.find((one) => one === file) ?? own.find((one) => one.endsWith(`/${file}`)) ?? null
}

/** `transfer` is `Token#transfer`, and `counter::transfer`. */
function isNamed(name: string | null, wanted: string): boolean {
  return (
    name !== null && (name === wanted || [`#${wanted}`, `.${wanted}`, `::${wanted}`].some((end) => name.endsWith(end)))
  )
}
