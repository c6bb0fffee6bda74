/**
 * `devnet profile HASH`, `devnet profile CONTRACT FUNCTION [ARGS...]`: where the gas of a transaction, or of a call, goes.
 */
import type { Hex } from 'viem'
import { readDeployments } from '../contracts/deployments.ts'
import { knownContracts } from '../contracts/knownContracts.ts'
import type { Connection } from '../network/connection.ts'
import { readJsonFile } from '../network/jsonFile.ts'
import { CliError, usageError } from '../output/errors.ts'
import { type ComparedProfile, diffProfiles, profileJson } from '../profile/diffProfiles.ts'
import { flameGraph } from '../profile/flameGraph.ts'
import { profileOf } from '../profile/nodeProfile.ts'
import { diffLines, profileLines } from '../profile/profileText.ts'
import { type ProfileReport, readProfile } from '../profile/readProfile.ts'
import { linesOf } from '../profile/sourceLines.ts'
import { speedscopeFile } from '../profile/speedscope.ts'
import { isTransactionHash, type TracedCallOptions, traceOf } from '../transactions/tracing.ts'
import { type CommandContext, connectFrom } from './context.ts'
import { outputFault, writeOutput } from './outputFile.ts'

export interface ProfileOptions extends TracedCallOptions {
  readonly top: number
  /** Lines of libraries as such, and not with the author's lines that call them. */
  readonly libraryLines: boolean
  readonly flame?: string | undefined
  readonly speedscope?: string | undefined
  /** Hash of another transaction, or a file that `--json` was written to. */
  readonly diff?: string | undefined
}

export async function profileCommand(
  context: CommandContext,
  what: string,
  name: string | undefined,
  words: readonly string[],
  options: ProfileOptions,
): Promise<void> {
  const { terminal } = context
  for (const file of [options.flame, options.speedscope]) {
    const fault = file === undefined ? null : outputFault(file)
    if (fault !== null) throw new CliError(`cannot write ${file}: ${fault}`)
  }
  const connection = await connectFrom(context)
  const { report, title } = await profiled(connection, what, name, words, options)
  if (options.flame !== undefined) writeOutput(options.flame, flameGraph(report, title))
  if (options.speedscope !== undefined)
    writeOutput(options.speedscope, `${JSON.stringify(speedscopeFile(report, title))}\n`)
  const text = { color: terminal.color, top: options.top }
  if (options.diff !== undefined) {
    const diff = diffProfiles(await other(connection, options.diff, options), report)
    if (terminal.json) terminal.printJson(diff)
    else terminal.printLines(diffLines(diff, text))
  } else if (terminal.json) terminal.printJson(profileJson(report, title))
  else terminal.printLines(profileLines(report, text))
  for (const file of [options.flame, options.speedscope]) if (file !== undefined) terminal.note(`${file} is written`)
}

async function profiled(
  connection: Connection,
  what: string,
  name: string | undefined,
  words: readonly string[],
  options: TracedCallOptions & Pick<ProfileOptions, 'libraryLines'>,
): Promise<{ readonly report: ProfileReport; readonly title: string }> {
  const { answer, target, title } = await traceOf(connection, what, name, words, options, { tracer: 'profileTracer' })
  const known = target === null ? knownContracts(connection) : knownContracts(connection, target)
  const deployments = readDeployments(connection.paths)
  const report = readProfile(
    profileOf(answer),
    {
      nameOf: known.nameOf,
      mapOf: ({ addresses, moduleHash }) => {
        const found = deployments.findLast(({ address }) =>
          addresses.some((one) => one.toLowerCase() === address.toLowerCase()),
        )
        return linesOf(found ?? null, moduleHash)
      },
    },
    options.libraryLines,
  )
  return { report, title }
}

async function other(connection: Connection, text: string, options: ProfileOptions): Promise<ComparedProfile> {
  if (isTransactionHash(text)) {
    const { from, libraryLines } = options
    return (await profiled(connection, text.toLowerCase() as Hex, undefined, [], { from, libraryLines })).report
  }
  const json = readJsonFile(text, { kind: 'usage', hint: 'name a file that devnet profile --json was written to' })
  if (json === null) {
    throw usageError(`${JSON.stringify(text)} is no hash of a transaction, and there is no such file`)
  }
  return comparedProfile(json, text)
}

type ComparedCost = ComparedProfile['costs'][number]
type ComparedLine = ComparedProfile['lines'][number]

/** Of a file, which anybody may have written. */
function comparedProfile(json: unknown, path: string): ComparedProfile {
  const { gasUsed, costs, lines } = (json ?? {}) as Readonly<Record<string, unknown>>
  const isWhole = typeof gasUsed === 'string' && /^\d+$/.test(gasUsed)
  if (isWhole && isListOf<ComparedCost>(costs, isCost) && isListOf<ComparedLine>(lines, isLine)) {
    return { gasUsed: BigInt(gasUsed), costs, lines }
  }
  throw new CliError(`${path} is no profile`, { kind: 'usage', hint: 'write one: devnet profile ... --json > FILE' })
}

function isListOf<T>(
  list: unknown,
  isOne: (value: Readonly<Record<string, unknown>>) => boolean,
): list is readonly T[] {
  return Array.isArray(list) && list.every((one) => typeof one === 'object' && one !== null && isOne(one))
}

const isCost = ({ kind, name, ink }: Readonly<Record<string, unknown>>) =>
  typeof kind === 'string' && typeof name === 'string' && Number.isFinite(ink)

const isLine = ({ file, line, text, ink }: Readonly<Record<string, unknown>>) =>
  isNullOr('string', file) && isNullOr('number', line) && isNullOr('string', text) && Number.isFinite(ink)

function isNullOr(type: 'string' | 'number', value: unknown): boolean {
  return value === null || typeof value === type
}
