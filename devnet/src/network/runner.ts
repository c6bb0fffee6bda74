/**
 * A network of node processes on this machine: starts them, steers them and the links between them, stops them. Used by
 * `devnet up`, `devnet chaos` and tests. Nodes reach each other directly, or through the proxies of links/ only.
 */
import { rmSync } from 'node:fs'
import { installOpenssl, type NodeConfigJson, toHex } from '@touchstone/node'
import { CliError, systemError, usageError } from '../output/errors.ts'
import type { DevAccount } from './accounts.ts'
import type { SyncMode } from './control/command.ts'
import { engineOfNode, type NetworkEngine } from './engines.ts'
import { writeJsonFile } from './jsonFile.ts'
import { MAX_NODE_COUNT } from './limits.ts'
import { LinkMesh, type LinkStanding } from './links/linkMesh.ts'
import { type LinkShape, PROXIED_FROM_NOW_ON } from './links/linkShape.ts'
import type { Direction } from './links/nodeNumbers.ts'
import {
  authority,
  type NetworkFacts,
  type NodePlace,
  nodeConfig,
  peerAddresses,
  reachableHost,
} from './nodeConfigs.ts'
import type { Head } from './nodeProcess.ts'
import { type NodeExit, NodeSlot, requirePausing, type WipeOptions } from './nodeSlot.ts'
import { type NetworkPaths, networkPaths } from './paths.ts'
import { findPeerPorts, findPort, requirePorts } from './ports.ts'
import type { PriceSchedule } from './priceSchedules.ts'
import { type ReadyFile, type ReadyNode, readRunning } from './readyFile.ts'
import {
  type ManifestChange,
  type NetworkManifest,
  type NetworkSetup,
  plannedNodes,
  rememberInManifest,
  setUpNetwork,
} from './setup.ts'
import { startAll } from './startAll.ts'
import { tightenNetwork } from './tighten.ts'

export type { NodeExit } from './nodeSlot.ts'

export interface NetworkOptions {
  readonly dataDir: string
  /** Undefined: as the directory has it, or 4. */
  readonly nodes: number | undefined
  /** JSON-RPC port of node 1; the others count up. */
  readonly port: number
  readonly host: string
  readonly reset: boolean
  /** Whether the network is in dev mode; undefined: as the directory has it, and a new one is. */
  readonly dev?: boolean | undefined
  /** Prices of a new network; undefined: as the directory has it, or `touchstone/1`. */
  readonly schedule?: PriceSchedule | undefined
  /** A new network has the contracts that tools look for at fixed addresses; true unless said. */
  readonly predeploys?: boolean | undefined
  /** Undefined: blocks are made when there are transactions. */
  readonly blockTimeMs: number | undefined
  /** Which pages may call, which methods, and how long and dear calls may be; absent fields have the node's defaults. */
  readonly calls?: Omit<NodeConfigJson['rpc'], 'host' | 'port'>
  /** Each node gives metrics: node 1 at this port, the others count up. Undefined: none do. */
  readonly metrics?: { readonly host: string; readonly port: number } | undefined
  /** Newest blocks whose states each node keeps; null for all, undefined for the node's default. */
  readonly keepStates?: number | null | undefined
  readonly logLevel: NodeConfigJson['logLevel']
  /** JSON unless it says otherwise. */
  readonly logFormat?: NodeConfigJson['logFormat']
  readonly engine: NetworkEngine
  /**
   * `proxied`: nodes talk through the proxies of links/ from the start. Otherwise (`direct`) they do from the first order
   * on that does something to a link or pauses a node.
   */
  readonly links?: 'direct' | 'proxied'
  /** Losses and jitter of links are drawn from it. Undefined: always the same. */
  readonly linkSeed?: string
}

export interface NetworkLinks {
  /** Every node has moved: each byte between nodes goes through a proxy, which counts it. */
  readonly proxied: boolean
  readonly groups: readonly (readonly number[])[] | null
  readonly directions: readonly LinkStanding[]
}

export interface Network {
  /** As it was when the network had started. */
  readonly ready: ReadyFile
  readonly paths: NetworkPaths
  /** False when the directory held the network already. */
  readonly created: boolean
  /** As it is now. */
  describe(): ReadyFile
  /** A node that ended without being asked to. */
  onExit(listener: (exit: NodeExit) => void): void
  /** A node was added. */
  onAdd(listener: () => void): void
  /** Each block that a node executes from now on, with the node's number; of nodes that are added, too. For one listener. */
  onHead(listener: (index: number, head: Head) => void): void
  /** kill -9. */
  kill(index: number): Promise<void>
  /** Starts a node that was killed or stopped, with its directory as it is. */
  start(index: number): Promise<void>
  /** Asks one node to stop and waits for it. */
  stopNode(index: number): Promise<void>
  /** SIGSTOP. Opens the links. */
  pause(index: number): Promise<void>
  /** SIGCONT. */
  resume(index: number): Promise<void>
  /** Stops a node and deletes its chain; it stays stopped. */
  wipe(index: number, options: WipeOptions): Promise<void>
  /**
   * Starts one more node, which follows and does not vote; it is there at the next start too. With `snapshot` it begins
   * with the state of a recent block, and resolves when it has it; otherwise it executes every block.
   */
  add(sync?: SyncMode): Promise<ReadyNode>
  /** Nodes of different groups hear nothing of each other; those not named are one more group. Opens the links. */
  partition(groups: readonly (readonly number[])[]): Promise<void>
  /** Ends the partition; delays and losses stay. */
  heal(): void
  /** Null for every link. Opens the links. @returns how many directions it was. */
  shapeLinks(directions: readonly Direction[] | null, change: Partial<LinkShape>): Promise<number>
  /** Takes delay, loss and the rest off. @returns how many directions had any. */
  resetLinks(directions: readonly Direction[] | null): number
  links(): NetworkLinks
  /** Asks every node to stop and waits for all; the state stays. */
  stop(): Promise<void>
}

/**
 * Starts every node and waits until each answers, or until `interrupted` aborts. However this process ends, but for a
 * SIGKILL, its nodes end with it.
 * @throws CliError; nothing is left running then.
 */
export async function startNetwork(
  options: NetworkOptions,
  progress: (line: string) => void,
  interrupted?: AbortSignal,
): Promise<Network> {
  installOpenssl()
  const paths = networkPaths(options.dataDir)
  const running = readRunning(paths)
  if (running !== null) {
    throw new CliError(`a network is running in ${paths.root} already (node 1: ${running.nodes[0]?.rpc})`, {
      hint: 'use it, stop it with Ctrl-C where it runs, or start another one with --data DIR --port PORT',
    })
  }
  // Before anything is written or deleted.
  const { validators, followers } = plannedNodes(paths, options)
  const count = validators + followers
  const rpcPorts = await requirePorts(options.host, options.port, count)
  const { metrics } = options
  const metricsPorts =
    metrics === undefined ? [] : await requirePorts(metrics.host, metrics.port, count, '--metrics-port')
  refuseSharedPorts(rpcPorts, metricsPorts)
  const peerPorts = await findPeerPorts(options.host, count, [...rpcPorts, ...metricsPorts])
  interrupted?.throwIfAborted()
  const now = BigInt(Math.floor(Date.now() / 1000))
  const { nodes, reset, dev, schedule, predeploys } = options
  const setup = await setUpNetwork(paths, { nodes, reset, dev, schedule, predeploys, now })
  const tightened = tightenNetwork(paths)
  if (tightened > 0) {
    progress(
      `${tightened} files and folders of ${paths.root} that hold keys could be opened by others on this machine: now their owner alone can`,
    )
  }
  const places = rpcPorts.map((rpcPort, position): NodePlace => {
    const index = position + 1
    const isValidator = index <= validators
    const engine = isValidator ? engineOfNode(options.engine, index, validators) : followerEngine(options.engine)
    const peerPort = peerPorts[position]!
    const metricsPort = metricsPorts[position] ?? null
    return { index, isValidator, rpcPort, peerPort, metricsPort, engine, sync: 'blocks' }
  })
  const network = new RunningNetwork(options, paths, setup, progress)
  progress(
    `${setup.created ? 'creating' : 'opening'} ${paths.root} and starting ${count} node${count === 1 ? '' : 's'}`,
  )
  const abortStarts = () => network.abortStarts()
  interrupted?.addEventListener('abort', abortStarts)
  try {
    if (options.links === 'proxied') await network.openLinks()
    for (const place of places) await network.addPlace(place)
    // A first start that was interrupted is made again as the first: a record that was begun then is not begun anew.
    const started = await startAll(
      places.map(({ index }) => network.slot(index)),
      !setup.manifest.begun,
    )
    const failure = started.find((result) => result.status === 'rejected')
    interrupted?.throwIfAborted()
    if (failure !== undefined) throw failure.reason
    if (!setup.manifest.begun) network.remember({ begun: true })
  } catch (error) {
    await network.stop()
    throw error
  } finally {
    interrupted?.removeEventListener('abort', abortStarts)
  }
  return network.open()
}

/** @throws CliError */
function refuseSharedPorts(rpcPorts: readonly number[], metricsPorts: readonly number[]): void {
  const shared = metricsPorts.find((port) => rpcPorts.includes(port))
  if (shared === undefined) return
  throw usageError(
    `--metrics-port ${metricsPorts[0]}: port ${shared} is for JSON-RPC`,
    `the nodes take the ports ${rpcPorts[0]} to ${rpcPorts.at(-1)} for it (--port)`,
  )
}

/** Followers are compared with the validators, which run the other engine too. */
function followerEngine(engine: NetworkEngine): NodeConfigJson['engine'] {
  return engine === 'reference' ? 'reference' : 'compiled'
}

class RunningNetwork {
  readonly #options: NetworkOptions
  readonly #paths: NetworkPaths
  readonly #setup: NetworkSetup
  #manifest: NetworkManifest
  readonly #links: LinkMesh
  readonly #facts: NetworkFacts
  readonly #progress: (line: string) => void
  readonly #accounts: readonly DevAccount[]
  readonly #places = new Map<number, NodePlace>()
  readonly #slots = new Map<number, NodeSlot>()
  readonly #exitListeners: ((exit: NodeExit) => void)[] = []
  readonly #addListeners: (() => void)[] = []
  #onHead: ((index: number, head: Head) => void) | null = null
  /** As each node said at its last start. */
  readonly #peerAddresses = new Map<number, string>()
  #genesisHash = ''
  #opened = false
  #closing = false
  #adding: Promise<unknown> = Promise.resolve()
  #opening: Promise<void> | null = null
  /** No node is left that reaches another but through a proxy. */
  #isProxied = false

  constructor(options: NetworkOptions, paths: NetworkPaths, setup: NetworkSetup, progress: (line: string) => void) {
    this.#options = options
    this.#paths = paths
    this.#setup = setup
    this.#manifest = setup.manifest
    this.#accounts = setup.accounts
    this.#links = new LinkMesh(options.linkSeed ?? 'devnet')
    const { mnemonic, controllerKey } = this.#manifest
    this.#facts = { options, paths, mnemonic, accounts: this.#accounts, controllerKey, links: this.#links }
    this.#progress = progress
    // Before what removes the folder.
    process.prependListener('exit', this.#abandon)
  }

  abortStarts(): void {
    for (const slot of this.#slots.values()) slot.abortStart()
  }

  /** As this process ends without having stopped the network. */
  readonly #abandon = (): void => {
    for (const slot of this.#slots.values()) slot.abandon()
    this.#removeTraces()
  }

  #removeTraces(): void {
    for (const path of [this.#paths.running, this.#paths.control]) rmSync(path, { force: true })
  }

  /** It is started through its slot. */
  async addPlace(place: NodePlace): Promise<void> {
    const { index, isValidator } = place
    await this.#links.add(index, { host: reachableHost(this.#options.host), port: place.peerPort })
    this.#places.set(index, place)
    const slot = new NodeSlot({
      index,
      isValidator,
      paths: this.#paths.node(index),
      config: (isNew) => nodeConfig(place, isNew, this.#others(index), this.#facts),
      onExit: (exit) => {
        this.#writeReadyFile()
        for (const listener of this.#exitListeners) listener(exit)
      },
    })
    this.#slots.set(index, slot)
    this.#followHeads(slot)
  }

  #others(index: number): readonly number[] {
    return [...this.#places.keys()].filter((other) => other !== index)
  }

  /**
   * Every node reaches the others through proxies alone once it resolves, and has met them there: before that, nothing may
   * be done to a link, as a connection from before would be a way round it.
   * @throws CliError when a node does not follow; asked for again, it is tried again.
   */
  openLinks(): Promise<void> {
    this.#opening ??= this.#openLinks().catch((error: unknown) => {
      this.#opening = null
      throw error
    })
    return this.#opening
  }

  async #openLinks(): Promise<void> {
    if (this.#closing) throw new CliError('the network is being stopped')
    await this.#links.open().catch((error: unknown) => {
      const refused = systemError(error)
      throw refused === null ? error : new CliError(`the links cannot be opened: ${refused.message}`)
    })
    if (this.#slots.size >= 2) await this.#movePeers()
    this.#isProxied = true
  }

  async #movePeers(): Promise<void> {
    this.#progress(`the nodes connect anew: ${PROXIED_FROM_NOW_ON}`)
    // Starts from here on have the new addresses; those under way have the old ones, and are moved when they are done.
    const moves = [...this.#slots.values()].map((slot) =>
      slot.movePeers(() => peerAddresses(slot.index, this.#others(slot.index), this.#facts)),
    )
    await Promise.all(moves)
  }

  #followHeads(slot: NodeSlot): void {
    const listener = this.#onHead
    if (listener !== null) slot.followHeads((head) => listener(slot.index, head))
  }

  /** @throws CliError */
  slot(index: number): NodeSlot {
    const slot = this.#slots.get(index)
    if (slot !== undefined) return slot
    throw usageError(`there is no node ${index}`, `the network has nodes 1 to ${this.#slots.size}`)
  }

  remember(change: ManifestChange): void {
    this.#manifest = rememberInManifest(this.#paths, this.#manifest, change)
  }

  open(): Network {
    this.#opened = true
    const ready = this.describe()
    writeJsonFile(this.#paths.running, ready)
    const changing = async (work: Promise<void>) => {
      await work
      this.#writeReadyFile()
    }
    return {
      ready,
      paths: this.#paths,
      created: this.#setup.created,
      describe: () => this.describe(),
      onExit: (listener) => void this.#exitListeners.push(listener),
      onAdd: (listener) => void this.#addListeners.push(listener),
      onHead: (listener) => {
        this.#onHead = listener
        for (const slot of this.#slots.values()) this.#followHeads(slot)
      },
      kill: async (index) => changing(this.slot(index).kill()),
      start: async (index) => changing(this.slot(index).start()),
      stopNode: async (index) => changing(this.slot(index).stop()),
      pause: async (index) => changing(this.#pause(index)),
      resume: async (index) => changing(this.slot(index).resume()),
      wipe: async (index, options) => changing(this.#wipe(index, options)),
      add: (sync = 'blocks') => this.#add(sync),
      partition: async (groups) => {
        for (const index of groups.flat()) this.slot(index)
        await this.openLinks()
        this.#links.partition(groups)
        this.#writeReadyFile()
      },
      heal: () => {
        this.#links.heal()
        this.#writeReadyFile()
      },
      shapeLinks: async (directions, change) => {
        const known = this.#known(directions)
        await this.openLinks()
        return this.#links.shape(known, change)
      },
      resetLinks: (directions) => this.#links.reset(this.#known(directions)),
      links: () => ({ proxied: this.#isProxied, groups: this.#links.groups, directions: this.#links.list() }),
      stop: () => this.stop(),
    }
  }

  describe(): ReadyFile {
    const slots = [...this.#slots.values()]
    for (const { index, process: child } of slots) {
      if (child === null) continue
      this.#peerAddresses.set(index, child.ready.p2p[0] ?? '')
      this.#genesisHash = child.ready.genesisHash
    }
    return {
      chainId: Number(this.#setup.genesis.chainId),
      genesisHash: this.#genesisHash,
      dev: this.#manifest.controllerKey !== null,
      runner: process.pid,
      mnemonic: this.#manifest.mnemonic,
      accounts: this.#accounts,
      partition: this.#links.groups,
      nodes: slots.map((slot) => this.#readyNode(slot)),
    }
  }

  async stop(): Promise<void> {
    this.#closing = true
    const closing = [...this.#slots.values()].map((slot) => slot.close())
    await this.#adding
    await Promise.all([...closing, ...[...this.#slots.values()].map((slot) => slot.close())])
    await this.#links.close()
    this.#opened = false
    this.#removeTraces()
    process.off('exit', this.#abandon)
  }

  #readyNode({ index, isValidator, state, process: child, paths }: NodeSlot): ReadyNode {
    const place = this.#places.get(index)!
    const at = authority(reachableHost(this.#options.host), place.rpcPort)
    return {
      index,
      rpc: `http://${at}`,
      ws: `ws://${at}`,
      metrics: this.#metricsUrl(place),
      p2p: this.#peerAddresses.get(index) ?? '',
      engine: place.engine,
      validator: isValidator,
      validatorKey: isValidator ? toHex(this.#setup.genesis.validators[index - 1]!.publicKey) : null,
      state,
      pid: child?.pid ?? null,
      dataDir: paths.root,
      logFile: paths.log,
    }
  }

  #metricsUrl({ metricsPort }: NodePlace): string | null {
    const { metrics } = this.#options
    if (metrics === undefined || metricsPort === null) return null
    return `http://${authority(reachableHost(metrics.host), metricsPort)}/metrics`
  }

  /** A full disk keeps this from being written, and changes nothing of what was done to a node. */
  #writeReadyFile(): void {
    if (!this.#opened) return
    try {
      writeJsonFile(this.#paths.running, this.describe())
    } catch (error) {
      const refused = systemError(error)
      if (refused === null) throw error
      this.#progress(`other commands see the nodes as they were before: ${refused.message}`)
    }
  }

  /** A paused node could not give up its connections, nor could the one at their other end if it is paused too. */
  async #pause(index: number): Promise<void> {
    const slot = this.slot(index)
    requirePausing()
    // One that is starting will run when its turn to be paused comes.
    await slot.settled()
    if (slot.state === 'running') await this.openLinks()
    await slot.pause()
  }

  async #wipe(index: number, options: WipeOptions): Promise<void> {
    const slot = this.slot(index)
    const others = [...this.#slots.values()].filter((other) => other !== slot)
    if (!others.some(({ hasChain }) => hasChain)) {
      throw new CliError(`node ${index} is the only one that has the chain`, {
        hint: 'to start the whole network afresh: stop it, then devnet up --reset',
      })
    }
    await slot.wipe(options)
  }

  async #add(sync: SyncMode): Promise<ReadyNode> {
    const turn = this.#adding.then(async () => {
      const index = this.#slots.size + 1
      if (index > MAX_NODE_COUNT) throw new CliError(`a devnet has at most ${MAX_NODE_COUNT} nodes`)
      const { host, metrics } = this.#options
      const places = [...this.#places.values()]
      const taken = places.flatMap(({ rpcPort, peerPort, metricsPort }) => [rpcPort, peerPort, metricsPort ?? rpcPort])
      const rpcPort = await findPort(host, this.#options.port + index - 1, taken, "the node's JSON-RPC")
      const metricsPort =
        metrics === undefined
          ? null
          : await findPort(metrics.host, metrics.port + index - 1, [...taken, rpcPort], "the node's metrics")
      const [peerPort] = await findPeerPorts(host, 1, [...taken, rpcPort, metricsPort ?? rpcPort])
      const place = {
        index,
        isValidator: false,
        rpcPort,
        peerPort: peerPort!,
        metricsPort,
        engine: followerEngine(this.#options.engine),
        sync,
      }
      await this.addPlace(place)
      if (this.#closing) throw new CliError('the network is being stopped')
      await this.slot(index).start(true)
      this.remember({ followers: index - this.#manifest.nodes })
      this.#writeReadyFile()
      for (const listener of this.#addListeners) listener()
      return this.describe().nodes[index - 1]!
    })
    this.#adding = turn.catch(() => undefined)
    return turn
  }

  /** @throws CliError when a node does not exist. */
  #known(directions: readonly Direction[] | null): readonly Direction[] | null {
    for (const { from, to } of directions ?? []) {
      this.slot(from)
      this.slot(to)
    }
    return directions
  }
}
