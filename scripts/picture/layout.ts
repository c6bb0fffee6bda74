/** Puts the rooms of a house on floors: each below all that import it, arrows with few crossings. */
import { depthsOf, ENTRY, type House, type Room } from './rooms.ts'

export interface Placed {
  readonly room: Room
  readonly x: number
  readonly y: number
  readonly width: number
  readonly height: number
}

export interface Layout {
  readonly width: number
  readonly height: number
  readonly rooms: readonly Placed[]
  /** Points from the importing room down, through gaps between rooms. */
  readonly arrows: readonly (readonly (readonly [number, number])[])[]
}

export const TITLE_HEIGHT = 24
export const LINE_HEIGHT = 14
const GAP = 22
const FLOOR_GAP = 40
/** Of an arrow that passes a floor. */
const PASSAGE = 10
const SWEEPS = 12

interface Item {
  /** Null for the passage of an arrow. */
  readonly room: Room | null
  readonly width: number
  height: number
  readonly above: Item[]
  readonly below: Item[]
  x: number
  y: number
}

export function layOut({ rooms, arrows }: House): Layout {
  const depths = depthsOf(
    rooms.map(({ name }) => name),
    arrows,
  )
  const floors: Item[][] = Array.from({ length: Math.max(...depths.values()) + 1 }, () => [])
  const items = new Map<string, Item>()
  for (const room of rooms) {
    const item = itemOf(room)
    items.set(room.name, item)
    floors[depths.get(room.name)!]!.push(item)
  }
  const chains = arrows.map(([from, to]) => {
    const chain = [items.get(from)!]
    for (let floor = depths.get(from)! + 1; floor < depths.get(to)!; floor++) {
      const passage: Item = { room: null, width: PASSAGE, height: 0, above: [], below: [], x: 0, y: 0 }
      floors[floor]!.push(passage)
      chain.push(passage)
    }
    chain.push(items.get(to)!)
    for (let i = 1; i < chain.length; i++) {
      chain[i - 1]!.below.push(chain[i]!)
      chain[i]!.above.push(chain[i - 1]!)
    }
    return chain
  })
  order(floors)
  place(floors)
  let y = 0
  for (const floor of floors) {
    const height = Math.max(...floor.map((item) => item.height))
    for (const item of floor) {
      if (item.room === null) item.height = height
      item.y = y + Math.floor((height - item.height) / 2)
    }
    y += height + FLOOR_GAP
  }
  const all = floors.flat()
  const left = Math.min(...all.map(({ x }) => x))
  for (const item of all) item.x = Math.round(item.x - left)
  return {
    width: Math.max(...all.map(({ x, width }) => x + width)),
    height: y - FLOOR_GAP,
    rooms: all.flatMap(({ room, x, y: top, width, height }) =>
      room === null ? [] : [{ room, x, y: top, width, height }],
    ),
    arrows: chains.map((chain) =>
      chain.flatMap((item, index): [number, number][] => {
        if (index === 0) return [[port(item, item.below, chain[1]!), item.y + item.height]]
        if (item.room !== null) return [[port(item, item.above, chain[index - 1]!), item.y]]
        const x = item.x + PASSAGE / 2
        return [
          [x, item.y],
          [x, item.y + item.height],
        ]
      }),
    ),
  }
}

function itemOf(room: Room): Item {
  const lines = room.floors
  const title = room.name === ENTRY ? 0 : room.name.length * 8.4
  const width = Math.round(Math.max(title, ...lines.map((line) => line.length * 6.3)) + 22)
  const height = (room.name === ENTRY ? 8 : TITLE_HEIGHT) + lines.length * LINE_HEIGHT + (lines.length > 0 ? 6 : 2)
  return { room, width, height, above: [], below: [], x: 0, y: 0 }
}

/** Where an arrow meets a room: the arrows of one side in the order of their other ends. */
function port(item: Item, side: readonly Item[], other: Item): number {
  const sorted = [...side].sort((a, b) => center(a) - center(b))
  return Math.round(item.x + (item.width * (sorted.indexOf(other) + 1)) / (sorted.length + 1))
}

function center({ x, width }: Item): number {
  return x + width / 2
}

/** By the mean place of the neighbours, down and up in turns. */
function order(floors: readonly Item[][]): void {
  for (const floor of floors) spread(floor)
  for (let sweep = 0; sweep < SWEEPS; sweep++) {
    const side = sweep % 2 === 0 ? 'above' : 'below'
    const walk = side === 'above' ? floors : [...floors].reverse()
    for (const floor of walk) {
      const wanted = new Map(floor.map((item) => [item, meanOf(item[side], item.x)]))
      floor.sort((a, b) => wanted.get(a)! - wanted.get(b)!)
      spread(floor)
    }
  }
}

function spread(floor: readonly Item[]): void {
  for (const [index, item] of floor.entries()) item.x = index - floor.length / 2
}

function meanOf(side: readonly Item[], otherwise: number): number {
  return side.length === 0 ? otherwise : side.reduce((sum, item) => sum + center(item), 0) / side.length
}

/** Each near the middle of its neighbours, in the order of its floor, without overlaps. */
function place(floors: readonly Item[][]): void {
  for (const floor of floors) {
    let x = 0
    for (const item of floor) {
      item.x = x
      x += item.width + GAP
    }
    for (const item of floor) item.x -= (x - GAP) / 2
  }
  for (let sweep = 0; sweep < 4 * SWEEPS; sweep++) {
    for (const floor of sweep % 2 === 0 ? floors : [...floors].reverse()) {
      const wanted = floor.map((item) => {
        const neighbours = [...item.above, ...item.below]
        return meanOf(neighbours, center(item)) - item.width / 2
      })
      settle(floor, wanted)
    }
  }
}

/** Moves items that want one place together, around the middle of what they want. */
function settle(floor: readonly Item[], wanted: readonly number[]): void {
  const blocks: { offset: number; count: number; width: number; items: number[] }[] = []
  floor.forEach((item, index) => {
    let block = { offset: wanted[index]!, count: 1, width: item.width, items: [index] }
    for (let last = blocks.at(-1); last !== undefined; last = blocks.at(-1)) {
      if (last.offset + last.width + GAP <= block.offset) break
      blocks.pop()
      const shift = last.width + GAP
      const offset = (last.offset * last.count + (block.offset - shift) * block.count) / (last.count + block.count)
      block = {
        offset,
        count: last.count + block.count,
        width: shift + block.width,
        items: [...last.items, ...block.items],
      }
    }
    blocks.push(block)
  })
  for (const { offset, items } of blocks) {
    let x = offset
    for (const index of items) {
      floor[index]!.x = x
      x += floor[index]!.width + GAP
    }
  }
}
