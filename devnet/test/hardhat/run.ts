/**
 * `npm run test:hardhat [-- --modules DIR]`: hardhat 3 with hardhat-viem and its network helpers against a network of four
 * nodes in dev mode: a project as its users have it deploys an artifact of a build, calls it, and changes the chain. DIR is
 * a node_modules with `hardhat`, `@nomicfoundation/hardhat-viem`, `@nomicfoundation/hardhat-network-helpers` and `viem`,
 * installed by a Node from 22 up (docs/rationale/project.md). Without it this says so and ends with 0.
 */
import { spawn } from 'node:child_process'
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { readOptions } from '../../../scripts/options.ts'
import { expectSameChain, startTestNetwork } from '../e2e/harness.ts'

const RUN_TIMEOUT_MS = 5 * 60_000
const ARTIFACT = fileURLToPath(new URL('../../../contracts/examples/token/build/Token.json', import.meta.url))
const PACKAGES =
  'hardhat@3.18.0 @nomicfoundation/hardhat-viem@3.0.9 @nomicfoundation/hardhat-network-helpers@3.0.11 viem'

const { values } = readOptions(import.meta.url, { options: { modules: { type: 'string' } } })
const modules = values.modules === undefined ? null : resolve(values.modules)
if (modules === null || !existsSync(join(modules, 'hardhat/dist/src/cli.js'))) {
  console.log(
    `skipped: there is no hardhat: npm install ${PACKAGES} in a folder, and name its node_modules with --modules DIR`,
  )
  process.exit(0)
}

const folder = mkdtempSync(join(tmpdir(), 'touchstone-hardhat-'))
const network = await startTestNetwork({ dev: true })
try {
  writeProject(network.ready.nodes[0]!.rpc)
  const code = await runHardhat(modules)
  if (code !== 0) throw new Error(`hardhat ended with ${code}`)
  await expectSameChain(network, await network.client(1).getBlockNumber({ cacheTime: 0 }), [1, 2, 3, 4])
  console.log('hardhat: passed, and four nodes hold the same chain')
} finally {
  await network.dispose()
  rmSync(folder, { recursive: true, force: true })
}

function writeProject(url: string): void {
  symlinkSync(modules!, join(folder, 'node_modules'), 'junction')
  // As the compiler of hardhat would leave it.
  mkdirSync(join(folder, 'artifacts/contracts/Token.sol'), { recursive: true })
  copyFileSync(ARTIFACT, join(folder, 'artifacts/contracts/Token.sol/Token.json'))
  writeFileSync(join(folder, 'package.json'), '{ "type": "module" }\n')
  writeFileSync(
    join(folder, 'hardhat.config.ts'),
    `import helpers from '@nomicfoundation/hardhat-network-helpers'
import viem from '@nomicfoundation/hardhat-viem'
export default {
  plugins: [viem, helpers],
  networks: { touchstone: { type: 'http', chainType: 'l1', url: '${url}' } },
}
`,
  )
  copyFileSync(fileURLToPath(new URL('project.mjs', import.meta.url)), join(folder, 'project.mjs'))
}

function runHardhat(from: string): Promise<number | null> {
  const cli = join(from, 'hardhat/dist/src/cli.js')
  const words = [cli, '--network', 'touchstone', 'run', '--no-compile', 'project.mjs']
  const child = spawn(process.execPath, words, {
    ...{ cwd: folder, stdio: 'inherit', timeout: RUN_TIMEOUT_MS },
    env: { ...process.env, HARDHAT_DISABLE_TELEMETRY_PROMPT: 'true', CI: 'true' },
  })
  return new Promise((settle, reject) => {
    child.on('error', reject)
    child.on('close', settle)
  })
}
