/** The author's variables of C and Rust where a function stands, by DWARF 4 and 5 as clang and rustc write it. */
import { AT, DebugEntries, type DebugEntry, type DebugSections, DebugWork, TooMuchWork } from './debugEntries.ts'
import { expressionAt } from './debugLists.ts'
import { bytesOf, type Location, locationOf, numberOf, type StoppedMachine } from './debugLocations.ts'
import { DebugScopes, type Scope } from './debugScopes.ts'
import { DebugTypes } from './debugTypes.ts'
import { DebugValues, type SourceVariable } from './debugValues.ts'
import { MAX_DEBUG_ATTRIBUTES, MAX_INLINED, MAX_LOOK_ATTRIBUTES, MAX_SOURCE_VARIABLES } from './limits.ts'

export class DwarfVariables {
  readonly #entries: DebugEntries
  readonly #scopes: DebugScopes

  /** @throws SyntaxError when it is damaged, or too large */
  constructor(sections: DebugSections, codeLength: number) {
    const work = new DebugWork(MAX_DEBUG_ATTRIBUTES)
    this.#entries = new DebugEntries(sections, work)
    this.#scopes = new DebugScopes(this.#entries, codeLength, work)
  }

  /** Names of the functions that are inlined at an address, the innermost first; `…` stands for more. @throws SyntaxError */
  inlinedAt(address: number): readonly string[] {
    const scopes = this.#scopes.at(address, new DebugWork(MAX_LOOK_ATTRIBUTES))
    const names = scopes.slice(0, -1).map(({ name }) => name ?? '?')
    return names.length > MAX_INLINED ? [...names.slice(0, MAX_INLINED), '…'] : names
  }

  /**
   * Before the instruction at an address, those of inlined functions first, under the function's name where another
   * variable of the name is further in. @throws SyntaxError
   */
  at(address: number, machine: StoppedMachine): readonly SourceVariable[] {
    const work = new DebugWork(MAX_LOOK_ATTRIBUTES)
    const scopes = this.#scopes.at(address, work)
    const outermost = scopes.at(-1)
    if (outermost === undefined) return []
    const types = new DebugTypes(this.#entries, work)
    const values = new DebugValues(types, machine)
    const frameBase = this.#frameBase(outermost, machine)
    const found: SourceVariable[] = []
    const names = new Set<string>()
    const all = scopes.flatMap((scope) => scope.variables.map((entry) => ({ entry, scope })))
    for (const { entry, scope } of all) {
      if (found.length >= MAX_SOURCE_VARIABLES) break
      try {
        const name = this.#scopes.nameOf(entry, work)
        if (name === null) continue
        const type = this.#scopes.attribute(entry, AT.type, work)
        const at = this.#location(entry, address, frameBase, machine, work)
        const label = names.has(name) ? `${name} of ${scope.name ?? '?'}` : name
        names.add(name)
        found.push(values.variable(label, type === null ? null : types.typeOf(type.of), at))
      } catch (error) {
        if (!(error instanceof SyntaxError)) throw error
        // The others may be in order; work that is used up is so for all of them.
        const isOver = error instanceof TooMuchWork
        found.push({ name: isOver ? 'more variables' : '?', type: '', value: `not known: ${error.message}` })
        if (isOver) break
      }
    }
    return [...found.filter(({ isKept }) => isKept !== false), ...found.filter(({ isKept }) => isKept === false)]
  }

  /** Null before it is made: no frame is at the beginning of the memory. */
  #frameBase({ entry }: Scope, machine: StoppedMachine): number | null {
    const expression = entry.attributes.get(AT.frameBase)
    if (expression?.kind !== 'block') return null
    const context = { entries: this.#entries, unit: entry.unit, machine, frameBase: null }
    const found = locationOf(expression.value, context)
    if (found === null || found.kind === 'parts') return null
    const at = found.kind === 'memory' ? found.at : Number(numberOf(found.bytes.subarray(0, 4)))
    return at === 0 ? null : at
  }

  #location(
    entry: DebugEntry,
    address: number,
    frameBase: number | null,
    machine: StoppedMachine,
    work: DebugWork,
  ): Location | null {
    const found = this.#scopes.attribute(entry, AT.location, work)
    if (found !== null) {
      const { unit } = found.of
      const expression = expressionAt(found.value, unit, address, this.#entries, work)
      return expression === null || expression.length === 0
        ? null
        : locationOf(expression, { entries: this.#entries, unit, machine, frameBase })
    }
    const constant = this.#scopes.attribute(entry, AT.constValue, work)?.value
    if (constant?.kind === 'constant') return { kind: 'bytes', bytes: bytesOf(constant.value) }
    return constant?.kind === 'block' ? { kind: 'bytes', bytes: constant.value } : null
  }
}
