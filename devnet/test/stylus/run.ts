/**
 * `npm run test:stylus [-- --tool PATH --builds FOLDER --only PART,PART --keep-tokens]`: the stock program `cargo-stylus`
 * (cargo install cargo-stylus --version 0.10.9 --locked) against a network of four nodes on both engines.
 *
 * It checks, deploys, activates, keeps alive, simulates and traces modules of Rust, C and AssemblyScript and one that
 * goes in fragments; then it builds, deploys and verifies contracts of stylus-sdk 0.6, 0.8, 0.9 and 0.10 and
 * OpenZeppelin's, with constructors, and a project of `cargo stylus new`, which it replays. What was deployed, by it
 * and by viem, is driven by viem.
 *
 * Without --tool the program is looked for in PATH. Where it is not, this says so and ends with 0. Contracts in Rust
 * are built in --builds (default: touchstone-stylus in the folder for temporary files), which stays, so that the next
 * run is fast; without a Rust for wasm32 or without crates it says so and does the rest. With --keep-tokens the ERC-20s
 * that were built become those of contracts/foreign/erc20. Parts: modules, sdk, openzeppelin, new.
 */
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { readOptions } from '../../../scripts/options.ts'
import { expectSameChain, startTestNetwork, type TestNetwork } from '../e2e/harness.ts'
import { prepareBuilds } from './builds.ts'
import { CargoStylus } from './cargoStylus.ts'
import { keepTokens } from './keepTokens.ts'
import { driveModules, writeWorkspace } from './modules.ts'
import { driveNewProject } from './newProject.ts'
import { driveOpenZeppelin } from './openZeppelin.ts'
import { driveSdkContracts } from './sdkContracts.ts'
import { Trial } from './trial.ts'

const { values } = readOptions(import.meta.url, {
  options: {
    tool: { type: 'string', default: 'cargo-stylus' },
    builds: { type: 'string', default: join(tmpdir(), 'touchstone-stylus') },
    only: { type: 'string', default: 'modules,sdk,openzeppelin,new' },
    'keep-tokens': { type: 'boolean', default: false },
  },
})
if (spawnSync(values.tool, ['--help']).error !== undefined) {
  console.log(
    `skipped: there is no program ${values.tool}: cargo install cargo-stylus --version 0.10.9 --locked, or name it with --tool PATH`,
  )
  process.exit(0)
}

const folder = mkdtempSync(join(tmpdir(), 'touchstone-stylus-'))
let network: TestNetwork | null = null
try {
  writeWorkspace(folder)
  const builds = await prepareBuilds(resolve(values.builds))
  network = await startTestNetwork()
  const environment = typeof builds === 'string' ? {} : builds.environment
  const trial = new Trial(network, new CargoStylus(values.tool, { folder, environment }))
  if (runs('modules')) await driveModules(trial, folder)
  if (typeof builds === 'string') console.log(`skipped: contracts in Rust: ${builds}`)
  else {
    console.log(`contracts in Rust are built in ${builds.folder}`)
    if (runs('sdk')) await driveSdkContracts(trial, builds)
    if (runs('openzeppelin')) await driveOpenZeppelin(trial, builds)
    if (runs('new')) await driveNewProject(trial, builds)
    if (values['keep-tokens']) keepTokens(builds)
  }
  const height = await network.client(1).getBlockNumber({ cacheTime: 0 })
  await expectSameChain(network, height, [1, 2, 3, 4])
  console.log(`passed: four nodes agree on all ${height} blocks`)
} finally {
  await network?.dispose()
  rmSync(folder, { recursive: true, force: true })
}

function runs(part: 'modules' | 'sdk' | 'openzeppelin' | 'new'): boolean {
  return values.only.split(',').includes(part)
}
