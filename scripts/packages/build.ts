/**
 * `npm run build:packages [-- --no-pack]`: makes what people install. dist/packages/NAME is a package as it is published:
 * JavaScript, declarations and source maps, no tests; dist/*.tgz are the tarballs of the four. Nothing is uploaded.
 *
 * The folders keep their names (`src` holds JavaScript there), so that every URL between files is the same in both.
 */
import { execFileSync } from 'node:child_process'
import { cpSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { buildContract } from '../../contracts/src/index.ts'
import { PACKAGES } from '../importGraph.ts'
import { helpIfAsked } from '../options.ts'
import { publishedManifest } from './manifest.ts'
import { OLD_NODE_PATH, OLD_NODE_TEXT, portable } from './portable.ts'
import { stagePrograms } from './programs.ts'
import { publishedMap } from './sourceMap.ts'

helpIfAsked(import.meta.url)
const root = fileURLToPath(new URL('../../', import.meta.url))
const dist = join(root, 'dist')
const emitted = join(dist, 'emitted')
const packs = !process.argv.includes('--no-pack')

/** Sources that templates in C and Rust begin with, and tokens for the traffic of chaos runs. */
const FOREIGN = ['counter.c', 'counter.rs', 'panics.rs', 'vm_hooks.h', 'ICounter.sol', 'erc20'].map(
  (name) => `foreign/${name}`,
)

/** Further files of a package: the SDK that the compiler reads, examples as they are built, templates. */
const OTHER_FILES: Readonly<Record<string, readonly string[]>> = {
  vm: [],
  node: ['compiledCodeFolder', 'optimiseNothing'].flatMap((name) => [
    `src/runtime/${name}.mjs`,
    `src/runtime/${name}.d.mts`,
  ]),
  contracts: ['as', 'examples', 'predeploys', 'templates', ...FOREIGN, 'README.md'],
  devnet: [],
}
/** Of them, what is for this repository only. */
const LEFT_OUT = /\/as\/fixtures(\/|$)|\/templates\/\w+\/build(\/|$)|\/build\/(?!\w+\.json$)/

rmSync(dist, { recursive: true, force: true })
for (const folder of ['contracts/examples', 'contracts/predeploys']) {
  for (const name of readdirSync(join(root, folder))) await buildContract(join(root, folder, name))
}
run('node_modules/typescript/bin/tsc', '-p', 'scripts/packages/tsconfig.json')
for (const name of PACKAGES) await stage(name)
rmSync(emitted, { recursive: true })
if (packs) {
  for (const name of PACKAGES) {
    npm('pack', join(dist, 'packages', name), '--pack-destination', dist, '--loglevel=error')
  }
  for (const name of readdirSync(dist).filter((file) => file.endsWith('.tgz'))) console.log(join('dist', name))
}

async function stage(name: string): Promise<void> {
  const target = join(dist, 'packages', name)
  mkdirSync(target, { recursive: true })
  for (const path of readdirSync(join(emitted, name), { recursive: true, encoding: 'utf8' })) {
    const file = join(emitted, name, path)
    if (/\.(js|d\.ts)$/.test(path)) writeFileSync(file, portable(readFileSync(file, 'utf8'), path))
    if (path.endsWith('.map')) writeFileSync(file, publishedMap(readFileSync(file, 'utf8')))
  }
  cpSync(join(emitted, name), target, { recursive: true })
  writeFileSync(join(target, OLD_NODE_PATH), OLD_NODE_TEXT)
  for (const path of OTHER_FILES[name]!) {
    cpSync(join(root, name, path), join(target, path), {
      recursive: true,
      filter: (source) => !LEFT_OUT.test(source.replaceAll('\\', '/')),
    })
  }
  const dependencies = await stagePrograms(name, target)
  const manifest = publishedManifest(JSON.parse(readFileSync(join(root, name, 'package.json'), 'utf8')), dependencies)
  writeFileSync(join(target, 'package.json'), `${JSON.stringify(manifest, null, 2)}\n`)
  cpSync(join(root, 'LICENSE'), join(target, 'LICENSE'))
  for (const command of Object.keys(manifest.bin ?? {})) {
    mkdirSync(join(target, 'bin'), { recursive: true })
    const text = `#!/usr/bin/env node
import { useCompiledCode } from '@touchstone/node/compiled-code'

useCompiledCode()
await import('../src/cli.js')
`
    writeFileSync(join(target, 'bin', `${command}.js`), text, { mode: 0o755 })
  }
}

function run(script: string, ...args: readonly string[]): void {
  execFileSync(process.execPath, [join(root, script), ...args], { cwd: root, stdio: 'inherit' })
}

function npm(...args: readonly string[]): void {
  execFileSync('npm', args, { cwd: root, stdio: ['ignore', 'ignore', 'inherit'], shell: process.platform === 'win32' })
}
