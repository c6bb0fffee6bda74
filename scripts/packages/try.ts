/**
 * `npm run test:packages [-- --nodes 20,22,24,26]`: builds the packages, installs their tarballs in an empty folder,
 * and does there what a newcomer does, with each of these Nodes: builds a contract, deploys it to a network of one
 * node, sends, calls, and verifies that it is of its source; and the same, with tests and types, in a project that
 * `devnet init` made. Takes a few minutes, and loads what it installs.
 */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { readOptions } from '../options.ts'

/** Milliseconds in which a network of one node starts, also on a busy machine. */
const START_LIMIT = 600_000
const LOOK_AGAIN = 200

const { values } = readOptions(import.meta.url, { options: { nodes: { type: 'string', default: '20,22,24,26' } } })
const nodes = values.nodes.split(',')
const root = fileURLToPath(new URL('../../', import.meta.url))
const folder = mkdtempSync(join(tmpdir(), 'touchstone-packages-'))
const project = join(folder, 'project')

execFileSync(process.execPath, [join(root, 'scripts/packages/build.ts')], { stdio: 'inherit' })
const tarballs = readdirSync(join(root, 'dist')).filter((name) => name.endsWith('.tgz'))
install(
  project,
  tarballs.map((name) => join(root, 'dist', name)),
)
install(
  join(folder, 'nodes'),
  nodes.map((version) => `node${version}@npm:node@${version}`),
)
const begun = join(folder, 'my-counter')
execFileSync(
  process.execPath,
  [join(project, 'node_modules/@touchstone/devnet/bin/devnet.js'), 'init', begun, '--packages', join(root, 'dist')],
  { stdio: ['ignore', 'ignore', 'inherit'] },
)
npmInstall(begun)
mkdirSync(join(project, 'counter/assembly'), { recursive: true })
writeFileSync(join(project, 'counter/assembly/index.ts'), readmeContract())

for (const version of nodes) await tryWith(join(folder, 'nodes/node_modules', `node${version}`, 'bin/node'))
rmSync(folder, { recursive: true, force: true })

async function tryWith(node: string): Promise<void> {
  const devnet = (...args: readonly string[]) =>
    execFileSync(node, [join(project, 'node_modules/@touchstone/devnet/bin/devnet.js'), ...args], {
      cwd: project,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'inherit'],
    }).trim()
  const version = execFileSync(node, ['--version'], { encoding: 'utf8' }).trim()
  const data = join(folder, `network-${version}`)
  rmSync(join(project, 'counter/build'), { recursive: true, force: true })
  devnet('build', 'counter')
  const ready = join(folder, `ready-${version}.json`)
  const up = spawn(
    node,
    [
      join(project, 'node_modules/@touchstone/devnet/bin/devnet.js'),
      ...['up', '--nodes', '1', '--port', '24100', '--data', data, '--config-out', ready],
    ],
    // Named, a node may take ten minutes to answer.
    { cwd: project, stdio: 'ignore', env: { ...process.env, DEVNET_NODE_BINARIES: `1=${node}` } },
  )
  try {
    await started(up, ready)
    devnet('deploy', 'counter', '5', '--data', data)
    devnet('send', 'Counter', 'add', '3', '--data', data)
    const total = devnet('call', 'Counter', 'total', '--data', data)
    if (total !== '8') throw new Error(`${version}: total is ${total}, not 8`)
    devnet('verify-source', 'Counter', 'counter', '--data', data)
    tryProject(node, version, data)
    console.log(`${version}: built, deployed, sent and called`)
  } finally {
    up.kill('SIGINT')
    await ended(up)
  }
}

/** What the README of a project that `devnet init` made says. Its tests want a Node that vitest runs on. */
function tryProject(node: string, version: string, data: string): void {
  const run = (path: string, ...args: readonly string[]) =>
    execFileSync(node, [join(begun, 'node_modules', path), ...args], { cwd: begun, encoding: 'utf8' }).trim()
  const devnet = (...args: readonly string[]) => run('@touchstone/devnet/bin/devnet.js', ...args)
  rmSync(join(begun, 'build'), { recursive: true, force: true })
  devnet('build', '.')
  run('typescript/bin/tsc', '-p', 'assembly')
  run('typescript/bin/tsc')
  if (!version.startsWith('v20.')) run('vitest/vitest.mjs', 'run')
  devnet('deploy', '.', '5', '--data', data, '--name', 'Begun')
  devnet('send', 'Begun', 'add', '3', '--data', data)
  const total = devnet('call', 'Begun', 'total', '--data', data)
  if (total !== '8') throw new Error(`${version}: total of the new project is ${total}, not 8`)
}

async function started(up: ChildProcess, ready: string): Promise<void> {
  for (let waited = 0; !existsSync(ready); waited += LOOK_AGAIN) {
    if (up.exitCode !== null) throw new Error(`the network ended with ${up.exitCode}`)
    if (waited > START_LIMIT) throw new Error('the network did not start')
    await sleep(LOOK_AGAIN)
  }
}

async function ended(up: ChildProcess): Promise<void> {
  while (up.exitCode === null && up.signalCode === null) await sleep(LOOK_AGAIN)
}

function install(directory: string, what: readonly string[]): void {
  mkdirSync(directory, { recursive: true })
  writeFileSync(join(directory, 'package.json'), '{"private": true, "type": "module"}\n')
  npmInstall(directory, ...what)
}

function npmInstall(directory: string, ...what: readonly string[]): void {
  execFileSync('npm', ['install', '--no-audit', '--no-fund', '--loglevel=error', ...what], {
    cwd: directory,
    stdio: ['ignore', 'ignore', 'inherit'],
  })
}

/** The first contract that contracts/README.md shows. */
function readmeContract(): string {
  return /```ts\n([\s\S]*?)```/.exec(readFileSync(join(root, 'contracts/README.md'), 'utf8'))![1]!
}
