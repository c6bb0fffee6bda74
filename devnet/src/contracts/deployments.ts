/** The address book of a network: what `devnet deploy` put where, so that later commands can say `Token` for it. */
import { makePrivateDirectory } from '@touchstone/node/private-files'
import { type Abi, getAddress, type Hex, isAddress } from 'viem'
import { withFileLock } from '../network/fileLock.ts'
import { readJsonFile, writeJsonFile } from '../network/jsonFile.ts'
import type { NetworkPaths } from '../network/paths.ts'
import { CliError, usageError } from '../output/errors.ts'
import { printable } from '../output/printable.ts'
import { closest } from '../output/suggestion.ts'
import { AbiProblem, checkAbi } from './abiCheck.ts'

export interface Deployment {
  readonly name: string
  readonly address: Hex
  /** Of what was deployed. Absent in books of earlier versions, which have it read from `artifact`. */
  readonly abi?: Abi
  /** Path of the file it was deployed from: for people, and for books of earlier versions. */
  readonly artifact?: string
}

/** Oldest are forgotten beyond this. */
const MAX_DEPLOYMENTS = 1000
/** Columns of a name that are shown where it need not be whole. */
const MAX_NAME_WIDTH = 64
/** Names that are shown of those that could have been meant. */
const MAX_NAMES = 20

export function readDeployments(paths: NetworkPaths): readonly Deployment[] {
  const json = readJsonFile(paths.deployments)
  if (json === null) return []
  if (!Array.isArray(json) || !json.every(isDeployment)) {
    throw notABook(`${paths.deployments} is not an address book: a list of {name, address, abi}`)
  }
  return json.map((entry, position) => {
    const problem = abiProblem(entry)
    const { name, address } = entry
    if (problem === null) return { ...entry, address: getAddress(address) }
    const which = `entry ${position} (${printable(name, MAX_NAME_WIDTH)} ${getAddress(address)})`
    throw notABook(`${paths.deployments}: the ABI of ${which} is none: ${printable(problem)}`)
  })
}

function notABook(message: string): CliError {
  return new CliError(message, {
    hint: 'mend it by hand, or delete it: contracts can then be called by their address, with --abi FILE',
  })
}

/** The mistake in the ABI of an entry; null when there is no mistake, or no ABI. */
function abiProblem({ abi }: Deployment): string | null {
  try {
    checkAbi(abi ?? [])
    return null
  } catch (error) {
    if (!(error instanceof AbiProblem)) throw error
    return error.message
  }
}

function isDeployment(entry: Partial<Deployment> | null): entry is Deployment {
  const { name, address, artifact, abi } = entry ?? {}
  if (typeof name !== 'string' || !isAddress(String(address), { strict: false })) return false
  return Array.isArray(abi) || (abi === undefined && typeof artifact === 'string')
}

/** The newest of that name, which is compared as it is written; null when there is none. */
export function findDeployment(deployments: readonly Deployment[], name: string): Deployment | null {
  return deployments.findLast((known) => known.name === name) ?? null
}

export interface Recorded {
  /** Under which it is in the book now. */
  readonly name: string
  /** The new name of the one that had it before; null when there was none. */
  readonly earlier: string | null
}

/**
 * Writes a deployment into the book. One that has the name already gets another (`Token-1`) when it is to be replaced;
 * else the new one does, as it is on the chain and has to be called something.
 */
export async function recordDeployment(
  paths: NetworkPaths,
  deployment: Deployment,
  replace: boolean,
): Promise<Recorded> {
  // With --rpc there need not be a network in the folder.
  makePrivateDirectory(paths.root)
  return withFileLock(paths.deployments, () => {
    const others = readDeployments(paths).filter(({ address }) => address !== deployment.address)
    const { name } = deployment
    const isTaken = findDeployment(others, name) !== null
    const spare = isTaken ? spareName(others, name) : name
    const recorded = { ...deployment, name: isTaken && !replace ? spare : name }
    const kept = replace ? others.map((other) => (other.name === name ? { ...other, name: spare } : other)) : others
    writeJsonFile(paths.deployments, [...kept, recorded].slice(-MAX_DEPLOYMENTS))
    return { name: recorded.name, earlier: isTaken && replace ? spare : null }
  })
}

function spareName(deployments: readonly Deployment[], name: string): string {
  for (let number = 1; ; number++) {
    const spare = `${name}-${number}`
    if (findDeployment(deployments, spare) === null) return spare
  }
}

/** Finds a contract by address or by the name it was deployed under (the newest of that name). @throws CliError */
export function findContract(
  paths: NetworkPaths,
  text: string,
): { readonly address: Hex; readonly deployment: Deployment | null } {
  const deployments = readDeployments(paths)
  if (isAddress(text, { strict: false })) {
    const address = getAddress(text)
    return { address, deployment: deployments.findLast((known) => known.address === address) ?? null }
  }
  const deployment = findDeployment(deployments, text)
  if (deployment !== null) return { address: deployment.address, deployment }
  throw usageError(
    `"${text}" is neither an address nor the name of a contract deployed here`,
    suggestion(text, [...new Set(deployments.map(({ name }) => name))]),
  )
}

function suggestion(text: string, names: readonly string[]): string {
  if (names.length === 0) return 'deploy one first: npx devnet deploy ARTIFACT [ARGS...]'
  const near = closest(text, names)
  if (near !== null) return `did you mean ${printable(near)}?`
  const shown = names.slice(-MAX_NAMES).map((name) => printable(name))
  return `deployed: ${shown.join(', ')}${names.length > MAX_NAMES ? `, and ${names.length - MAX_NAMES} more` : ''}`
}
