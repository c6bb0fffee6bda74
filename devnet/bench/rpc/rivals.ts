/** Installs what others make, from the registry, into a folder of the bench's own; absent ones are named and left out. */
import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { delimiter, dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Hex } from 'viem'

const VERSIONS = { '@foundry-rs/anvil': '1.7.1', hardhat: '3.18.0', solc: '0.8.37' }
const TOKEN = 'Token.sol'

export interface Rivals {
  /** Where they are installed. */
  readonly home: string
  /** Its program. */
  readonly anvil: string | null
  /** The script that Node runs. */
  readonly hardhat: string | null
  /** {@link TOKEN} for the EVM. */
  readonly token: Hex
}

/**
 * Null, after a line that says why: there is no registry, or no compiler, so that nothing can be compared.
 * @param home a folder that exists
 */
export function installRivals(home: string, say: (line: string) => void): Rivals | null {
  const manifest = JSON.stringify({ private: true, type: 'module', dependencies: VERSIONS }, null, 2)
  const file = join(home, 'package.json')
  if (!existsSync(file) || readFileSync(file, 'utf8') !== manifest || !existsSync(join(home, 'node_modules'))) {
    say(
      `installing ${Object.entries(VERSIONS)
        .map((entry) => entry.join(' '))
        .join(', ')} into ${home} ...`,
    )
    writeFileSync(file, manifest)
    writeFileSync(join(home, 'hardhat.config.js'), 'export default {}\n')
    // npm leaves out what does not run on its own Node, so it runs on ours.
    const env = { ...process.env, PATH: `${dirname(process.execPath)}${delimiter}${process.env['PATH'] ?? ''}` }
    const words = ['install', '--no-audit', '--no-fund', '--loglevel=error']
    const npm = spawnSync('npm', words, { cwd: home, env, encoding: 'utf8' })
    if (npm.status !== 0) say(`skipped: npm install failed: ${(npm.stderr || String(npm.error)).trim().split('\n')[0]}`)
  }
  const token = compileToken(home)
  if (token === null) {
    say('skipped: anvil and hardhat, as there is no solc to compile their token')
    return null
  }
  const hardhat = join(home, 'node_modules/hardhat/dist/src/cli.js')
  const anvil = join(home, `node_modules/@foundry-rs/anvil-${platform()}/bin/anvil`)
  for (const [name, path] of Object.entries({ hardhat, anvil })) {
    if (!existsSync(path)) say(`skipped: ${name}, which the registry does not have for this machine`)
  }
  return { home, token, hardhat: existsSync(hardhat) ? hardhat : null, anvil: existsSync(anvil) ? anvil : null }
}

function platform(): string {
  const processor = process.arch === 'x64' ? 'amd64' : process.arch
  return `${process.platform}-${processor}`
}

function compileToken(home: string): Hex | null {
  if (!existsSync(join(home, 'node_modules/solc'))) return null
  const solc = createRequire(join(home, 'package.json'))('solc') as { compile(input: string): string }
  const content = readFileSync(fileURLToPath(new URL(TOKEN, import.meta.url)), 'utf8')
  const settings = {
    optimizer: { enabled: true, runs: 200 },
    outputSelection: { '*': { '*': ['evm.bytecode.object'] } },
  }
  const input = { language: 'Solidity', sources: { [TOKEN]: { content } }, settings }
  const output = JSON.parse(solc.compile(JSON.stringify(input))) as SolcOutput
  const bytecode = output.contracts?.[TOKEN]?.['Token']?.evm.bytecode.object
  if (bytecode === undefined) throw new Error(`${TOKEN}: ${JSON.stringify(output.errors)}`)
  return `0x${bytecode}`
}

interface SolcOutput {
  readonly errors?: unknown
  readonly contracts?: Record<
    string,
    Record<string, { readonly evm: { readonly bytecode: { readonly object: string } } }>
  >
}
