/** A network of node processes on this machine: starts them, knows them, stops them. Used by `devnet up` and by tests. */
import { mkdirSync, rmSync } from 'node:fs'
import { multiaddrOfSeed, type NodeConfigJson } from '@touchstone/node'
import { bytesToHex } from 'viem'
import { CliError } from '../output/errors.ts'
import { deriveAccounts } from './accounts.ts'
import { engineOfNode, type NetworkEngine } from './engines.ts'
import { writeJsonFile } from './jsonFile.ts'
import { type NodeProcess, startNodeProcess } from './nodeProcess.ts'
import { type NetworkPaths, networkPaths } from './paths.ts'
import { findPeerPorts, requirePorts } from './ports.ts'
import { type ReadyFile, type ReadyNode, readRunning } from './readyFile.ts'
import { deriveNodeKeys, setUpNetwork } from './setup.ts'

export interface NetworkOptions {
  readonly dataDir: string
  /** Undefined: as the directory has it, or 4. */
  readonly nodes: number | undefined
  /** JSON-RPC port of node 1; the others count up. */
  readonly port: number
  readonly host: string
  readonly reset: boolean
  /** Undefined: blocks are made when there are transactions. */
  readonly blockTimeMs: number | undefined
  readonly logLevel: NodeConfigJson['logLevel']
  readonly engine: NetworkEngine
}

export interface NodeExit {
  readonly index: number
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
  readonly logFile: string
}

export interface Network {
  readonly ready: ReadyFile
  readonly paths: NetworkPaths
  /** False when the directory held the network already. */
  readonly created: boolean
  /** A node that ended without being asked to. */
  onExit(listener: (exit: NodeExit) => void): void
  /** kill -9. */
  kill(index: number): Promise<void>
  /** Starts a node that was killed or stopped, with its directory as it is. */
  start(index: number): Promise<void>
  signal(index: number, name: NodeJS.Signals): void
  /** Asks every node to stop and waits for all; the state stays. */
  stop(): Promise<void>
}

/** Starts every node and waits until each answers. @throws CliError; nothing is left running then. */
export async function startNetwork(options: NetworkOptions, progress: (line: string) => void): Promise<Network> {
  const paths = networkPaths(options.dataDir)
  const running = readRunning(paths)
  if (running !== null) {
    throw new CliError(`a network is running in ${paths.root} already (node 1: ${running.nodes[0]?.rpc})`, {
      hint: 'use it, stop it with Ctrl-C where it runs, or start another one with --data DIR --port PORT',
    })
  }
  const now = BigInt(Math.floor(Date.now() / 1000))
  const setup = setUpNetwork(paths, { nodes: options.nodes, reset: options.reset, now })
  const count = setup.manifest.nodes
  const indices = Array.from({ length: count }, (_, position) => position + 1)
  await requirePorts(
    options.host,
    indices.map((index) => options.port + index - 1),
  )
  const peerPorts = await findPeerPorts(options.host, count)
  const configs = await nodeConfigs(options, paths, setup.manifest.mnemonic, peerPorts)
  let isNew = setup.created

  const exitListeners: ((exit: NodeExit) => void)[] = []
  const processes = new Map<number, NodeProcess>()
  const startOne = async (index: number) => {
    const logFile = paths.node(index).log
    const started = await startNodeProcess(index, paths.node(index), { ...configs[index - 1]!, validatorIsNew: isNew })
    processes.set(index, started)
    void started.exited.then(({ code, signal }) => {
      if (processes.get(index) === started) processes.delete(index)
      if (!started.stopping) for (const listener of exitListeners) listener({ index, code, signal, logFile })
    })
    return started
  }
  const stopAll = async () => {
    await Promise.all([...processes.values()].map((node) => node.stop()))
    rmSync(paths.running, { force: true })
  }

  progress(
    `${setup.created ? 'creating' : 'opening'} ${paths.root} and starting ${count} node${count === 1 ? '' : 's'}`,
  )
  const started = await Promise.allSettled(indices.map(startOne))
  const failure = started.find((result) => result.status === 'rejected')
  if (failure !== undefined) {
    await stopAll()
    throw failure.reason
  }

  // A node started again later that finds no record of its votes has lost it.
  isNew = false

  const describe = (): ReadyFile => ({
    chainId: Number(setup.genesis.chainId),
    genesisHash: processes.values().next().value!.ready.genesisHash,
    mnemonic: setup.manifest.mnemonic,
    accounts: deriveAccounts(setup.manifest.mnemonic),
    nodes: [...processes.values()]
      .sort((a, b) => a.index - b.index)
      .map((node) => readyNode(node, options.host, paths)),
  })
  const ready = describe()
  writeJsonFile(paths.running, ready)

  return {
    ready,
    paths,
    created: setup.created,
    onExit: (listener) => void exitListeners.push(listener),
    async kill(index) {
      await requireProcess(processes, index).kill()
    },
    async start(index) {
      if (processes.has(index)) throw new CliError(`node ${index} is running`)
      await startOne(index)
      writeJsonFile(paths.running, describe())
    },
    signal: (index, name) => requireProcess(processes, index).signal(name),
    stop: stopAll,
  }
}

async function nodeConfigs(
  options: NetworkOptions,
  paths: NetworkPaths,
  mnemonic: string,
  peerPorts: readonly number[],
): Promise<Omit<NodeConfigJson, 'validatorIsNew'>[]> {
  const keys = peerPorts.map((_, position) => deriveNodeKeys(mnemonic, position + 1))
  const dialHost = reachableHost(options.host)
  const addresses = await Promise.all(
    keys.map(({ peerSeed }, position) => multiaddrOfSeed(peerSeed, dialHost, peerPorts[position]!)),
  )
  return keys.map((own, position) => {
    const nodeRoot = paths.node(position + 1).root
    mkdirSync(nodeRoot, { recursive: true })
    return {
      name: `node-${position + 1}`,
      genesisFile: paths.genesis,
      dataDir: nodeRoot,
      engine: engineOfNode(options.engine, position + 1, keys.length),
      rpc: { host: options.host, port: options.port + position },
      p2p: {
        host: options.host,
        port: peerPorts[position]!,
        seed: bytesToHex(own.peerSeed),
        bootstrap: addresses.filter((_, other) => other !== position),
      },
      validatorSeed: bytesToHex(own.validatorSeed),
      feeRecipient: bytesToHex(own.feeRecipient),
      blockTimeMs: options.blockTimeMs ?? null,
      logLevel: options.logLevel,
    }
  })
}

function readyNode(node: NodeProcess, host: string, paths: NetworkPaths): ReadyNode {
  const authority = `${reachableHost(host)}:${node.ready.rpcPort}`
  return {
    index: node.index,
    rpc: `http://${authority}`,
    ws: `ws://${authority}`,
    p2p: node.ready.p2p[0] ?? '',
    engine: node.ready.engine,
    pid: node.pid,
    dataDir: paths.node(node.index).root,
    logFile: paths.node(node.index).log,
  }
}

/** An address that programs on this machine can connect to: 0.0.0.0 means "all of them", which is none to dial. */
function reachableHost(host: string): string {
  return host === '0.0.0.0' ? '127.0.0.1' : host
}

function requireProcess(processes: ReadonlyMap<number, NodeProcess>, index: number): NodeProcess {
  const found = processes.get(index)
  if (found === undefined) throw new CliError(`node ${index} is not running`)
  return found
}
