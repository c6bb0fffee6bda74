/** The configuration of each node at its start: where it listens, whom it dials, which keys it has. */
import { multiaddrOfSeed, type NodeConfigJson, toHex } from '@touchstone/node'
import type { Hex } from 'viem'
import type { DevAccount } from './accounts.ts'
import type { SyncMode } from './control/command.ts'
import type { LinkMesh } from './links/linkMesh.ts'
import type { NetworkPaths } from './paths.ts'
import type { NetworkOptions } from './runner.ts'
import { deriveNodeKeys } from './setup.ts'

/** Where the proxies listen (links/linkProxy.ts). */
const proxyHost = '127.0.0.1'

export interface NodePlace {
  readonly index: number
  readonly isValidator: boolean
  readonly rpcPort: number
  readonly peerPort: number
  /** Null where no metrics are kept. */
  readonly metricsPort: number | null
  readonly engine: NodeConfigJson['engine']
  /** How it gets the chain when its directory is empty. */
  readonly sync: SyncMode
}

/** `others` are the nodes it dials, each at its own link. */
export async function nodeConfig(
  place: NodePlace,
  isNew: boolean,
  others: readonly number[],
  { options, paths, mnemonic, accounts, controllerKey, links }: NetworkFacts,
): Promise<NodeConfigJson> {
  const { index, isValidator } = place
  const keys = deriveNodeKeys(mnemonic, index)
  const bootstrap = others.map((other) =>
    multiaddrOfSeed(deriveNodeKeys(mnemonic, other).peerSeed, proxyHost, links.port(index, other)),
  )
  return {
    name: `node-${index}`,
    genesisFile: paths.genesis,
    dataDir: paths.node(index).root,
    engine: place.engine,
    rpc: { host: options.host, port: place.rpcPort, ...options.calls },
    ...(place.metricsPort === null ? {} : { metrics: { host: options.metrics!.host, port: place.metricsPort } }),
    p2p: {
      host: options.host,
      port: place.peerPort,
      seed: toHex(keys.peerSeed),
      bootstrap: await Promise.all(bootstrap),
    },
    validatorSeed: isValidator ? toHex(keys.validatorSeed) : null,
    ...(controllerKey === null ? {} : { devControllerKey: controllerKey }),
    validatorIsNew: isNew,
    accounts: accounts.map(({ privateKey }) => privateKey),
    feeRecipient: toHex(keys.feeRecipient),
    sync: place.sync,
    blockTimeMs: options.blockTimeMs ?? null,
    ...(options.keepStates === undefined ? {} : { keepStates: options.keepStates }),
    logLevel: options.logLevel,
    logFormat: options.logFormat ?? 'json',
    logFile: paths.node(index).log,
  }
}

export interface NetworkFacts {
  readonly options: NetworkOptions
  readonly paths: NetworkPaths
  readonly mnemonic: string
  /** Those of the mnemonic. */
  readonly accounts: readonly DevAccount[]
  readonly controllerKey: Hex | null
  readonly links: LinkMesh
}

/** An address that programs on this machine can connect to: 0.0.0.0 means "all of them", which is none to dial. */
export function reachableHost(host: string): string {
  if (host === '0.0.0.0') return '127.0.0.1'
  return /^[0:]+$/.test(host) && host.includes(':') ? '::1' : host
}

/** Host and port as they stand in a URL (RFC 3986, 3.2.2): IPv6 addresses in brackets. */
export function authority(host: string, port: number): string {
  return `${host.includes(':') ? `[${host}]` : host}:${port}`
}
