/**
 * Sets a network up on disk, once: genesis, node count. Everything that may change from run to run (ports, host,
 * block time) is not kept here but written into each node's config at every start.
 */
import { randomBytes } from 'node:crypto'
import { existsSync, rmSync } from 'node:fs'
import {
  addressOfPrivateKey,
  ed25519PublicKey,
  fromHex,
  type Genesis,
  type GenesisAccount,
  genesisToJson,
  keccak256,
  parseGenesis,
  toHex,
} from '@touchstone/node'
import { makePrivateDirectory } from '@touchstone/node/private-files'
import type { Hex } from 'viem'
import { CliError, systemError, usageError } from '../output/errors.ts'
import { DEV_ACCOUNT_BALANCE, type DevAccount, devMnemonic } from './accounts.ts'
import { devAccounts } from './devAccounts.ts'
import { readJsonFile, writeJsonFile } from './jsonFile.ts'
import { MAX_NODE_COUNT } from './limits.ts'
import type { NetworkPaths } from './paths.ts'
import type { PriceSchedule } from './priceSchedules.ts'

const DEFAULT_NODE_COUNT = 4
const DEV_CHAIN_ID = 31337n
const MANIFEST_VERSION = 1

/** Parameters of a fresh devnet; a genesis file of one's own may say otherwise. */
const DEV_GAS_LIMIT = 30_000_000n
const DEV_BASE_FEE = 1_000_000_000n
const devSchedule: PriceSchedule = 'touchstone/1'

export interface NetworkManifest {
  readonly version: number
  /** Validators. */
  readonly nodes: number
  /** Nodes added later, which only follow: numbered after the validators. */
  readonly followers: number
  /** All nodes have started once: from then on a validator without its record of what it signed has lost it. */
  readonly begun: boolean
  readonly mnemonic: string
  /**
   * Private key of the controller of dev mode; null where the genesis has none. Not derived from anything that others know.
   */
  readonly controllerKey: Hex | null
}

/** Secrets of one node. Derived from public constants: a devnet's keys are well known, but for that of its controller. */
export interface NodeKeys {
  /** ed25519 seed, 32 bytes: signs proposals and votes. */
  readonly validatorSeed: Uint8Array
  /** ed25519 seed, 32 bytes: the libp2p identity. */
  readonly peerSeed: Uint8Array
  /** 20 bytes: receives the tips of the blocks it proposes. */
  readonly feeRecipient: Uint8Array
}

export function deriveNodeKeys(mnemonic: string, index: number): NodeKeys {
  const derive = (purpose: string) =>
    keccak256(new TextEncoder().encode(`touchstone devnet\n${mnemonic}\n${purpose} ${index}`))
  return {
    validatorSeed: derive('validator'),
    peerSeed: derive('peer'),
    feeRecipient: derive('fee recipient').subarray(12),
  }
}

export interface SetupOptions {
  /** Undefined: as the directory has it, or the default for a new one. */
  readonly nodes: number | undefined
  readonly reset: boolean
  /** Seconds since the Unix epoch, for a new genesis. */
  readonly now: bigint
  /** Whether the genesis is in dev mode; undefined: as the directory has it, and a new one is. */
  readonly dev?: boolean | undefined
  /** Of a new genesis; undefined: as the directory has it, or `touchstone/1`. */
  readonly schedule?: PriceSchedule | undefined
  /** A new genesis has the contracts of predeploys.ts; true unless said. */
  readonly predeploys?: boolean | undefined
}

export interface NetworkSetup {
  readonly manifest: NetworkManifest
  readonly genesis: Genesis
  /** Those of the manifest's mnemonic. */
  readonly accounts: readonly DevAccount[]
  /** False when the directory held a network already. */
  readonly created: boolean
}

/** How many nodes a start with these options will have. Changes nothing. @throws CliError */
export function plannedNodes(
  paths: NetworkPaths,
  { nodes, reset }: Pick<SetupOptions, 'nodes' | 'reset'>,
): { readonly validators: number; readonly followers: number } {
  if (nodes !== undefined && !isNodeCount(nodes)) {
    throw usageError(`--nodes ${nodes}: a devnet has 1 to ${MAX_NODE_COUNT} nodes`)
  }
  const existing = reset ? null : readManifest(paths)
  if (existing === null) return { validators: nodes ?? DEFAULT_NODE_COUNT, followers: 0 }
  if (nodes !== undefined && nodes !== existing.nodes) {
    throw new CliError(
      `${paths.root} holds a network of ${existing.nodes} ${existing.nodes === 1 ? 'node' : 'nodes'}, not ${nodes}`,
      {
        hint: `leave out --nodes to go on with it, use --data DIR for another one, or --reset to delete it and start afresh`,
      },
    )
  }
  return { validators: existing.nodes, followers: existing.followers }
}

/** Opens the network in the directory, or creates one. @throws CliError */
export async function setUpNetwork(paths: NetworkPaths, options: SetupOptions): Promise<NetworkSetup> {
  plannedNodes(paths, options)
  if (options.reset) removeNetwork(paths)
  const existing = readManifest(paths)
  if (existing === null) {
    if (options.predeploys === false) return createNetwork(paths, options, [])
    // Loaded here so that a network that is there already needs no compiler.
    const { predeployedAccounts } = await import('./predeploys.ts')
    return createNetwork(paths, options, await predeployedAccounts())
  }
  const genesisJson = readJsonFile(paths.genesis)
  if (genesisJson === null) {
    throw new CliError(`${paths.genesis} is missing`, { hint: 'put it back, or start over with --reset' })
  }
  refuseOtherDevMode(paths, existing, options.dev)
  const genesis = genesisOf(paths, genesisJson)
  if (options.schedule !== undefined && options.schedule !== genesis.schedule) {
    throw new CliError(`the network in ${paths.root} has the prices of ${genesis.schedule}, which never change`, {
      hint: 'leave out --schedule to go on with it, use --reset to delete it and start afresh, or --data DIR for another one',
    })
  }
  if (options.predeploys === false && genesis.alloc.some(({ code }) => code !== undefined)) {
    throw new CliError(`the network in ${paths.root} was made with contracts in its genesis, which it has for good`, {
      hint: 'leave out --no-predeploys to go on with it, use --reset to delete it and start afresh, or --data DIR for another one',
    })
  }
  return { manifest: existing, genesis, accounts: await devAccounts(existing.mnemonic), created: false }
}

/** @throws CliError: a genesis is in dev mode for ever, or never. */
function refuseOtherDevMode(
  { root }: NetworkPaths,
  { controllerKey }: NetworkManifest,
  dev: boolean | undefined,
): void {
  if (dev === undefined || dev === (controllerKey !== null)) return
  const [made, option] = dev ? ['without dev mode', '--dev'] : ['in dev mode', '--no-dev']
  throw new CliError(`the network in ${root} was made ${made}, which its genesis says for good`, {
    hint: `leave out ${option} to go on with it, use --reset to delete it and start afresh, or --data DIR for another one`,
  })
}

/** @throws CliError */
export function genesisOf(paths: NetworkPaths, json: unknown): Genesis {
  try {
    return parseGenesis(json)
  } catch (error) {
    throw new CliError(`${paths.genesis} is not a genesis: ${(error as Error).message}`, {
      hint: 'put back the one that the network was made with, or start over with --reset',
      cause: error,
    })
  }
}

/** Null when there is no network in the directory. */
export function readManifest(paths: NetworkPaths): NetworkManifest | null {
  const json = readJsonFile(paths.manifest) as Partial<NetworkManifest> | null
  if (json === null) return null
  if (json.version !== MANIFEST_VERSION || !isNodeCount(json.nodes) || !isMnemonic(json.mnemonic)) {
    throw new CliError(`${paths.manifest} was not written by this version of devnet`, {
      hint: 'start over with --reset, or use --data DIR',
    })
  }
  const followers = json.followers ?? 0
  if (!Number.isInteger(followers) || followers < 0 || json.nodes + followers > MAX_NODE_COUNT) {
    throw new CliError(
      `${paths.manifest}: "followers" must be a whole number, and at most ${MAX_NODE_COUNT} nodes in all`,
    )
  }
  const begun = json.begun ?? true
  if (typeof begun !== 'boolean') throw new CliError(`${paths.manifest}: "begun" must be true or false`)
  const controllerKey = json.controllerKey ?? null
  if (controllerKey !== null && !isPrivateKey(controllerKey)) {
    throw new CliError(`${paths.manifest}: "controllerKey" must be 0x and 64 hex digits`)
  }
  return { version: MANIFEST_VERSION, nodes: json.nodes, followers, begun, mnemonic: json.mnemonic, controllerKey }
}

/** The type comes first: a pattern takes an array of one key for the key's text. */
function isPrivateKey(value: unknown): value is Hex {
  return typeof value === 'string' && /^0x[0-9a-f]{64}$/i.test(value)
}

export type ManifestChange = Partial<Pick<NetworkManifest, 'followers' | 'begun'>>

/** Writes what changed; from the next start on the network has it. */
export function rememberInManifest(
  paths: NetworkPaths,
  manifest: NetworkManifest,
  change: ManifestChange,
): NetworkManifest {
  const changed = { ...manifest, ...change }
  writeJsonFile(paths.manifest, changed)
  return changed
}

async function createNetwork(
  paths: NetworkPaths,
  options: SetupOptions,
  predeploys: readonly GenesisAccount[],
): Promise<NetworkSetup> {
  const manifest: NetworkManifest = {
    version: MANIFEST_VERSION,
    nodes: options.nodes ?? DEFAULT_NODE_COUNT,
    followers: 0,
    begun: false,
    mnemonic: devMnemonic,
    controllerKey: options.dev === false ? null : toHex(randomBytes(32)),
  }
  const accounts = await devAccounts(manifest.mnemonic)
  const addresses = accounts.map(({ address }) => fromHex(address))
  const genesis: Genesis = {
    chainId: DEV_CHAIN_ID,
    timestamp: options.now,
    gasLimit: DEV_GAS_LIMIT,
    baseFeePerGas: DEV_BASE_FEE,
    schedule: options.schedule ?? devSchedule,
    validators: Array.from({ length: manifest.nodes }, (_, position) => {
      const keys = deriveNodeKeys(manifest.mnemonic, position + 1)
      return {
        publicKey: ed25519PublicKey(keys.validatorSeed),
        power: 1n,
        feeRecipient: keys.feeRecipient,
        // Accounts at hand, so that a user who plays with the network can change its validators.
        operator: addresses[position % addresses.length]!,
      }
    }),
    alloc: [...addresses.map((address) => ({ address, balance: DEV_ACCOUNT_BALANCE })), ...predeploys],
    ...(manifest.controllerKey === null
      ? {}
      : { dev: { controller: addressOfPrivateKey(fromHex(manifest.controllerKey)) } }),
  }
  makeFolder(paths.root)
  writeJsonFile(paths.genesis, genesisToJson(genesis))
  writeJsonFile(paths.manifest, manifest)
  return { manifest, genesis, accounts, created: true }
}

/** @throws CliError naming the folder and why there can be none. */
function makeFolder(path: string): void {
  try {
    makePrivateDirectory(path)
  } catch (error) {
    const refused = systemError(error)
    if (refused === null) throw error
    throw new CliError(`--data: cannot make the folder ${path}: ${refused.message}`, {
      hint: 'name a folder that this user may write to: --data DIR',
      cause: error,
    })
  }
}

function isNodeCount(value: unknown): value is number {
  return Number.isInteger(value) && (value as number) >= 1 && (value as number) <= MAX_NODE_COUNT
}

/** As many words as BIP-39 knows; their checksum is not looked at, as development mnemonics need not have one. */
function isMnemonic(value: unknown): value is string {
  if (typeof value !== 'string' || !/^\w+( \w+)*$/.test(value)) return false
  return [12, 15, 18, 21, 24].includes(value.split(' ').length)
}

/** Deletes what devnet put there and nothing else, so that a wrong --data cannot cost anyone their files. */
function removeNetwork(paths: NetworkPaths): void {
  const manifest = existsSync(paths.manifest)
  if (!manifest) return
  for (let index = 1; index <= MAX_NODE_COUNT; index++) rmSync(paths.node(index).root, { recursive: true, force: true })
  for (const file of [paths.genesis, paths.manifest, paths.running, paths.control, paths.deployments])
    rmSync(file, { force: true })
}
