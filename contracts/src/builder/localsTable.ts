/**
 * From where to where in a module a local is a variable of the author's: for the source map (docs/protocol/artifacts.md,
 * "Names of locals"). A name that is not certain is left out.
 *
 * Of an instruction both modules tell what it is in the source: the one that the compiler made, and what the optimiser left
 * of it. In the first each variable is a local of its own, so it is known which value (localVersions.ts) a variable has at
 * each place of the source. Where the second reads a local for a variable, or sets one for it, the local's value there is
 * the variable's there. And so it is wherever the local has that value, at an instruction whose place in the source has
 * that one of the variable's.
 */
import {
  DEFAULT_LIMITS,
  functionsAlike,
  type Limits,
  type LocalVersions,
  localVersions,
  NOT_REACHED,
  ValidationError,
} from '@touchstone/vm'
import { type CallGraph, waysBetween } from './callGraph.ts'
import type { FunctionInstance } from './internals.ts'
import { type AuthorsVariable, authorsVariable } from './localScopes.ts'
import type { LocalUses, MarksByOffset, SourceMark } from './localUses.ts'
import { fullNames } from './shortNames.ts'

/** As the source map has it: `x_touchstone_locals`. */
export interface LocalsTable {
  readonly version: 1
  /** `source` is the place of its file in `sources`, the lines are those of its scope; for `form` see localScopes.ts. */
  readonly variables: readonly (readonly [
    name: string,
    type: string,
    form: string,
    source: number,
    first: number,
    last: number,
    constant?: string,
  ])[]
  /** Function and local, byte offsets of the first and the last instruction at which it is so, place of the variable. */
  readonly stretches: readonly (readonly [
    functionIndex: number,
    local: number,
    from: number,
    to: number,
    variable: number,
  ])[]
}

interface MarkedModule {
  readonly wasm: Uint8Array
  readonly marks: MarksByOffset
}

export interface LocalsOf {
  /** As the compiler wrote it, with the whole names of its functions. */
  readonly optimised: MarkedModule
  readonly plain: MarkedModule
  readonly compilation: LocalUses
  /** Before anything was inlined. */
  readonly graph: Pick<CallGraph, 'sites'>
  readonly sources: readonly string[]
  /** As the author wrote them, by path. */
  readonly texts: ReadonlyMap<string, string>
}

/** The chain's bounds are for what is deployed; this is as long as the author's source makes it. */
const NO_LIMITS = Object.fromEntries(Object.keys(DEFAULT_LIMITS).map((name) => [name, 2 ** 31])) as unknown as Limits

export function localsTable(of: LocalsOf): LocalsTable {
  const { optimised, plain, compilation, graph, sources, texts } = of
  const source = new PlainSource(plain, compilation, texts)
  const names = fullNames(optimised.wasm)
  const isThereOnce = onceIn(graph, plain.wasm)
  // All of them, so that a debugger can say of which there is no value.
  const all = source.variables().filter((variable) => sources.includes(variable.source.normalizedPath))
  const places = new Map(all.map((variable, i) => [variable, i] as const))
  const variables = all.map(({ local, type, form, first, last, source, constant }) => {
    const place = sources.indexOf(source.normalizedPath)
    const value = constant === null ? ([] as const) : ([String(constant)] as const)
    return [local.name, type, form, place, first, last, ...value] as const
  })
  const stretches: LocalsTable['stretches'][number][] = []
  for (const versions of localVersions(optimised.wasm)) {
    const name = names.get(versions.functionIndex)
    if (name === undefined || !versions.offsets.some((offset) => optimised.marks.get(offset) != null)) continue
    const marks = versions.offsets.map((offset) => optimised.marks.get(offset))
    // Where the code of a function may stand twice, the variables of the one are not those of the other.
    const own = marks.map((mark) => (mark == null || isThereOnce(name, mark.owner) ? mark : null))
    for (const { local, from, to, variable } of namedStretches(versions, own, source)) {
      const place = places.get(variable)
      if (place === undefined) continue
      stretches.push([versions.functionIndex, local, versions.offsets[from]!, versions.offsets[to]!, place])
    }
  }
  return { version: 1, variables, stretches }
}

/** The module that is not optimised, and what it tells of the author's variables. */
class PlainSource {
  readonly #functions = new Map<SourceMark, { readonly versions: LocalVersions; readonly position: number } | null>()
  readonly #variables = new Map<FunctionInstance, AuthorsVariable[]>()
  readonly #constants: AuthorsVariable[] = []

  constructor({ wasm, marks }: MarkedModule, compilation: LocalUses, texts: ReadonlyMap<string, string>) {
    for (const versions of versionsOf(wasm)) {
      for (const [position, offset] of versions.offsets.entries()) {
        const mark = marks.get(offset)
        if (mark != null) this.#functions.set(mark, this.#functions.has(mark) ? null : { versions, position })
      }
    }
    for (const [local, reads] of compilation.variables()) {
      const variable = authorsVariable(local, reads, texts, compilation.constantOf(local))
      if (variable === null) continue
      if (variable.isConstant) {
        this.#constants.push(variable)
        continue
      }
      const list = this.#variables.get(variable.owner)
      if (list === undefined) this.#variables.set(variable.owner, [variable])
      else list.push(variable)
    }
  }

  variables(): readonly AuthorsVariable[] {
    return [...[...this.#variables.values()].flat(), ...this.#constants]
  }

  variablesOf(owner: FunctionInstance): readonly AuthorsVariable[] {
    return this.#variables.get(owner) ?? []
  }

  /** The value of a variable where a mark stands, or `later` instructions behind; {@link NOT_REACHED} if not known. */
  valueOf({ local }: Pick<AuthorsVariable, 'local'>, mark: SourceMark, later = 0): number {
    const found = this.#functions.get(mark)
    return found == null ? NOT_REACHED : found.versions.at(local.index, found.position + later)
  }
}

function versionsOf(wasm: Uint8Array): readonly LocalVersions[] {
  try {
    return localVersions(wasm, NO_LIMITS)
  } catch (error) {
    // It may have code that the chain refuses, and that the optimiser left out.
    if (error instanceof ValidationError) return []
    throw error
  }
}

interface NamedStretch {
  readonly local: number
  /** Positions in the function. */
  readonly from: number
  to: number
  readonly variable: AuthorsVariable
}

/**
 * @param marks by position: null of what is no code of the author's, or may stand there twice; undefined of what has no
 *     place of its own
 */
function namedStretches(
  versions: LocalVersions,
  marks: readonly (SourceMark | null | undefined)[],
  source: PlainSource,
): NamedStretch[] {
  const known = valuesHeld(versions, marks, source)
  const found: NamedStretch[] = []
  /** Those that go on, by local and variable. */
  let open: { readonly stretch: NamedStretch; readonly value: number }[] = []
  for (const [position, mark] of marks.entries()) {
    if (mark == null) open = open.filter(({ stretch, value }) => versions.at(stretch.local, position) === value)
    else {
      const here: typeof open = []
      for (const variable of source.variablesOf(mark.owner)) {
        if (mark.range === null || !variable.isInScope(mark.range)) continue
        for (const [local, values] of known.get(source.valueOf(variable, mark)) ?? []) {
          const value = versions.at(local, position)
          if (!values.has(value)) continue
          const before = open.find(({ stretch }) => stretch.local === local && stretch.variable === variable)
          const isSame = before?.value === value
          here.push(isSame ? before : { value, stretch: { local, from: position, to: position, variable } })
          if (!isSame) found.push(here.at(-1)!.stretch)
        }
      }
      // The variables of other functions are not those of this place, nor are they gone.
      const others = open.filter(({ stretch }) => stretch.variable.owner !== mark.owner)
      open = [...here, ...others.filter(({ stretch, value }) => versions.at(stretch.local, position) === value)]
    }
    for (const { stretch } of open) stretch.to = position
    if (versions.endsAt(position)) open = []
  }
  return found
}

/** For each value of a variable the locals that are known to have it, with the values of theirs that are it. */
function valuesHeld(
  versions: LocalVersions,
  marks: readonly (SourceMark | null | undefined)[],
  source: PlainSource,
): ReadonlyMap<number, ReadonlyMap<number, ReadonlySet<number>>> {
  const held = new Map<number, Map<number, Set<number>>>()
  const hold = (value: number, local: number, version: number) => {
    if (value === NOT_REACHED || version === NOT_REACHED) return
    const locals = held.get(value) ?? new Map<number, Set<number>>()
    held.set(value, locals)
    locals.set(local, (locals.get(local) ?? new Set()).add(version))
  }
  for (const { position, local, asksTruth } of versions.gets()) {
    const mark = marks[position]
    const isCertain = !asksTruth || mark?.read?.type.toString() === 'bool'
    if (mark?.read != null && isCertain)
      hold(source.valueOf({ local: mark.read }, mark), local, versions.at(local, position))
  }
  for (const { position, local } of versions.sets()) {
    const mark = marks[position]
    if (mark?.written == null) continue
    hold(source.valueOf({ local: mark.written }, mark, 1), local, versions.at(local, position + 1))
  }
  return held
}

/**
 * Whether the code of a function stands in another one, or in itself, at most once. The optimiser makes one of functions
 * whose code is the same before it inlines any.
 */
function onceIn(
  graph: Pick<CallGraph, 'sites'>,
  plain: Uint8Array,
): (name: string, owner: FunctionInstance) => boolean {
  const names = fullNames(plain)
  const alike = new Map<string, string>()
  for (const [index, first] of alikeOf(plain)) {
    const [name, as] = [names.get(index), names.get(first)]
    if (name !== undefined && as !== undefined) alike.set(name, as)
  }
  const one = (name: string) => alike.get(name) ?? name
  const sites = new Map(Array.from(graph.sites, ([from, to]) => [from, to.map(one)] as const))
  const ways = waysBetween({ sites })
  return (name, { internalName }) => {
    const [outer, inner] = [one(name), one(internalName)]
    return ways(outer, inner) + (outer === inner ? 1 : 0) === 1
  }
}

function alikeOf(wasm: Uint8Array): ReadonlyMap<number, number> {
  try {
    return functionsAlike(wasm, NO_LIMITS)
  } catch (error) {
    if (error instanceof ValidationError) return new Map()
    throw error
  }
}
