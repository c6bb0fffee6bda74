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
import { joinedOverGaps, type NamedStretch, type Stretch } from './joinedStretches.ts'
import { type AuthorsVariable, authorsVariable } from './localScopes.ts'
import type { LocalUses, MarksByOffset, SourceMark } from './localUses.ts'
import { fullNames } from './shortNames.ts'

/** As the source map has it: `x_touchstone_locals`. */
export interface LocalsTable {
  readonly version: 2
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
  /**
   * For each function of the module, and each of the author's whose code is in it: where none of these names holds, and of
   * each name the variable (its place in `variables`), the local, and from where to where it holds but there. Stretches are
   * as {@link distances} has them.
   */
  readonly code: readonly (readonly [
    functionIndex: number,
    gaps: readonly number[],
    names: readonly (readonly [variable: number, local: number, ...stretches: number[]])[],
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
  const code: LocalsTable['code'][number][] = []
  for (const versions of localVersions(optimised.wasm)) {
    const name = names.get(versions.functionIndex)
    if (name === undefined || !versions.offsets.some((offset) => optimised.marks.get(offset) != null)) continue
    const marks = versions.offsets.map((offset) => optimised.marks.get(offset))
    // Where the code of a function may stand twice, the variables of the one are not those of the other.
    const own = marks.map((mark) => (mark == null || isThereOnce(name, mark.owner) ? mark : null))
    const known = namedStretches(versions, own, source).filter(({ variable }) => places.has(variable))
    for (const stretches of Map.groupBy(known, ({ variable }) => variable.owner).values()) {
      const { names, gaps } = joinedOverGaps(stretches, versions.offsets.length)
      code.push([
        versions.functionIndex,
        distances(gaps, versions.offsets),
        names.map(({ variable, local, stretches }) => {
          return [places.get(variable)!, local, ...distances(stretches, versions.offsets)] as const
        }),
      ])
    }
  }
  return { version: 2, variables, code }
}

/** The byte offsets of the first and the last instruction of each, as distances from the number before, the first from 0. */
function distances(stretches: readonly Stretch[], offsets: readonly number[]): number[] {
  const ends = stretches.flatMap(({ from, to }) => [offsets[from]!, offsets[to]!])
  return ends.map((offset, i) => offset - (ends[i - 1] ?? 0))
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

  /**
   * The values that variables have where a mark stands, or `later` instructions behind; {@link NOT_REACHED} of what is not
   * known.
   */
  valuesAt(mark: SourceMark, later = 0): (variable: Pick<AuthorsVariable, 'local'>) => number {
    const found = this.#functions.get(mark)
    if (found == null) return () => NOT_REACHED
    const { versions, position } = found
    return ({ local }) => versions.at(local.index, position + later)
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

/** Positions in the function. */
type OwnStretch = NamedStretch<AuthorsVariable> & { to: number }

/** The last one of a local and a variable, and the local's version in it. It goes on if it reaches the position before. */
interface LastStretch {
  readonly stretch: OwnStretch
  readonly value: number
}

/**
 * @param marks by position: null of what is no code of the author's, or may stand there twice; undefined of what has no
 *     place of its own
 */
function namedStretches(
  versions: LocalVersions,
  marks: readonly (SourceMark | null | undefined)[],
  source: PlainSource,
): OwnStretch[] {
  const known = valuesHeld(versions, marks, source)
  const found: OwnStretch[] = []
  const last = new Map<AuthorsVariable, LastStretch[]>()
  const goesOn = ({ stretch, value }: LastStretch, version: number, position: number) =>
    stretch.to === position - 1 && value === version && !versions.endsAt(position - 1)
  const name = (variable: AuthorsVariable, local: number, value: number, position: number) => {
    const all = last.get(variable) ?? []
    if (all.length === 0) last.set(variable, all)
    const place = all.findIndex(({ stretch }) => stretch.local === local)
    if (place >= 0 && goesOn(all[place]!, value, position)) all[place]!.stretch.to = position
    else {
      const stretch = { local, from: position, to: position, variable }
      found.push(stretch)
      all.splice(place < 0 ? all.length : place, 1, { stretch, value })
    }
  }
  for (const [position, mark] of marks.entries()) {
    if (mark != null && mark.range !== null) {
      const valueIn = source.valuesAt(mark)
      for (const variable of source.variablesOf(mark.owner)) {
        if (!variable.isInScope(mark.range)) continue
        for (const [local, values] of known.get(valueIn(variable)) ?? []) {
          const value = versions.at(local, position)
          if (values.has(value)) name(variable, local, value, position)
        }
      }
    }
    for (const [variable, all] of last) {
      // The variables of other functions are not those of this place, nor are they gone.
      if (variable.owner === mark?.owner) continue
      for (const one of all)
        if (goesOn(one, versions.at(one.stretch.local, position), position)) one.stretch.to = position
    }
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
      hold(source.valuesAt(mark)({ local: mark.read }), local, versions.at(local, position))
  }
  for (const { position, local } of versions.sets()) {
    const mark = marks[position]
    if (mark?.written == null) continue
    hold(source.valuesAt(mark, 1)({ local: mark.written }), local, versions.at(local, position + 1))
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
