/** The rooms of a package and the arrows between them, from the imports of its files. */
import type { Import } from '../importGraph.ts'

export interface Room {
  readonly name: string
  /** Rooms inside, from the top floor down; those of one floor in a line. */
  readonly floors: readonly string[]
}

export interface House {
  readonly rooms: readonly Room[]
  /** From the importing room: names. Without those that follow from others. */
  readonly arrows: readonly (readonly [string, string])[]
}

/** Loose files above all rooms. */
export const ENTRY = 'entry'

/** `aside`: rooms that all others may know by types, which arrows would say of nothing but that. */
export function housesOf(imports: readonly Import[], name: string, aside: readonly string[]): House {
  const base = `${name}/src/`
  const inside = imports.filter(({ file, target }) => file.startsWith(base) && target.startsWith(base))
  const files = [...new Set(inside.flatMap(({ file, target }) => [file, target]))].sort()
  const roomOf = (path: string) => path.slice(base.length).split('/')[0]!
  const isLoose = (path: string) => !path.slice(base.length).includes('/')
  const value = inside.filter(({ typeOnly }) => !typeOnly)
  const above = new Set(
    files.filter((path) => isLoose(path) && !inside.some(({ file, target }) => target === path && !isLoose(file))),
  )
  // Loose files that rooms import and that import none are ground for all; between rooms, they are rooms themselves.
  const ground = new Set(
    files.filter(
      (path) =>
        isLoose(path) && !above.has(path) && !value.some(({ file, target }) => file === path && !isLoose(target)),
    ),
  )
  const nameOf = (path: string) => (above.has(path) ? ENTRY : roomOf(path))
  const kept = inside.filter(({ file, target }) => !ground.has(file) && !ground.has(target))
  const names = [...new Set(files.filter((path) => !ground.has(path)).map(nameOf))].sort()
  const edges = kept
    .map(({ file, target }) => [nameOf(file), nameOf(target)] as const)
    .filter(([from, to]) => from !== to && !aside.includes(from) && !aside.includes(to))
  const looseNames = [...above].map((path) => path.slice(base.length)).sort()
  return {
    rooms: names.map((room) => ({
      name: room,
      floors: room === ENTRY ? looseNames : innerFloors(imports, `${base}${room}/`),
    })),
    arrows: reduce(oneWay(edges)),
  }
}

function innerFloors(imports: readonly Import[], base: string): readonly string[] {
  const inside = imports.filter(({ file, target }) => file.startsWith(base) && target.startsWith(base))
  const roomOf = (path: string) => {
    const rest = path.slice(base.length)
    return rest.includes('/') ? rest.split('/')[0]! : null
  }
  const of = imports.filter(({ file }) => file.startsWith(base)).map(({ file }) => roomOf(file))
  const rooms = [...new Set(of)].filter((room) => room !== null).sort()
  const edges = inside
    .map(({ file, target }) => [roomOf(file), roomOf(target)] as const)
    .filter((edge): edge is readonly [string, string] => edge[0] !== null && edge[1] !== null && edge[0] !== edge[1])
  const depth = depthsOf(rooms, reduce(oneWay(edges)))
  const floors: string[][] = []
  for (const room of rooms) {
    const floor = depth.get(room)!
    floors[floor] = [...(floors[floor] ?? []), room]
  }
  return floors.map((floor) => floor.join(' · '))
}

/** How many floors below the top each room is: below all that import it. */
export function depthsOf(
  rooms: readonly string[],
  arrows: readonly (readonly [string, string])[],
): ReadonlyMap<string, number> {
  const depths = new Map<string, number>()
  const depthOf = (room: string): number => {
    const known = depths.get(room)
    if (known !== undefined) return known
    const depth = Math.max(-1, ...arrows.filter(([, to]) => to === room).map(([from]) => depthOf(from))) + 1
    depths.set(room, depth)
    return depth
  }
  for (const room of rooms) depthOf(room)
  return depths
}

/** Of two rooms that know each other, the arrow of the more imports. */
function oneWay(edges: readonly (readonly [string, string])[]): readonly (readonly [string, string])[] {
  const count = (from: string, to: string) => edges.filter(([a, b]) => a === from && b === to).length
  return edges.filter(([from, to]) => count(from, to) >= count(to, from))
}

/** Without the arrows that others imply, and without those of circles. */
function reduce(edges: readonly (readonly [string, string])[]): readonly (readonly [string, string])[] {
  const next = new Map<string, Set<string>>()
  for (const [from, to] of edges) next.set(from, (next.get(from) ?? new Set()).add(to))
  const reached = new Map([...next.keys()].map((from) => [from, reach(next, from)] as const))
  const reaches = (from: string, to: string) => reached.get(from)?.has(to) ?? false
  return [...next]
    .flatMap(([from, targets]) => [...targets].map((to) => [from, to] as const))
    .filter(([from, to]) => !reaches(to, from))
    .filter(
      ([from, to]) =>
        ![...next.get(from)!].some((via) => via !== to && !reaches(via, from) && reaches(via, to) && !reaches(to, via)),
    )
    .sort(([a, b], [c, d]) => (a === c ? (b < d ? -1 : 1) : a < c ? -1 : 1))
}

function reach(next: ReadonlyMap<string, ReadonlySet<string>>, from: string): ReadonlySet<string> {
  const found = new Set<string>()
  const visit = (room: string) => {
    for (const to of next.get(room) ?? []) {
      if (found.has(to)) continue
      found.add(to)
      visit(to)
    }
  }
  visit(from)
  return found
}
