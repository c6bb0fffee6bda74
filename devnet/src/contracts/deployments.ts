/** The address book of a network: what `devnet deploy` put where, so that later commands can say `Token` for it. */
import { type Abi, getAddress, type Hex, isAddress } from 'viem'
import { readJsonFile, writeJsonFile } from '../network/jsonFile.ts'
import type { NetworkPaths } from '../network/paths.ts'
import { CliError, usageError } from '../output/errors.ts'
import { printable } from '../output/printable.ts'

export interface Deployment {
  readonly name: string
  readonly address: Hex
  /** Path of the artifact or module that was deployed. */
  readonly artifact: string
  /** Of a module, which has none in its file. */
  readonly abi?: Abi
}

/** Oldest are forgotten beyond this. */
const mostDeployments = 1000

export function readDeployments(paths: NetworkPaths): readonly Deployment[] {
  const json = readJsonFile(paths.deployments)
  if (json === null) return []
  if (Array.isArray(json) && json.every(isDeployment)) return json
  throw new CliError(`${paths.deployments} is not an address book: a list of {name, address, artifact}`, {
    hint: 'mend it by hand, or delete it: contracts can then be called by their address, with --abi FILE',
  })
}

function isDeployment(entry: Partial<Deployment> | null): entry is Deployment {
  const { name, address, artifact, abi } = entry ?? {}
  if (typeof name !== 'string' || typeof artifact !== 'string') return false
  return isAddress(String(address), { strict: false }) && (abi === undefined || Array.isArray(abi))
}

export function rememberDeployment(paths: NetworkPaths, deployment: Deployment): void {
  const others = readDeployments(paths).filter(({ address }) => address !== deployment.address)
  writeJsonFile(paths.deployments, [...others, deployment].slice(-mostDeployments))
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
  const deployment = deployments.findLast((known) => known.name.toLowerCase() === text.toLowerCase())
  if (deployment !== undefined) return { address: deployment.address, deployment }
  const names = [...new Set(deployments.map(({ name }) => name))]
  throw usageError(
    `"${text}" is neither an address nor the name of a contract deployed here`,
    names.length === 0
      ? 'deploy one first: npx devnet deploy ARTIFACT [ARGS...]'
      : `deployed: ${names.map((name) => printable(name)).join(', ')}`,
  )
}
