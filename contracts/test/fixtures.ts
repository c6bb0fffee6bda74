/** Builds what the tests run: contracts that exercise the SDK (contracts/as/fixtures) and the examples. */

import { fileURLToPath } from 'node:url'
import { type Artifact, buildContract } from '../src/index.ts'

/** Milliseconds; a build takes a few seconds, but on a busy machine it may be slow. */
export const BUILD_TIMEOUT = 180_000

export async function buildFixture(name: 'math' | 'codec' | 'layout' | 'frames' | 'statements'): Promise<Artifact> {
  return buildFirst(`../as/fixtures/${name}`)
}

export async function buildExample(name: 'token' | 'exchange'): Promise<Artifact> {
  return buildFirst(`../examples/${name}`)
}

async function buildFirst(path: string): Promise<Artifact> {
  const [artifact] = await buildContract(fileURLToPath(new URL(path, import.meta.url)))
  if (artifact === undefined) throw new Error(`${path} has no contract`)
  return artifact
}
