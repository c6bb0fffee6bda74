/**
 * Where the contracts in Rust are built: their sources are copied to a folder that stays, so that a second run compiles
 * nothing, and cargo and rustc are programs of that folder, which the tool finds first.
 */
import { spawnSync } from 'node:child_process'
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { delimiter, dirname, join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'

const SOURCES = fileURLToPath(new URL('rust', import.meta.url))
const RECIPE = new URL('../../../contracts/templates/rust/toolchain.mjs', import.meta.url)
/** Beside the sources that the contracts share: what authors get has to work with each release of the SDK. */
const PANICS = fileURLToPath(new URL('../../../contracts/foreign/panics.rs', import.meta.url))
const SOURCE_LINE = /^source = .*\n/m
const FETCH_TIMEOUT_MS = 10 * 60_000

/** As contracts/templates/rust/toolchain.mjs finds it. */
interface Rust {
  readonly cargo: string
  readonly rustc: string
  readonly options: readonly string[]
  readonly environment: Readonly<Record<string, string>>
}

export interface Builds {
  readonly folder: string
  /** For a tool that calls cargo and rustc. */
  readonly environment: Readonly<Record<string, string>>
  /** Folders of contracts, relative: `sdk-09/token`. */
  readonly contracts: readonly string[]
}

/** @returns why nothing can be built here, as a sentence, where nothing can */
export async function prepareBuilds(folder: string): Promise<Builds | string> {
  const { findRust, TARGET } = (await import(RECIPE.href)) as { findRust(): Rust | null; TARGET: string }
  const rust = findRust()
  if (rust === null) return `no Rust that compiles for ${TARGET} is here (contracts/templates/rust/toolchain.mjs)`
  const programs = join(folder, 'bin')
  mkdirSync(programs, { recursive: true })
  writePrograms(programs, rust, TARGET)
  const project = join(folder, 'rust')
  const contracts = copySources(project)
  const environment = {
    ...rust.environment,
    ...{ PATH: `${programs}${delimiter}${process.env['PATH']}`, CARGO: join(programs, 'cargo') },
    // The sources name a toolchain, as the tool demands; rustup would fetch that one.
    ...{ RUSTUP_TOOLCHAIN: rustupToolchain(), CARGO_TERM_COLOR: 'never' },
  }
  const builds = { folder: project, environment, contracts }
  for (const workspace of workspacesOf(builds)) {
    const failure = fetchCrates(builds, workspace)
    if (failure !== null) return `the crates cannot be had: ${failure}`
  }
  return builds
}

/** Of the versions that `crates.lock` has. @returns the words of cargo where it fails */
function fetchCrates({ folder, environment }: Builds, workspace: string): string | null {
  const cargo = (...args: readonly string[]): string | null => {
    const { status, stderr } = spawnSync('cargo', args, {
      ...{ cwd: join(folder, workspace), encoding: 'utf8', timeout: FETCH_TIMEOUT_MS },
      env: { ...process.env, ...environment },
    })
    return status === 0 ? null : stderr.trim().split('\n').slice(-3).join(' ')
  }
  const lock = join(folder, workspace, 'Cargo.lock')
  // Cargo says by itself where crates come from; nothing of a registry stands in the repository.
  const failure = existsSync(lock) ? null : cargo('generate-lockfile')
  if (failure !== null) return failure
  const text = readFileSync(lock, 'utf8')
  const kept = readFileSync(keptLock(workspace), 'utf8')
  if (withoutSources(text) !== kept) {
    const [source] = SOURCE_LINE.exec(text)!
    writeFileSync(lock, kept.replaceAll(/^checksum = /gm, `${source}checksum = `))
  }
  const failed = cargo('fetch')
  if (failed === null && withoutSources(readFileSync(lock, 'utf8')) !== kept) {
    console.log(`the manifests ask for other crates than those of ${keptLock(workspace)}, which --keep-tokens writes`)
  }
  return failed
}

/** Writes the versions and checksums of the crates of which was built. */
export function keepCrates(builds: Builds): void {
  for (const workspace of workspacesOf(builds)) {
    writeFileSync(
      keptLock(workspace),
      withoutSources(readFileSync(join(builds.folder, workspace, 'Cargo.lock'), 'utf8')),
    )
  }
}

function workspacesOf({ contracts }: Builds): ReadonlySet<string> {
  return new Set(contracts.map(workspaceOf))
}

function keptLock(workspace: string): string {
  return join(SOURCES, workspace, 'crates.lock')
}

/** A lockfile of cargo, whose entries have the line of their source before their checksum. */
function withoutSources(lock: string): string {
  return lock.replaceAll(new RegExp(SOURCE_LINE, 'gm'), '')
}

/** Cargo takes the recipe's options where it compiles for the chain, and only there: the tool also runs contracts here. */
function writePrograms(programs: string, rust: Rust, target: string): void {
  const quoted = rust.options.map((option) => `'${option}'`).join(' ')
  const cargo = join(programs, 'cargo')
  const real = spawnSync('sh', ['-c', `command -v ${rust.cargo}`], { encoding: 'utf8' }).stdout.trim()
  writeFileSync(
    cargo,
    `#!/bin/sh
case " $* " in
*${target}*) exec ${real} "$@" ${quoted} ;;
*) exec ${real} "$@" ;;
esac
`,
  )
  chmodSync(cargo, 0o755)
  const rustc = join(programs, 'rustc')
  rmSync(rustc, { force: true })
  if (rust.rustc.startsWith('/')) symlinkSync(rust.rustc, rustc)
}

function rustupToolchain(): string {
  const { stdout } = spawnSync('rustup', ['show', 'active-toolchain'], { encoding: 'utf8', cwd: dirname(SOURCES) })
  return stdout?.split(' ')[0]?.trim() ?? ''
}

/** Only what changed is written: cargo goes by the time of files. */
function copySources(to: string): readonly string[] {
  const files = readdirSync(SOURCES, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile())
  const contracts: string[] = []
  for (const { parentPath, name } of files) {
    const from = join(parentPath, name)
    const path = relative(SOURCES, from)
    if (name === 'Stylus.toml' && readFileSync(from, 'utf8').startsWith('[contract]')) contracts.push(dirname(path))
    copyChanged(from, join(to, path))
  }
  copyChanged(PANICS, join(to, 'shared/panics.rs'))
  return contracts.sort()
}

function copyChanged(from: string, to: string): void {
  const text = readFileSync(from, 'utf8')
  if (existsSync(to) && readFileSync(to, 'utf8') === text) return
  mkdirSync(dirname(to), { recursive: true })
  writeFileSync(to, text)
}

/** The module of a contract, once the tool or cargo built it. */
export function builtModule({ folder }: Builds, contract: string): string {
  const manifest = readFileSync(join(folder, contract, 'Cargo.toml'), 'utf8')
  const name = /^name = "([\w-]+)"/m.exec(manifest)![1]!.replaceAll('-', '_')
  return join(folder, workspaceOf(contract), `target/wasm32-unknown-unknown/release/${name}.wasm`)
}

/** The folder of the workspace that a contract belongs to. */
function workspaceOf(contract: string): string {
  return existsSync(join(SOURCES, dirname(contract), 'Cargo.toml')) ? dirname(contract) : '.'
}
