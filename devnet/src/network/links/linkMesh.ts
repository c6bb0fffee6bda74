/** Every link of a network: a proxy for each ordered pair of nodes, and what was done to which of them. */
import { Line } from './line.ts'
import { LinkProxy, type Target } from './linkProxy.ts'
import { isOpen, type LinkShape, openLink } from './linkShape.ts'
import type { Direction } from './nodeNumbers.ts'

export interface LinkStanding extends Direction {
  readonly shape: LinkShape
  /** Its ends are in different groups of a partition. */
  readonly separated: boolean
  /** Bytes handed to the receiver since the network started. */
  readonly passed: number
}

interface Node extends Target {
  readonly index: number
}

/** The links of one network, in memory: they end with the process that runs it. */
export class LinkMesh {
  readonly #seed: string
  readonly #nodes: Node[] = []
  readonly #lines = new Map<string, Line>()
  readonly #proxies = new Map<string, LinkProxy>()
  readonly #ports = new Map<string, number>()
  #groups: readonly (readonly number[])[] | null = null

  /** Losses and jitter are drawn from the seed. */
  constructor(seed: string) {
    this.#seed = seed
  }

  /** Groups of the partition, as set; null when there is none. */
  get groups(): readonly (readonly number[])[] | null {
    return this.#groups
  }

  /** Opens the links between this node and those added before. `target` is where it listens. */
  async add(index: number, target: Target): Promise<void> {
    const node = { index, ...target }
    for (const other of this.#nodes) {
      const there = this.#newLine(index, other.index)
      const back = this.#newLine(other.index, index)
      await this.#openProxy(index, other, there, back)
      await this.#openProxy(other.index, node, back, there)
    }
    this.#nodes.push(node)
    this.#applyGroups()
  }

  /** The port on loopback at which `from` reaches `to`. */
  port(from: number, to: number): number {
    const port = this.#ports.get(key(from, to))
    if (port === undefined) throw new Error(`there is no link ${from}>${to}`)
    return port
  }

  /** Nodes of different groups hear nothing of each other from now on; those in no group belong to one more. */
  partition(groups: readonly (readonly number[])[]): void {
    this.#groups = groups
    this.#applyGroups()
  }

  heal(): void {
    this.#groups = null
    this.#applyGroups()
  }

  /** Null means every link. Settings that are not in `change` stay. @returns how many changed. */
  shape(directions: readonly Direction[] | null, change: Partial<LinkShape>): number {
    const lines =
      directions === null ? [...this.#lines.values()] : directions.map(({ from, to }) => this.#line(from, to))
    for (const line of lines) line.setShape({ ...line.shape, ...change })
    return lines.length
  }

  /** Opens links again; null means every link. @returns how many were not open. */
  reset(directions: readonly Direction[] | null): number {
    const touched = this.list().filter(
      ({ shape, from, to }) =>
        !isOpen(shape) && (directions === null || directions.some((one) => one.from === from && one.to === to)),
    )
    this.shape(directions, openLink)
    return touched.length
  }

  list(): LinkStanding[] {
    return [...this.#lines.values()]
      .map(({ direction, shape, separated, passed }) => ({ ...direction, shape, separated, passed }))
      .sort((a, b) => a.from - b.from || a.to - b.to)
  }

  async close(): Promise<void> {
    await Promise.all([...this.#proxies.values()].map((proxy) => proxy.close()))
  }

  async #openProxy(from: number, to: Node, forward: Line, back: Line): Promise<void> {
    const proxy = new LinkProxy(to, forward, back)
    this.#proxies.set(key(from, to.index), proxy)
    this.#ports.set(key(from, to.index), await proxy.listen())
  }

  #newLine(from: number, to: number): Line {
    const line = new Line({ from, to }, this.#seed)
    this.#lines.set(key(from, to), line)
    return line
  }

  #line(from: number, to: number): Line {
    const line = this.#lines.get(key(from, to))
    if (line === undefined) throw new Error(`there is no link ${from}>${to}`)
    return line
  }

  #applyGroups(): void {
    const groupOf = (node: number) => this.#groups?.findIndex((group) => group.includes(node)) ?? -1
    for (const line of this.#lines.values()) {
      line.setSeparated(groupOf(line.direction.from) !== groupOf(line.direction.to))
    }
  }
}

function key(from: number, to: number): string {
  return `${from}>${to}`
}
