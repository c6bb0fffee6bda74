/** A module to look at, from whatever file holds it: plain Wasm, code as the chain stores it, or an artifact. */
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { brotliDecompressSync } from 'node:zlib'
import { MAX_INSPECTED_BYTES } from '@touchstone/contracts'
import { isWasm, unpackCode } from '@touchstone/node/code-formats'
import { CliError } from '../output/errors.ts'
import { bytesOfHex, hexBytes, hexOf, storedCodeOf } from './bytecode.ts'

export interface ModuleFile {
  readonly wasm: Uint8Array
  /** Of an artifact; null for other files. */
  readonly contractName: string | null
  /** The code the file holds, as the chain would store it; null for plain Wasm, which is compressed first. */
  readonly stored: Uint8Array | null
  /** The data of a transaction that deploys it; null where the file has none. */
  readonly initCode: Uint8Array | null
  /** Where in the file the module was found. */
  readonly source: 'wasm' | 'code' | 'init code' | 'deployedBytecode' | 'bytecode'
  /** A sentence on anything else the reader should know of the file. */
  readonly remark: string | null
}

/** `EF F0 00` and the number of the dictionary, before a compressed module: docs/protocol/artifacts.md. */
const codePrefix = [0xef, 0xf0, 0x00, 0x00]
/** PUSH32, with which init code begins: docs/protocol/artifacts.md. */
const initCodePrefix = [0x7f, 0x00, 0x00]
/** Hex doubles the bytes, and an artifact holds code twice. */
const MAX_FILE_FACTOR = 4

/** @param largestModule bytes of the largest module to read */
export function readModuleFile(path: string, largestModule: number = MAX_INSPECTED_BYTES): ModuleFile {
  const bytes = readBounded(path, largestModule)
  const plain = { contractName: null, stored: null, initCode: null, remark: null }
  if (isWasm(bytes)) return { ...plain, wasm: bytes, source: 'wasm' }
  if (startsWith(bytes, codePrefix)) {
    return { ...plain, wasm: unpack(path, bytes, largestModule), stored: bytes, source: 'code' }
  }
  if (startsWith(bytes, initCodePrefix)) {
    const stored = storedCodeOf(bytes, path)
    return { ...plain, wasm: unpack(path, stored, largestModule), stored, initCode: bytes, source: 'init code' }
  }
  // An artifact is a JSON object; its first character tells it from a binary file without parsing that as text.
  if (/^\s*\{/.test(new TextDecoder().decode(bytes.subarray(0, 64)))) return fromArtifact(path, bytes, largestModule)
  const begin = bytes.length === 0 ? 'it is empty' : `byte 0 begins ${hexBytes(bytes.subarray(0, 8))}`
  throw new CliError(`${path} is not a WebAssembly module: ${begin}; a module begins 00 61 73 6d`, {
    hint: 'name a .wasm file, or an artifact .json as `devnet build` writes it; for text (.wat) run wat2wasm first',
  })
}

function readBounded(path: string, largestModule: number): Uint8Array {
  const stats = statSync(path, { throwIfNoEntry: false })
  if (stats === undefined) {
    throw new CliError(`there is no file ${path}`, { hint: 'build one first: npx devnet build DIR' })
  }
  if (stats.isDirectory()) {
    throw new CliError(`${path} is a folder`, { hint: `name a file in it${artifactIn(path)}` })
  }
  const largest = largestModule * MAX_FILE_FACTOR
  // Devices and pipes have no size to check, and may never end.
  if (!stats.isFile()) throw new CliError(`${path} is not a file`, { hint: 'name a .wasm file or an artifact .json' })
  if (stats.size > largest) {
    throw new CliError(`${path} has ${stats.size} bytes; at most ${largest} are read`, {
      hint: 'a contract has at most 1,048,576 bytes: optimise for size and strip debug sections',
    })
  }
  try {
    return new Uint8Array(readFileSync(path))
  } catch (error) {
    throw new CliError(`${path} cannot be read: ${(error as Error).message}`, { cause: error })
  }
}

/** Inspection judges the code that would be deployed: `bytecode`, and the code that it puts on the chain. */
function fromArtifact(path: string, bytes: Uint8Array, largestModule: number): ModuleFile {
  const json = parsed(path, bytes)
  const contractName = typeof json.contractName === 'string' ? json.contractName : null
  const [init, deployed] = [hexOf(json.bytecode), hexOf(json.deployedBytecode)]
  if (init !== null) {
    const what = `"bytecode" of ${path}`
    const initCode = bytesOfHex(init, what)
    const stored = storedCodeOf(initCode, what)
    const wasm = unpack(what, stored, largestModule)
    const differs = deployed !== null && deployed.toLowerCase() !== `0x${Buffer.from(stored).toString('hex')}`
    const remark = differs
      ? '"deployedBytecode" is not the code that "bytecode" puts on the chain; this report is about the latter'
      : null
    return { wasm, contractName, stored, initCode, source: 'bytecode', remark }
  }
  if (deployed === null) throw notAnArtifact(path, 'it has neither "bytecode" nor "deployedBytecode"')
  const what = `"deployedBytecode" of ${path}`
  const stored = bytesOfHex(deployed, what)
  if (!isWasm(stored) && !startsWith(stored, codePrefix)) {
    // Says what it is instead.
    storedCodeOf(stored, what)
  }
  const remark = 'there is no "bytecode", so this artifact cannot be deployed'
  return {
    wasm: unpack(what, stored, largestModule),
    contractName,
    stored,
    initCode: null,
    source: 'deployedBytecode',
    remark,
  }
}

function parsed(path: string, bytes: Uint8Array) {
  let json: unknown
  try {
    json = JSON.parse(new TextDecoder().decode(bytes))
  } catch (error) {
    throw notAnArtifact(path, `it is not JSON: ${(error as Error).message}`)
  }
  return json as { readonly contractName?: unknown; readonly deployedBytecode?: unknown; readonly bytecode?: unknown }
}

/** In the chain's words, except that a module which is too large is looked at all the same. */
function unpack(what: string, code: Uint8Array, largestModule: number): Uint8Array {
  const unpacked = unpackCode(code)
  if (unpacked.ok) return unpacked.module
  const { code: problem, message } = unpacked.error
  const isLarge = problem === 'module-too-large' || problem === 'code-too-large'
  const large = isLarge ? largeModule(code, largestModule) : null
  if (large !== null) return large
  throw new CliError(`the compressed module in ${what} cannot be unpacked: ${message}`, {
    hint: 'build the contract again: npx devnet build DIR',
  })
}

function largeModule(code: Uint8Array, largestModule: number): Uint8Array | null {
  if (isWasm(code)) return code
  try {
    return new Uint8Array(brotliDecompressSync(code.subarray(codePrefix.length), { maxOutputLength: largestModule }))
  } catch (error) {
    // Not Brotli after all, or larger still than what is looked at.
    if (typeof (error as NodeJS.ErrnoException).code !== 'string') throw error
    return null
  }
}

function notAnArtifact(path: string, why: string): CliError {
  return new CliError(`${path} is not an artifact with a module: ${why}`, {
    hint: 'an artifact is JSON with "bytecode", as `devnet build` writes it',
  })
}

/** The artifact of a build, in the folder itself or in its `build`. */
function artifactIn(path: string): string {
  for (const folder of [path, join(path, 'build')]) {
    const found = existsSync(folder) ? readdirSync(folder).find((name) => /^[A-Z]\w*\.json$/.test(name)) : undefined
    if (found !== undefined) return `: ${join(folder, found)}`
  }
  return `, such as the artifact that devnet build writes to ${join(path, 'build')}`
}

function startsWith(bytes: Uint8Array, prefix: readonly number[]): boolean {
  return prefix.every((byte, i) => bytes[i] === byte)
}
