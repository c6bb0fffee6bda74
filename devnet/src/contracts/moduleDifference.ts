/** Where two modules part: their sections, and the functions in which their code differs. */
import { inspectModule, type ModuleReport } from '@touchstone/contracts'

type FunctionReport = ModuleReport['functions'][number]

export interface ModuleDifference {
  /** Names of the sections that differ, or that one of them has alone. */
  readonly sections: readonly string[]
  /** Whether nothing but custom sections differs, which no execution reads. */
  readonly onlyNames: boolean
  readonly functions: readonly FunctionDifference[]
  /** How many have the same bytes under the same name. */
  readonly same: number
}

export interface FunctionDifference {
  readonly name: string
  /** In the first module; null when it has no such function. */
  readonly first: FunctionReport | null
  readonly second: FunctionReport | null
  /** The byte of the first module from which on the code is another; null where one of them has no such function. */
  readonly partsAt: number | null
}

/** Null when they are the same, byte for byte. */
export function moduleDifference(first: Uint8Array, second: Uint8Array): ModuleDifference | null {
  if (equal(first, second)) return null
  const [one, other] = [inspectModule(first), inspectModule(second)]
  const sections = differentSections([first, one], [second, other])
  const { functions, same } = differentFunctions([first, one], [second, other])
  return { sections, onlyNames: sections.every((name) => name.startsWith('custom ')), functions, same }
}

type Read = readonly [bytes: Uint8Array, report: ModuleReport]

function differentSections(first: Read, second: Read): readonly string[] {
  const [one, other] = [sectionsOf(first), sectionsOf(second)]
  return [...new Set([...one.keys(), ...other.keys()])].filter((name) => {
    const [left, right] = [one.get(name), other.get(name)]
    return left === undefined || right === undefined || !equal(left, right)
  })
}

/** By name; of custom sections with one name the bytes of all, in order. */
function sectionsOf([bytes, { sections }]: Read): ReadonlyMap<string, Uint8Array> {
  const found = new Map<string, Uint8Array[]>()
  for (const { name, offset, byteLength } of sections) {
    const own = bytes.subarray(offset, offset + byteLength)
    const known = found.get(name)
    if (known === undefined) found.set(name, [own])
    else known.push(own)
  }
  return new Map(Array.from(found, ([name, parts]) => [name, Buffer.concat(parts)]))
}

function differentFunctions(first: Read, second: Read): Pick<ModuleDifference, 'functions' | 'same'> {
  const [one, other] = [functionsOf(first), functionsOf(second)]
  const functions: FunctionDifference[] = []
  let same = 0
  for (const name of new Set([...one.keys(), ...other.keys()])) {
    const [left, right] = [one.get(name) ?? null, other.get(name) ?? null]
    const at = left === null || right === null ? null : firstDifference(bodyOf(first, left), bodyOf(second, right))
    if (at === -1) same++
    else functions.push({ name, first: left, second: right, partsAt: at === null ? null : left!.offset + at })
  }
  return { functions, same }
}

/** By name; one without a name, or with the name of another, by its number too. In the order of the module. */
function functionsOf([, { functions }]: Read): ReadonlyMap<string, FunctionReport> {
  const found = new Map<string, FunctionReport>()
  for (const one of [...functions].sort((a, b) => a.index - b.index)) {
    const name = one.name ?? `function ${one.index}`
    found.set(found.has(name) ? `${name} (function ${one.index})` : name, one)
  }
  return found
}

function bodyOf([bytes]: Read, { offset, byteLength }: FunctionReport): Uint8Array {
  return bytes.subarray(offset, offset + byteLength)
}

function equal(first: Uint8Array, second: Uint8Array): boolean {
  return firstDifference(first, second) === -1
}

/** -1 for bytes that are the same. */
function firstDifference(first: Uint8Array, second: Uint8Array): number {
  const at = first.findIndex((byte, i) => byte !== second[i])
  return at === -1 && first.length < second.length ? first.length : at
}
