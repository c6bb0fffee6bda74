/** A module to look at, from whatever file holds it: plain Wasm, code as the chain stores it, or an artifact. */
import { readFileSync, statSync } from 'node:fs'
import { brotliDecompressSync } from 'node:zlib'
import { CliError } from '../output/errors.ts'

export interface ModuleFile {
  readonly wasm: Uint8Array
  /** Of an artifact; null for other files. */
  readonly contractName: string | null
  /** Bytes of the code the file holds, as the chain would store it; null for plain Wasm, which is compressed first. */
  readonly codeBytes: number | null
  /** Where in the file the module was found. */
  readonly source: 'wasm' | 'code' | 'deployedBytecode' | 'bytecode'
}

/** `EF F0 00` and the number of the dictionary, before a compressed module: docs/protocol/artifacts.md. */
const codePrefix = [0xef, 0xf0, 0x00, 0x00]
/** Bytes of init code before the code: docs/protocol/artifacts.md. */
const initPrefixBytes = 43
const wasmMagic = [0x00, 0x61, 0x73, 0x6d]
/** Hex doubles the bytes, and an artifact holds code twice. */
const largestFileFactor = 4

/** @param largestModule bytes of the largest module to read */
export function readModuleFile(path: string, largestModule: number): ModuleFile {
  const bytes = readBounded(path, largestModule)
  if (startsWith(bytes, wasmMagic)) return { wasm: bytes, contractName: null, codeBytes: null, source: 'wasm' }
  if (startsWith(bytes, codePrefix)) {
    return { wasm: unpack(path, bytes, largestModule), contractName: null, codeBytes: bytes.length, source: 'code' }
  }
  // An artifact is a JSON object; its first character tells it from a binary file without parsing that as text.
  if (/^\s*\{/.test(new TextDecoder().decode(bytes.subarray(0, 64)))) return fromArtifact(path, bytes, largestModule)
  const begin = bytes.length === 0 ? 'it is empty' : `byte 0 begins ${hex(bytes.subarray(0, 8))}`
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
    throw new CliError(`${path} is a folder`, { hint: `name a file in it, such as the artifact in ${path}/build` })
  }
  const largest = largestModule * largestFileFactor
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

function fromArtifact(path: string, bytes: Uint8Array, largestModule: number): ModuleFile {
  let json: { readonly contractName?: unknown; readonly deployedBytecode?: unknown; readonly bytecode?: unknown }
  try {
    json = JSON.parse(new TextDecoder().decode(bytes)) as typeof json
  } catch (error) {
    throw notAnArtifact(path, `it is not JSON: ${(error as Error).message}`)
  }
  const contractName = typeof json.contractName === 'string' ? json.contractName : null
  for (const source of ['deployedBytecode', 'bytecode'] as const) {
    const text = json[source]
    if (typeof text !== 'string' || text === '0x') continue
    if (!/^0x([0-9a-f]{2})+$/i.test(text)) throw notAnArtifact(path, `"${source}" is not hex that starts with 0x`)
    const code = new Uint8Array(Buffer.from(text.slice(2), 'hex'))
    const deployed = source === 'bytecode' ? withoutInitCode(code) : code
    if (startsWith(deployed, wasmMagic)) return { wasm: deployed, contractName, codeBytes: deployed.length, source }
    if (!startsWith(deployed, codePrefix)) {
      const problem = `"${source}" begins with ${hex(deployed.subarray(0, 8))}, which is no compressed module (ef f0 00 00)`
      throw notAnArtifact(path, problem, 'Solidity contracts are EVM code and have no module to inspect')
    }
    const wasm = unpack(`"${source}" of ${path}`, deployed, largestModule)
    return { wasm, contractName, codeBytes: deployed.length, source }
  }
  throw notAnArtifact(path, 'it has neither "deployedBytecode" nor "bytecode"')
}

function withoutInitCode(code: Uint8Array): Uint8Array {
  const inner = code.subarray(initPrefixBytes)
  return startsWith(inner, codePrefix) || startsWith(inner, wasmMagic) ? inner : code
}

function unpack(what: string, code: Uint8Array, largestModule: number): Uint8Array {
  try {
    return new Uint8Array(brotliDecompressSync(code.subarray(codePrefix.length), { maxOutputLength: largestModule }))
  } catch (error) {
    const tooLong = (error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE'
    const why = tooLong ? `it unpacks to more than ${largestModule} bytes` : 'it is not a complete Brotli stream'
    throw new CliError(`the compressed module in ${what} cannot be unpacked: ${why} (from byte ${codePrefix.length})`, {
      hint: 'build the contract again: npx devnet build DIR',
      cause: error,
    })
  }
}

function notAnArtifact(path: string, why: string, hint?: string): CliError {
  return new CliError(`${path} is not an artifact with a module: ${why}`, {
    hint: hint ?? 'an artifact is JSON with "deployedBytecode" or "bytecode", as `devnet build` writes it',
  })
}

function startsWith(bytes: Uint8Array, prefix: readonly number[]): boolean {
  return prefix.every((byte, i) => bytes[i] === byte)
}

function hex(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join(' ')
}
