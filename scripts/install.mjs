/**
 * Makes sure that what package-lock.json names is installed, and gives the pinned Node.
 *
 * Plain JavaScript without dependencies: it runs before anything is installed, on whatever Node >= 20 the machine has.
 * Everything after it runs on the Node that the dev dependency `node` ships.
 */
import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

export const root = dirname(dirname(fileURLToPath(import.meta.url)))

const modules = join(root, 'node_modules')
const stamp = join(modules, '.touchstone-installed')
const oldestNode = 20

/** The Node binary that every part of Touchstone runs on. */
export const pinnedNode = join(modules, 'node', 'bin', process.platform === 'win32' ? 'node.exe' : 'node')

/** Installs when the lockfile changed since the last complete install. Exits with npm's status when npm fails. */
export function ensureInstalled() {
  if (Number(process.versions.node.split('.')[0]) < oldestNode) {
    console.error(`Touchstone needs Node ${oldestNode} or newer to install itself; this is ${process.version}.`)
    process.exit(2)
  }
  const wanted = lockHash()
  const installed = existsSync(stamp) && existsSync(pinnedNode) ? readFileSync(stamp, 'utf8') : ''
  if (installed === wanted) return

  console.error('Installing dependencies (once; about a minute) ...')
  // Warnings are about the Node that runs npm, which is not the one that runs Touchstone.
  const npm = spawnSync('npm', ['ci', '--loglevel=error', '--no-audit', '--no-fund'], {
    cwd: root,
    stdio: ['ignore', 'ignore', 'inherit'],
    shell: process.platform === 'win32',
  })
  if (npm.error) {
    console.error(`npm could not be started: ${npm.error.message}`)
    process.exit(1)
  }
  if (npm.status !== 0) {
    console.error('npm ci failed (see above). Check the network and the disk, then run the same command again.')
    process.exit(npm.status ?? 1)
  }
  if (!existsSync(pinnedNode)) {
    console.error(`npm ci finished, but ${pinnedNode} is missing: the package "node" has no binary for this platform`)
    console.error(
      `(${process.platform}-${process.arch}), or install scripts are switched off (npm config get ignore-scripts).`,
    )
    process.exit(1)
  }
  writeFileSync(stamp, wanted)
}

/**
 * Runs a script or a package's command on the pinned Node and waits for it.
 * @param {string[]} args what follows `node`
 * @param {import('node:child_process').SpawnSyncOptions} [options]
 */
export function runNode(args, options = {}) {
  return spawnSync(pinnedNode, args, { cwd: root, stdio: 'inherit', env: childEnvironment(), ...options })
}

/** The environment with the pinned Node and the installed commands first on the path. */
export function childEnvironment() {
  const separator = process.platform === 'win32' ? ';' : ':'
  return { ...process.env, PATH: `${join(modules, '.bin')}${separator}${process.env.PATH ?? ''}` }
}

function lockHash() {
  return createHash('sha256')
    .update(readFileSync(join(root, 'package-lock.json')))
    .digest('hex')
}
