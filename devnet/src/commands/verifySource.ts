/**
 * `devnet verify-source CONTRACT DIR`: whether the code on the chain is what the sources give. They are compiled anew, with
 * nothing of `build/`, which whoever gave the folder away may have written.
 */
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { type BuiltModule, codeOf, compileFolder, SourceMap } from '@touchstone/contracts'
import { unpackCode } from '@touchstone/node/code-formats'
import { type Abi, BaseError, decodeAbiParameters, getAddress, type Hex, hexToBytes, keccak256 } from 'viem'
import { withBuildErrors } from '../contracts/buildFolder.ts'
import { type Creation, findCreation } from '../contracts/creation.ts'
import { knownContracts } from '../contracts/knownContracts.ts'
import { type FunctionDifference, type ModuleDifference, moduleDifference } from '../contracts/moduleDifference.ts'
import { readModuleFile } from '../contracts/moduleFile.ts'
import { findReceiver, requireCode } from '../contracts/target.ts'
import { type AddressLabel, formatFields, namedValues } from '../contracts/values.ts'
import { CliError, usageError } from '../output/errors.ts'
import { groupDigits } from '../output/groupDigits.ts'
import { printable } from '../output/printable.ts'
import type { Terminal } from '../output/terminal.ts'
import { type CommandContext, connectFrom } from './context.ts'

export interface VerifySourceOptions {
  /** Of the contracts in the folder. */
  readonly contract?: string | undefined
}

/** A contract as its sources give it. */
interface Candidate {
  readonly name: string
  readonly wasm: Uint8Array
  readonly code: Uint8Array
  /** Null for a module of another language. */
  readonly compiled: BuiltModule | null
}

/** Of functions that differ, in words. */
const MAX_FUNCTIONS = 8
/** Bytes of init code before the code: docs/protocol/artifacts.md. */
const INIT_LENGTH = 43
const CONSTRUCTS = 1

export async function verifySourceCommand(
  context: CommandContext,
  contract: string,
  source: string,
  options: VerifySourceOptions,
): Promise<void> {
  const { terminal } = context
  const connection = await connectFrom(context)
  const target = findReceiver(connection, contract, undefined)
  await requireCode(connection, target)
  const { label } = knownContracts(connection)
  const stored = hexToBytes((await connection.client.getCode({ address: target.address }))!)
  const chain = unpacked(stored, label(target.address))
  // Everything is asked before: while sources are compiled, for seconds, a kept connection ends and nobody sees it.
  const creation = await findCreation(connection, target.address)
  const candidates = await candidatesOf(terminal, source, options.contract)
  const { candidate, difference } = nearest(candidates, chain)
  if (difference !== null) throw parted(source, label(target.address), candidate, difference)
  const verdict = verdictOf(candidate, stored, creation)
  if (terminal.json) return terminal.printJson({ address: target.address, source, ...verdictJson(verdict) })
  const { color } = terminal
  terminal.print(`${color.green(`${label(target.address)} is ${printable(candidate.name)} of ${source}`)}`)
  terminal.printLines(verdictLines(verdict, label, color.dim))
}

/** @throws CliError */
async function candidatesOf(
  terminal: Terminal,
  source: string,
  wanted: string | undefined,
): Promise<readonly Candidate[]> {
  if (!existsSync(join(source, 'assembly/index.ts')) && /\.(wasm|json)$/.test(source)) {
    if (wanted !== undefined) throw usageError(`${source} is one module: --contract is for a folder`)
    const { wasm, stored, contractName } = readModuleFile(source)
    return [{ name: contractName ?? source, wasm, code: stored ?? codeOf(wasm), compiled: null }]
  }
  terminal.note(`compiling ${source}`)
  const contracts = await withBuildErrors(terminal, source, () => compileFolder(source))
  const names = contracts.map(({ artifact }) => artifact.contractName)
  if (wanted !== undefined && !names.includes(wanted)) {
    throw usageError(`${source} has no contract ${JSON.stringify(wanted)}`, `it has ${names.join(', ')}`)
  }
  return contracts
    .filter(({ artifact }) => wanted === undefined || artifact.contractName === wanted)
    .map((compiled) => {
      const { contractName: name, deployedBytecode } = compiled.artifact
      return { name, wasm: compiled.wasm, code: hexToBytes(deployedBytecode), compiled }
    })
}

/** @throws CliError for code that is not a module in one piece */
function unpacked(stored: Uint8Array, what: string): Uint8Array {
  const outcome = unpackCode(stored)
  if (outcome.ok) return outcome.module
  throw new CliError(`the code of ${what} cannot be compared: ${outcome.error.message}`)
}

/** The one with the same module, else the one that has most in common with it. */
function nearest(candidates: readonly Candidate[], chain: Uint8Array) {
  const compared = candidates.map((candidate) => ({ candidate, difference: moduleDifference(candidate.wasm, chain) }))
  const best = compared.reduce((one, other) => (likeness(other.difference) > likeness(one.difference) ? other : one))
  return best
}

function likeness(difference: ModuleDifference | null): number {
  return difference === null ? Number.POSITIVE_INFINITY : difference.same
}

function parted(source: string, name: string, candidate: Candidate, difference: ModuleDifference): CliError {
  const { functions, sections, onlyNames, same } = difference
  const lines = [
    `sections that differ: ${sections.map((section) => printable(section)).join(', ')}`,
    ...(functions.length === 0
      ? []
      : [`functions: ${groupDigits(same)} the same, ${groupDigits(functions.length)} not`]),
    ...functions.slice(0, MAX_FUNCTIONS).map((one) => `  ${functionLine(one, candidate)}`),
    ...(functions.length > MAX_FUNCTIONS ? [`  and ${functions.length - MAX_FUNCTIONS} more`] : []),
  ]
  const compiler = candidate.compiled?.artifact.compiler
  const withWhat = compiler === undefined ? '' : ` (built here with ${compiler})`
  return new CliError(
    onlyNames
      ? `${name} runs the instructions of ${candidate.name} in ${source}, but the modules are not the same`
      : `${name} was not built from ${source}: the nearest there is ${printable(candidate.name)}${withWhat}`,
    {
      lines,
      hint: 'the same sources, SDK and compiler make the same bytes: take the versions that it was built with, or look at the functions above',
      details: {
        contract: candidate.name,
        compiler: compiler ?? null,
        sections,
        onlyNames,
        sameFunctions: same,
        functions: functions.map((one) => ({
          name: one.name,
          built: one.first?.byteLength ?? null,
          onChain: one.second?.byteLength ?? null,
          place: placeOf(one, candidate),
        })),
      },
    },
  )
}

function functionLine(one: FunctionDifference, candidate: Candidate): string {
  const name = printable(one.name)
  if (one.second === null) return `${name}: only in the source`
  if (one.first === null) return `${name}: only on the chain`
  const [built, there] = [one.first.byteLength, one.second.byteLength]
  const sizes =
    built === there
      ? `${groupDigits(built)} bytes in both`
      : `${groupDigits(built)} bytes from the source, ${groupDigits(there)} on the chain`
  const place = placeOf(one, candidate)
  return place === null ? `${name}: ${sizes}` : `${name}: ${sizes}; they part near ${place}`
}

/** The author's line near which a function is another on the chain: that of the instruction, or of one before it. */
function placeOf({ first, partsAt }: FunctionDifference, { compiled }: Candidate): string | null {
  if (first === null || partsAt === null || compiled === null) return null
  const map = new SourceMap(compiled.sourceMap)
  for (let offset = partsAt; offset >= first.offset; offset--) {
    const place = map.at(offset)
    if (place !== null && Object.hasOwn(compiled.artifact.sources, place.file)) return `${place.file}:${place.line}`
  }
  return null
}

interface Verdict {
  readonly candidate: Candidate
  readonly stored: Uint8Array
  /** The module is the same; so are the bytes that it is packed in, unless another Brotli packed it. */
  readonly samePacking: boolean
  readonly creation: Creation | null
  readonly construction: Construction | null
}

interface Construction {
  /** Whether the constructor ran with the creation. */
  readonly ran: boolean
  readonly inputs: readonly { readonly name?: string; readonly type: string }[]
  /** Null where they do not decode. */
  readonly args: readonly unknown[] | null
}

function verdictOf(candidate: Candidate, stored: Uint8Array, creation: Creation | null): Verdict {
  const samePacking = Buffer.from(stored).equals(Buffer.from(candidate.code))
  const input = creation?.transaction?.input
  return {
    ...{ candidate, stored, samePacking, creation },
    construction: input === undefined ? null : constructionOf(hexToBytes(input), stored, candidate),
  }
}

/** Of init code as this chain takes it: how the contract was constructed. Null when the data is none of the code's. */
function constructionOf(data: Uint8Array, stored: Uint8Array, { compiled }: Candidate): Construction | null {
  const code = data.subarray(INIT_LENGTH, INIT_LENGTH + stored.length)
  if (!Buffer.from(code).equals(Buffer.from(stored))) return null
  const abi = (compiled?.artifact.abi ?? []) as Abi
  const inputs = abi.find((item) => item.type === 'constructor')?.inputs ?? []
  const rest = `0x${Buffer.from(data.subarray(INIT_LENGTH + stored.length)).toString('hex')}` as Hex
  const ran = data[INIT_LENGTH - 1] === CONSTRUCTS
  try {
    return { ran, inputs: inputs as Construction['inputs'], args: ran ? decodeAbiParameters(inputs, rest) : [] }
  } catch (error) {
    if (!(error instanceof BaseError)) throw error
    // Arguments that somebody else encoded for another interface: the code is the same all the same.
    return { ran, inputs: [], args: null }
  }
}

function verdictLines(
  { candidate, ...verdict }: Verdict,
  label: AddressLabel,
  dim: (text: string) => string,
): string[] {
  const { stored, samePacking, creation, construction } = verdict
  const hash = keccak256(stored)
  const artifact = candidate.compiled?.artifact
  const rows: [string, string][] = [
    [
      'code',
      samePacking
        ? `${groupDigits(stored.length)} bytes, the same: ${hash}`
        : `${groupDigits(stored.length)} bytes: ${hash}; the same module, packed by another Brotli than here`,
    ],
    ['module', `${groupDigits(candidate.wasm.length)} bytes, the same`],
    ...(artifact === undefined
      ? []
      : [
          ['compiler', `${artifact.compiler}, Node ${process.version}`] as [string, string],
          ...Object.entries(artifact.sources).map(([path, of]): [string, string] => ['source', `${path} ${dim(of)}`]),
        ]),
    ['created', creationText(creation, label)],
  ]
  if (construction !== null) rows.push(['constructor', constructionText(construction, label)])
  const width = Math.max(...rows.map(([name]) => name.length))
  return rows.map(([name, text]) => `  ${name.padEnd(width)}  ${text}`)
}

function creationText(creation: Creation | null, label: AddressLabel): string {
  if (creation === null) return 'in a block whose state the node has let go of'
  const { blockNumber, transaction } = creation
  if (transaction !== null)
    return `in block ${blockNumber} by ${label(getAddress(transaction.from))}, ${transaction.hash}`
  return blockNumber === 0n ? 'with the genesis' : `in block ${blockNumber}, by another contract`
}

function constructionText({ ran, inputs, args }: Construction, label: AddressLabel): string {
  if (!ran) return 'did not run when the contract was created: whoever calls it first constructs it'
  return args === null ? 'ran, with arguments that are not of its interface' : `(${formatFields(inputs, args, label)})`
}

function verdictJson({ candidate, stored, samePacking, creation, construction }: Verdict): object {
  const artifact = candidate.compiled?.artifact
  return {
    contract: candidate.name,
    codeHash: keccak256(stored),
    codeBytes: stored.length,
    samePacking,
    moduleBytes: candidate.wasm.length,
    compiler: artifact?.compiler ?? null,
    sources: artifact?.sources ?? null,
    created:
      creation === null
        ? null
        : {
            blockNumber: creation.blockNumber,
            transactionHash: creation.transaction?.hash ?? null,
            from: creation.transaction === null ? null : getAddress(creation.transaction.from),
          },
    constructor: construction === null ? null : constructorJson(construction),
  }
}

function constructorJson({ ran, inputs, args }: Construction): object {
  return { ran, args: args === null ? null : namedValues(inputs, args) }
}
