/**
 * The tools that the hardware run needs for other machines: versions of Node from npm, an emulator and libraries from the
 * distribution, a browser. Fetched once into a cache; a tool that cannot be had is named, and its runs are skipped.
 */
import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync, renameSync, rmSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const cache = fileURLToPath(new URL('../../../node_modules/.cache/touchstone-hardware', import.meta.url))
const NPM_TIMEOUT_MS = 180_000
const APT_TIMEOUT_MS = 300_000

/** Path, or why there is none. */
export type Found = { readonly path: string } | { readonly missing: string }

/** A Node binary from the npm package that holds it, such as node-linux-s390x. */
export function nodeBinary(packageName: string, version: string): Found {
  const folder = join(cache, `${packageName}-${version}`)
  const path = join(folder, 'bin', 'node')
  if (existsSync(path)) return { path }
  if (process.platform !== 'linux') return { missing: `${packageName} runs on Linux only` }
  console.error(`fetching ${packageName}@${version} ...`)
  const fresh = `${folder}.new`
  rmSync(fresh, { recursive: true, force: true })
  mkdirSync(fresh, { recursive: true })
  const packed = spawnSync('npm', ['pack', `${packageName}@${version}`, '--silent'], {
    cwd: fresh,
    timeout: NPM_TIMEOUT_MS,
    encoding: 'utf8',
  })
  const archive = readdirSync(fresh).find((name) => name.endsWith('.tgz'))
  if (packed.status !== 0 || archive === undefined) {
    return { missing: `npm pack ${packageName}@${version} failed: ${lastLine(packed.stderr) || 'no answer in time'}` }
  }
  const unpacked = spawnSync('tar', ['-xzf', archive, '--strip-components=1'], { cwd: fresh, encoding: 'utf8' })
  if (unpacked.status !== 0) return { missing: `tar could not unpack ${archive}: ${lastLine(unpacked.stderr)}` }
  rmSync(join(fresh, archive))
  // Whole or not there: a run that was interrupted leaves nothing that looks complete.
  renameSync(fresh, folder)
  return { path }
}

/** A program of the distribution; the packages are installed when it is not there and this user may. */
export function systemProgram(name: string, packages: readonly string[], files: readonly string[] = []): Found {
  const find = () => {
    const found = pathOf(name)
    return found !== undefined && files.every(existsSync) ? found : undefined
  }
  const before = find()
  if (before !== undefined) return { path: before }
  const reason = installPackages(packages)
  const after = find()
  return after === undefined
    ? { missing: `${reason ?? `${name} is not there`}; packages: ${packages.join(' ')}` }
    : { path: after }
}

/** Whether a program is there without installing anything. */
export function isInstalled(name: string): boolean {
  return pathOf(name) !== undefined
}

function pathOf(name: string): string | undefined {
  return (process.env['PATH'] ?? '')
    .split(':')
    .map((folder) => join(folder, name))
    .find(existsSync)
}

/** Null when they were installed. */
function installPackages(packages: readonly string[]): string | null {
  if (process.getuid?.() !== 0) return 'only root can install packages'
  if (spawnSync('apt-get', ['--version']).status !== 0) return 'there is no apt-get'
  console.error(`installing ${packages.join(' ')} ...`)
  const options = {
    timeout: APT_TIMEOUT_MS,
    encoding: 'utf8',
    env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
  } as const
  const install = () => spawnSync('apt-get', ['install', '-y', '--no-install-recommends', ...packages], options)
  let result = install()
  if (result.status !== 0) {
    // The lists may be old or absent.
    spawnSync('apt-get', ['update'], options)
    result = install()
  }
  return result.status === 0 ? null : `apt-get failed: ${lastLine(result.stderr) || 'no end in time'}`
}

/** The emulator of a foreign processor, and the folder its programs find their libraries in. */
export interface Emulation {
  readonly emulator: string
  readonly libraries: string
}

export function emulation(arch: 'aarch64' | 's390x'): Emulation | { readonly missing: string } {
  const libraries = `/usr/${arch}-linux-gnu`
  const debianName = arch === 'aarch64' ? 'arm64' : arch
  const found = systemProgram(
    `qemu-${arch}-static`,
    ['qemu-user-static', ...['libc6', 'libstdc++6', 'libatomic1'].map((name) => `${name}-${debianName}-cross`)],
    ['libc.so.6', 'libstdc++.so.6', 'libatomic.so.1'].map((file) => join(libraries, 'lib', file)),
  )
  return 'missing' in found ? found : { emulator: found.path, libraries }
}

export function scratchFolder(): string {
  const folder = join(dirname(cache), 'touchstone-hardware-run')
  mkdirSync(folder, { recursive: true })
  return folder
}

function lastLine(text: string | null): string {
  return text?.trim().split('\n').at(-1) ?? ''
}
