/** Contracts that a devnet has in its genesis (contracts/predeploys), as they are built. */
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import type { Artifact } from './builder/artifact.ts'
import { buildContract } from './builder/buildContract.ts'

const NAMES = { multicall3: 'Multicall3', create2Factory: 'Create2Factory' } as const

/** Built where the sources have changed since the last build. @throws BuildError */
export async function predeployArtifact(folder: keyof typeof NAMES): Promise<Artifact> {
  const path = fileURLToPath(new URL(`../predeploys/${folder}`, import.meta.url))
  const name = NAMES[folder]
  // A package holds what was built when it was made, and may lie where nobody may write.
  if (!import.meta.url.endsWith('.ts'))
    return JSON.parse(readFileSync(`${path}/build/${name}.json`, 'utf8')) as Artifact
  const artifacts = await buildContract(path)
  return artifacts.find(({ contractName }) => contractName === name)!
}
