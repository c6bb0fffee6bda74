/** A node's profile in the words of people: contracts and functions by their names, instructions by source lines. */
import type { LineTable } from '@touchstone/contracts'
import { getAddress, type Hex } from 'viem'
import { type AuthorCost, authorCosts } from './authorLines.ts'
import type { NodeProfile, ProfiledContract, ProfileNode } from './nodeProfile.ts'
import type { FoundLines } from './sourceLines.ts'

export type CostKind = ProfileNode['kind']

/** All of one name: a function, a host function, a fixed cost. */
export interface Cost {
  readonly kind: CostKind
  /** Name or address of the contract that it is of; null for what the transaction itself costs. */
  readonly contract: string | null
  readonly name: string
  readonly calls: number
  /** Of its own. */
  readonly ink: number
  /** With all that it called. */
  readonly totalInk: number
}

export interface LineCost {
  readonly contract: string
  /** Null for instructions that the map says nothing of. */
  readonly file: string | null
  readonly line: number | null
  /** The line itself, where the source map has it. */
  readonly text: string | null
  /** Of the instruction of the line that was executed most often. */
  readonly count: number
  readonly ink: number
}

/** A node of the graph. */
export interface Call {
  readonly kind: CostKind
  readonly contract: string | null
  readonly name: string
  /** Place of the caller, before this one; -1 for the transaction. */
  readonly parent: number
  readonly calls: number
  readonly ink: number
}

export interface ProfileReport {
  readonly gasUsed: bigint
  readonly gasSpent: bigint
  readonly refund: bigint
  readonly isCut: boolean
  /** Whether lines have what libraries did for them. */
  readonly isFolded: boolean
  /** The dearest first. */
  readonly costs: readonly Cost[]
  readonly lines: readonly LineCost[]
  /** Contracts that have no lines, and why. */
  readonly withoutLines: readonly { readonly contract: string; readonly reason: string }[]
  readonly calls: readonly Call[]
}

export interface ProfileNames {
  readonly nameOf: (address: Hex) => string | null
  readonly mapOf: (contract: ProfiledContract) => FoundLines
}

/** `isApart`: lines of libraries are told as such, and not with the author's lines that led to them. */
export function readProfile(profile: NodeProfile, names: ProfileNames, isApart = false): ProfileReport {
  const tables = profile.contracts.map((contract) => names.mapOf(contract))
  const calls = merged(readCalls(profile, names, tables))
  const withoutLines: { contract: string; reason: string }[] = []
  const folded = isApart
    ? null
    : authorCosts(
        profile,
        tables.map((found) => ('map' in found ? found.map : null)),
      )
  const lines = profile.contracts.flatMap((contract, i) => {
    const name = contractName(contract, names)
    const found = tables[i]!
    if ('map' in found) return linesOf(folded?.[i] ?? ownCosts(contract, found.map), name, found.map)
    withoutLines.push({ contract: name, reason: found.reason })
    return []
  })
  return {
    ...{ gasUsed: BigInt(profile.gasUsed), gasSpent: BigInt(profile.gasSpent), refund: BigInt(profile.refund) },
    ...{ isCut: profile.isCut, isFolded: folded !== null },
    costs: costsOf(calls),
    lines: lines.sort((a, b) => b.ink - a.ink),
    ...{ withoutLines, calls },
  }
}

function readCalls({ nodes, contracts }: NodeProfile, names: ProfileNames, tables: readonly FoundLines[]): Call[] {
  const functions = contracts.map((contract, i) => {
    const table = tables[i]!
    const nameOf = (index: number) => ('map' in table ? (table.map.functionName?.(index) ?? null) : null)
    return new Map(contract.functions.map(({ index, name }) => [index, nameOf(index) ?? name]))
  })
  const named = contracts.map((contract) => contractName(contract, names))
  const calls: Call[] = []
  for (const node of nodes) {
    const { parent, kind, ink } = node
    const caller = calls[parent] ?? null
    calls.push({ ...wordsOf(node, caller, named, functions, names), kind, parent, calls: node.calls, ink })
  }
  return calls
}

function wordsOf(
  node: ProfileNode,
  caller: Call | null,
  named: readonly string[],
  functions: readonly ReadonlyMap<number, string | null>[],
  names: ProfileNames,
): Pick<Call, 'contract' | 'name'> {
  switch (node.kind) {
    case 'frame': {
      const contract = addressName(node.to, names)
      return { contract, name: `${node.type.toLowerCase()} of ${contract}` }
    }
    case 'function': {
      const name = functions[node.contract]?.get(node.functionIndex) ?? null
      return { contract: named[node.contract]!, name: name ?? `function ${node.functionIndex}` }
    }
    case 'host':
    case 'fixed':
      return { contract: caller?.contract ?? null, name: node.name }
    case 'burnt':
      return { contract: caller?.contract ?? null, name: 'burnt by the failure' }
  }
}

function contractName({ addresses }: ProfiledContract, names: ProfileNames): string {
  const known = addresses.map((address) => names.nameOf(address)).find((name) => name !== null)
  return known ?? (addresses[0] === undefined ? 'a contract' : getAddress(addresses[0]))
}

function addressName(address: Hex, { nameOf }: ProfileNames): string {
  return nameOf(address) ?? getAddress(address)
}

/** A function that calls itself, however deep, is in its own total once. */
function costsOf(calls: readonly Call[]): Cost[] {
  const keys = calls.map(({ kind, contract, name }) => JSON.stringify([kind, contract, name]))
  const totals = calls.map(({ ink }) => ink)
  for (let place = calls.length - 1; place >= 0; place--) {
    const { parent } = calls[place]!
    if (parent >= 0) totals[parent]! += totals[place]!
  }
  /** Nearest caller of the same name, by a walk whose steps are as many as the stack is deep. */
  const isOutermost = (place: number) => {
    for (let above = calls[place]!.parent; above >= 0; above = calls[above]!.parent) {
      if (keys[above] === keys[place]) return false
    }
    return true
  }
  const costs = new Map<string, Cost>()
  for (const [place, call] of calls.entries()) {
    const { kind, contract, name } = call
    const sum = costs.get(keys[place]!) ?? { kind, contract, name, calls: 0, ink: 0, totalInk: 0 }
    costs.set(keys[place]!, {
      ...sum,
      calls: sum.calls + call.calls,
      ink: sum.ink + call.ink,
      totalInk: sum.totalInk + (isOutermost(place) ? totals[place]! : 0),
    })
  }
  return [...costs.values()].sort((a, b) => b.ink - a.ink)
}

function linesOf(costs: readonly AuthorCost[], contract: string, table: LineTable): LineCost[] {
  const lines = new Map<string, LineCost>()
  // A file is split once, not for each of the instructions that come from it.
  const texts = new Map<string, readonly string[]>()
  const textsOf = (file: string) => {
    const known = texts.get(file) ?? table.textOf(file)?.split('\n') ?? []
    texts.set(file, known)
    return known
  }
  for (const { place, count, ink } of costs) {
    const key = place === null ? '' : `${place.line} ${place.file}`
    const sum = lines.get(key)
    const text = place === null ? null : (textsOf(place.file)[place.line - 1] ?? null)
    lines.set(key, {
      ...{ contract, file: place?.file ?? null, line: place?.line ?? null, text: text?.trim() ?? null },
      count: Math.max(sum?.count ?? 0, count),
      ink: (sum?.ink ?? 0) + ink,
    })
  }
  return [...lines.values()]
}

/** Each instruction by the line that it comes from itself, in a library too. */
function ownCosts({ places }: ProfiledContract, table: LineTable): AuthorCost[] {
  return places.map(([, offset, count, ink]) => ({ place: table.at(offset), count, ink }))
}

/** One node for all calls of a function by a node; each behind its caller, and those of one caller together. */
function merged(calls: readonly Call[]): Call[] {
  const children: number[][] = []
  const kept: Call[] = []
  const roots: number[] = []
  const places: number[] = []
  const known = new Map<string, number>()
  for (const call of calls) {
    const parent = call.parent < 0 ? -1 : places[call.parent]!
    const key = JSON.stringify([parent, call.kind, call.contract, call.name])
    const before = known.get(key)
    if (before !== undefined) {
      const sum = kept[before]!
      kept[before] = { ...sum, calls: sum.calls + call.calls, ink: sum.ink + call.ink }
      places.push(before)
      continue
    }
    const place = kept.push({ ...call, parent }) - 1
    known.set(key, place)
    places.push(place)
    children.push([])
    if (parent < 0) roots.push(place)
    else children[parent]!.push(place)
  }
  const ordered: Call[] = []
  const waiting = roots.toReversed().map((place) => ({ place, parent: -1 }))
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    const at = ordered.push({ ...kept[next.place]!, parent: next.parent }) - 1
    for (const child of children[next.place]!.toReversed()) waiting.push({ place: child, parent: at })
  }
  return ordered
}
