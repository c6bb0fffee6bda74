/** Contracts in a test's own text: what they build to, or what the build says of them. */

import { compileProgram } from '../src/builder/compileProgram.ts'
import { readSdk } from '../src/builder/sdk.ts'
import { type Artifact, BuildError } from '../src/index.ts'
import { describeFailure, type TestContract } from './testChain.ts'

/** Text of `assembly/index.ts`, or texts of files by their paths below `assembly/`. */
export type Sources = string | Readonly<Record<string, string>>

const SDK = readSdk()

/** The beginning of every text of one file, on its first line. */
export const IMPORTS =
  "import { Address, block, Bytes, Bytes4, Bytes32, call, emit, I256, i256, Indexed, Mapping, msg, print, require, self, staticCall, StorageArray, U256, u256 } from '@touchstone/contracts/as'; "

/** The artifacts by their contracts' names. */
export async function build(sources: Sources): Promise<Readonly<Record<string, Artifact>>> {
  const files: Readonly<Record<string, string>> =
    typeof sources === 'string' ? { 'index.ts': IMPORTS + sources } : sources
  const read = (path: string) => files[path.replace(/^assembly\//, '')] ?? null
  const { modules } = await compileProgram('assembly/index.ts', read, SDK)
  return Object.fromEntries(modules.map(({ artifact }) => [artifact.contractName, artifact]))
}

/** The build's words, one line per problem, without `assembly/index.ts:`. Empty when it builds. */
export async function problems(sources: Sources): Promise<readonly string[]> {
  try {
    await build(sources)
    return []
  } catch (error) {
    if (!(error instanceof BuildError)) throw error
    return error.problems.map(({ file, line, message }) => `${file.replace(/^assembly\//, '')}:${line}: ${message}`)
  }
}

/** The problems' texts alone. */
export async function complaints(sources: Sources): Promise<readonly string[]> {
  return (await problems(sources)).map((problem) => problem.replace(/^[\w./-]+:\d+: /, ''))
}

/** Why a call fails: the decoded reason, or what the engine says. */
export function failure(contract: TestContract, name: string, args: readonly unknown[] = []): string {
  const sent = contract.trySend(name, args)
  return sent.kind === 'revert' ? describeFailure(contract.artifact, sent) : `${sent.kind}: ${sent.message}`
}
