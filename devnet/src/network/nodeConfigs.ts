/** The configuration of each node at its start: where it listens, whom it dials, which keys it has. */
import { multiaddrOfSeed, type NodeConfigJson, toHex } from '@touchstone/node'
import type { Hex } from 'viem'
import type { DevAccount } from './accounts.ts'
import type { SyncMode } from './control/command.ts'
import type { LinkMesh } from './links/linkMesh.ts'
import type { NetworkPaths } from './paths.ts'
import type { NetworkOptions } from './runner.ts'
import { deriveNodeKeys } from './setup.ts'

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

/** `others` are the nodes it dials. */
export async function nodeConfig(
  place: NodePlace,
  isNew: boolean,
  others: readonly number[],
  facts: NetworkFacts,
): Promise<NodeConfigJson> {
  const { options, paths, mnemonic, accounts, controllerKey } = facts
  const { index, isValidator } = place
  const keys = deriveNodeKeys(mnemonic, index)
  const bootstrap = peerAddresses(index, others, facts)
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
      bootstrap: await bootstrap,
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

/** Where a node dials others now, each at its own link, as multiaddrs. */
export function peerAddresses(
  index: number,
  others: readonly number[],
  { mnemonic, links }: Pick<NetworkFacts, 'mnemonic' | 'links'>,
): Promise<string[]> {
  const addresses = others.map((other) => {
    const { host, port } = links.address(index, other)
    return multiaddrOfSeed(deriveNodeKeys(mnemonic, other).peerSeed, host, port)
  })
  return Promise.all(addresses)
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
