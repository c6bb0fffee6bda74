/** Where a network keeps what: one folder for the network, one below it for each node. */
import { join, resolve } from 'node:path'

export const defaultDataDir = '.devnet'

export interface NetworkPaths {
  readonly root: string
  /** Chain parameters, written once. */
  readonly genesis: string
  /** How the network was set up: node count, ports, keys. */
  readonly manifest: string
  /** The ready file: present while the network runs. */
  readonly running: string
  /** Where the running network takes orders, and the word that orders need (control/controlFile.ts). */
  readonly control: string
  /** Contracts deployed with `devnet deploy`, by name. */
  readonly deployments: string
  node(index: number): NodePaths
}

export interface NodePaths {
  readonly root: string
  readonly config: string
  readonly log: string
}

export function networkPaths(dataDir: string): NetworkPaths {
  const root = resolve(dataDir)
  return {
    root,
    genesis: join(root, 'genesis.json'),
    manifest: join(root, 'network.json'),
    running: join(root, 'running.json'),
    control: join(root, 'control.json'),
    deployments: join(root, 'deployments.json'),
    node(index) {
      const nodeRoot = join(root, `node-${index}`)
      return { root: nodeRoot, config: join(nodeRoot, 'config.json'), log: join(nodeRoot, 'node.log') }
    },
  }
}
