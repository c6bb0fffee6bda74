/** Installs what others make, from the registry, into a folder of the bench's own; absent ones are named and left out. */
import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { delimiter, dirname, join } from 'node:path'
import type { Hex } from 'viem'
import { compile } from '../solc/compile.ts'

/** Of each package, the one that is installed. */
export const VERSIONS = { '@foundry-rs/anvil': '1.7.1', hardhat: '3.18.0', solc: '0.8.37' }

export interface Rivals {
  /** Where they are installed. */
  readonly home: string
  /** Its program. */
  readonly anvil: string | null
  /** The script that Node runs. */
  readonly hardhat: string | null
  /** The token of devnet/bench/solc/Token.sol for the EVM. */
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
  const token = compile(home, 'Token')
  if (token === null) {
    say('skipped: anvil and hardhat, as there is no solc to compile for them')
    return null
  }
  const hardhat = join(home, 'node_modules/hardhat/dist/src/cli.js')
  const anvil = join(home, `node_modules/@foundry-rs/anvil-${platform()}/bin/anvil`)
  for (const [name, path] of Object.entries({ hardhat, anvil })) {
    if (!existsSync(path)) say(`skipped: ${name}, which the registry does not have for this machine`)
  }
  return {
    home,
    token: token.bytecode,
    hardhat: existsSync(hardhat) ? hardhat : null,
    anvil: existsSync(anvil) ? anvil : null,
  }
}

function platform(): string {
  const processor = process.arch === 'x64' ? 'amd64' : process.arch
  return `${process.platform}-${processor}`
}
