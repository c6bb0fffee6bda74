/** Projects in C and Rust: their build.mjs makes modules in build/; interfaces in Solidity's words lie beside it. */
import { spawn } from 'node:child_process'
import { existsSync, readdirSync } from 'node:fs'
import { basename, join } from 'node:path'
import { codeOf, MAX_INSPECTED_BYTES } from '@touchstone/contracts'
import { type Abi, bytesToHex, type Hex } from 'viem'
import { CliError } from '../output/errors.ts'
import { readInterface } from './interfaceFile.ts'
import { readModuleFile } from './moduleFile.ts'

export interface ScriptContract {
  readonly contractName: string
  readonly abi: Abi
  readonly deployedBytecode: Hex
  /** The module, and its interface. */
  readonly file: string
  readonly abiFile: string | undefined
}

const SCRIPT = 'build.mjs'

export function isScriptProject(directory: string): boolean {
  return existsSync(join(directory, SCRIPT)) && !existsSync(join(directory, 'assembly'))
}

/** Null when it was stopped. @param shown whether its words go to the terminal. @throws CliError when it fails */
export async function buildByScript(
  directory: string,
  shown: boolean,
  stop: AbortSignal,
): Promise<readonly ScriptContract[] | null> {
  const code = await new Promise<number | null>((done, failed) => {
    const output = shown ? 'inherit' : 'ignore'
    const build = spawn(process.execPath, [SCRIPT], { cwd: directory, stdio: ['ignore', output, output] })
    const end = () => build.kill()
    stop.addEventListener('abort', end, { once: true })
    build.on('error', failed)
    build.on('close', (status) => {
      stop.removeEventListener('abort', end)
      done(status)
    })
    if (stop.aborted) end()
  })
  if (stop.aborted) return null
  if (code !== 0) {
    throw new CliError(`${directory} does not build`, {
      hint: `node ${SCRIPT} in the folder says why`,
      details: { directory, problems: [] },
    })
  }
  return contractsOf(directory)
}

/** Modules with debug information are for debuggers. */
function contractsOf(directory: string): readonly ScriptContract[] {
  const build = join(directory, 'build')
  const modules = existsSync(build) ? readdirSync(build).filter((name) => /^[^.]+\.wasm$/.test(name)) : []
  if (modules.length === 0) throw new CliError(`${join(directory, SCRIPT)} made no module in ${build}`)
  const interfaces = readdirSync(directory).filter((name) => name.endsWith('.sol'))
  return modules.sort().map((name) => {
    const file = join(build, name)
    const contractName = basename(name, '.wasm')
    const own = interfaces.find((one) => one.toLowerCase() === `i${contractName.toLowerCase()}.sol`)
    const found = own ?? (interfaces.length === 1 ? interfaces[0] : undefined)
    const abiFile = found === undefined ? undefined : join(directory, found)
    const { wasm } = readModuleFile(file, MAX_INSPECTED_BYTES)
    const abi = abiFile === undefined ? [] : readInterface(abiFile).abi
    return { contractName, abi, deployedBytecode: bytesToHex(codeOf(wasm)), file, abiFile }
  })
}
