/**
 * Builds the interpreters that ours is compared with, where their toolchains are: wasmi by cargo, wasm3 by a C compiler.
 * Nothing of theirs is in the repository: cargo brings both from its registry (Cargo.toml says which versions) to a folder
 * that git ignores.
 */
import { spawnSync } from 'node:child_process'
import { copyFileSync, existsSync, mkdirSync, readdirSync } from 'node:fs'
import { join } from 'node:path'

const SOURCES = ['Cargo.toml', 'wasmi.rs', 'wasm3.c']
const FOLDER = join(import.meta.dirname, 'build')
const VENDORED = join(FOLDER, 'vendor', 'wasm3-sys', 'wasm3', 'source')
/** As wasm3's own build has them, without what prints. */
const C_OPTIONS = ['-O3', '-DNDEBUG', '-fomit-frame-pointer', '-Dd_m3LogOutput=0', '-Dd_m3Use32BitSlots=0', '-w']

export type Built = { readonly program: string } | { readonly skipped: string }

export interface BuiltPeers {
  readonly wasm3: Built
  readonly wasmi: Built
}

/** @param wasm3 a folder with the C sources of wasm3, `source` of its repository, instead of those of the crate */
export function buildPeers(wasm3: string | undefined): BuiltPeers {
  mkdirSync(FOLDER, { recursive: true })
  for (const name of SOURCES) copyFileSync(join(import.meta.dirname, name), join(FOLDER, name))
  const cargo = hasProgram('cargo')
  return {
    wasmi: cargo ? buildWasmi() : { skipped: 'there is no cargo (rustup.rs installs it)' },
    wasm3: wasm3 === undefined ? buildVendored(cargo) : buildWasm3(wasm3),
  }
}

function buildWasmi(): Built {
  const failure = failureOf('cargo', ['build', '--release', '--quiet'])
  if (failure !== null) return { skipped: `cargo build failed: ${failure}` }
  return { program: join(FOLDER, 'target', 'release', process.platform === 'win32' ? 'wasmi-peer.exe' : 'wasmi-peer') }
}

function buildVendored(cargo: boolean): Built {
  if (!cargo) return { skipped: 'there is no cargo to bring its sources; --wasm3 FOLDER names them' }
  const failure = failureOf('cargo', ['vendor', '--quiet', 'vendor'])
  if (failure !== null) return { skipped: `cargo vendor failed: ${failure}` }
  return buildWasm3(VENDORED)
}

function buildWasm3(source: string): Built {
  const compiler = process.env['CC'] ?? 'cc'
  if (!existsSync(join(source, 'wasm3.h')))
    return { skipped: `${source} has no wasm3.h: it is not wasm3's folder source` }
  if (!hasProgram(compiler)) return { skipped: `there is no C compiler ${compiler}; CC=... names one` }
  const program = join(FOLDER, 'wasm3-peer')
  const files = readdirSync(source).filter((name) => name.endsWith('.c'))
  const inputs = ['wasm3.c', ...files.map((name) => join(source, name))]
  const failure = failureOf(compiler, [...C_OPTIONS, '-I', source, '-o', program, ...inputs, '-lm'])
  return failure === null ? { program } : { skipped: `${compiler} failed: ${failure}` }
}

function hasProgram(name: string): boolean {
  return spawnSync(name, ['--version'], { stdio: 'ignore' }).status === 0
}

/** Runs a program in the folder; what is wrong, or null. */
function failureOf(name: string, options: readonly string[]): string | null {
  const { status, stderr, error } = spawnSync(name, options, { cwd: FOLDER, encoding: 'utf8' })
  if (error !== undefined) return error.message
  if (status === 0) return null
  return stderr.trim().split('\n').slice(-3).join(' / ')
}
