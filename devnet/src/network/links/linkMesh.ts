/**
 * Every link of a network, and what was done to which of them. Each ordered pair of nodes has a proxy once the links are
 * open; until then nodes reach each other where they listen, and nothing can be done to a link.
 *
 * Why it is so: docs/rationale/devnet.md.
 */
import { Line } from './line.ts'
import { LinkProxy, LOOPBACK, type Target } from './linkProxy.ts'
import { isOpen, type LinkShape, openLink } from './linkShape.ts'
import type { Direction } from './nodeNumbers.ts'

export interface LinkStanding extends Direction {
  readonly shape: LinkShape
  /** Its ends are in different groups of a partition. */
  readonly separated: boolean
  /** Bytes that its proxy has handed to the receiver: none before the links were opened. */
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
  #groups: readonly (readonly number[])[] | null = null
  #isOpen = false
  /** Proxies are opened in the order in which it was asked for. */
  #last: Promise<unknown> = Promise.resolve()

  /** Losses and jitter are drawn from the seed. */
  constructor(seed: string) {
    this.#seed = seed
  }

  /** Groups of the partition, as set; null when there is none. */
  get groups(): readonly (readonly number[])[] | null {
    return this.#groups
  }

  /** Whether {@link address} gives proxies. */
  get isOpen(): boolean {
    return this.#isOpen
  }

  /** One more node, with its links to those added before. `target` is where it listens. */
  add(index: number, target: Target): Promise<void> {
    return this.#inTurn(async () => {
      const node = { index, ...target }
      for (const other of this.#nodes) {
        this.#newLine(index, other.index)
        this.#newLine(other.index, index)
        if (this.#isOpen) await this.#openProxies(index, node, other)
      }
      this.#nodes.push(node)
      this.#applyGroups()
    })
  }

  /**
   * Opens a proxy for each link, of nodes that come later too. Nodes find them by {@link address} once it resolves.
   * @throws what the system says of too many sockets; no proxy is open then.
   */
  open(): Promise<void> {
    return this.#inTurn(async () => {
      if (this.#isOpen) return
      try {
        for (const [position, node] of this.#nodes.entries()) {
          for (const other of this.#nodes.slice(0, position)) await this.#openProxies(node.index, node, other)
        }
      } catch (error) {
        await this.#closeProxies()
        throw error
      }
      this.#isOpen = true
    })
  }

  /** Where `from` reaches `to`: at a port of loopback once the links are open. */
  address(from: number, to: number): Target {
    const proxy = this.#proxies.get(key(from, to))
    if (this.#isOpen && proxy !== undefined) return { host: LOOPBACK, port: proxy.port }
    const node = this.#nodes.find(({ index }) => index === to)
    if (node === undefined || this.#isOpen) throw new Error(`there is no link ${from}>${to}`)
    return { host: node.host, port: node.port }
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
    const lines = directions === null ? [...this.#lines.values()] : directions.map((direction) => this.#line(direction))
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

  close(): Promise<void> {
    return this.#inTurn(() => this.#closeProxies())
  }

  async #closeProxies(): Promise<void> {
    const open = [...this.#proxies.values()]
    this.#proxies.clear()
    await Promise.all(open.map((proxy) => proxy.close()))
  }

  async #openProxies(index: number, node: Node, other: Node): Promise<void> {
    await this.#openProxy(index, other)
    await this.#openProxy(other.index, node)
  }

  async #openProxy(from: number, to: Node): Promise<void> {
    const there = { from, to: to.index }
    const proxy = new LinkProxy(to, this.#line(there), this.#line({ from: to.index, to: from }))
    await proxy.listen()
    this.#proxies.set(key(from, to.index), proxy)
  }

  #newLine(from: number, to: number): void {
    this.#lines.set(key(from, to), new Line({ from, to }, this.#seed))
  }

  #line({ from, to }: Direction): Line {
    const line = this.#lines.get(key(from, to))
    if (line === undefined) throw new Error(`there is no link ${from}>${to}`)
    return line
  }

  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const turn = this.#last.then(work)
    this.#last = turn.catch(() => undefined)
    return turn
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
