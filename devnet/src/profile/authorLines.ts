/**
 * The ink of a profile by lines of the author's: instructions of a library that were inlined belong to the author's line
 * before them in the function, and functions of a library, with all that they do, to the line that called them.
 */
import type { LineTable } from '@touchstone/contracts'
import { isAuthorsLine } from '../debug/moduleLines.ts'
import type { NodeProfile, ProfiledContract, ProfileNode } from './nodeProfile.ts'

/** `place`: null where no line of the author's led to it. */
export interface AuthorCost {
  readonly place: { readonly file: string; readonly line: number } | null
  readonly count: number
  readonly ink: number
}

type Place = AuthorCost['place']

/**
 * Of each contract that has lines, one cost for each instruction of the author's functions and one for each call of another
 * one. Null where the node tells too little: functions stand with their callers, or it does not tell from where they are
 * called.
 */
export function authorCosts(
  { nodes, contracts, isCut }: NodeProfile,
  tables: readonly (LineTable | null)[],
): readonly (readonly AuthorCost[] | null)[] | null {
  if (isCut || nodes.some((node) => node.kind === 'function' && node.at === undefined)) return null
  const own = contracts.map((contract, i) => {
    const table = tables[i] ?? null
    return table === null ? null : new AuthorFunctions(contract, table)
  })
  const costs = own.map((functions) => functions?.costs() ?? null)
  /** Of each node of a library's function: the line that it belongs to. */
  const lines: Place[] = []
  /** Of each node: the contract whose library function it is, or a host call of such a one; -1 of others. */
  const folded: number[] = []
  for (const node of nodes) {
    const { contract, place } = foldOf(node, nodes, own, lines, folded)
    lines.push(place)
    folded.push(contract)
    if (contract >= 0) costs[contract]?.push({ place, count: 0, ink: node.ink })
  }
  return costs
}

function foldOf(
  node: ProfileNode,
  nodes: readonly ProfileNode[],
  own: readonly (AuthorFunctions | null)[],
  lines: readonly Place[],
  folded: readonly number[],
): { readonly contract: number; readonly place: Place } {
  const caller = nodes[node.parent]
  const isInside = caller !== undefined && folded[node.parent]! >= 0
  const inherited = { contract: isInside ? folded[node.parent]! : -1, place: isInside ? lines[node.parent]! : null }
  if (node.kind === 'host') return inherited
  if (node.kind !== 'function') return { contract: -1, place: null }
  const functions = own[node.contract] ?? null
  if (functions === null || functions.has(node.functionIndex)) return { contract: -1, place: null }
  if (isInside) return inherited
  const isCalled = caller?.kind === 'function' && typeof node.at === 'number'
  return { contract: node.contract, place: isCalled ? functions.lineAt(caller.functionIndex, node.at) : null }
}

/** The functions of a module in which there is a line of the author's. */
class AuthorFunctions {
  readonly #contract: ProfiledContract
  /** By function: the offsets of its instructions that have such a line, ascending. */
  readonly #lines = new Map<number, { readonly offset: number; readonly place: Exclude<Place, null> }[]>()

  constructor(contract: ProfiledContract, table: LineTable) {
    this.#contract = contract
    const texts = new Map<string, readonly string[]>()
    const textOf = ({ file, line }: Exclude<Place, null>) => {
      const known = texts.get(file) ?? table.textOf(file)?.split('\n') ?? []
      texts.set(file, known)
      return known[line - 1] ?? null
    }
    for (const [functionIndex, offset] of [...contract.places].sort((a, b) => a[1] - b[1])) {
      const place = table.at(offset)
      if (place === null || !isAuthorsLine(textOf(place))) continue
      const list = this.#lines.get(functionIndex)
      if (list === undefined) this.#lines.set(functionIndex, [{ offset, place }])
      else list.push({ offset, place })
    }
  }

  has(functionIndex: number): boolean {
    return this.#lines.has(functionIndex)
  }

  /** That of the instruction, else of the last one before it, else the first one of the function. */
  lineAt(functionIndex: number, offset: number): Place {
    return this.#nearest(functionIndex, offset)?.place ?? null
  }

  #nearest(functionIndex: number, offset: number) {
    const lines = this.#lines.get(functionIndex)
    if (lines === undefined) return null
    let low = 0
    let high = lines.length
    while (low < high) {
      const middle = (low + high) >> 1
      if (lines[middle]!.offset <= offset) low = middle + 1
      else high = middle
    }
    return lines[Math.max(0, low - 1)]!
  }

  costs(): AuthorCost[] {
    return this.#contract.places
      .filter(([functionIndex]) => this.has(functionIndex))
      .map(([functionIndex, offset, count, ink]) => {
        const found = this.#nearest(functionIndex, offset)!
        return { place: found.place, count: found.offset === offset ? count : 0, ink }
      })
  }
}
