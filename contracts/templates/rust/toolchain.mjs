// Finds a Rust that compiles for WebAssembly, and how it is asked to: with the target's libraries where they are installed
// (rustup target add wasm32-unknown-unknown), else from the sources of the standard library (Debian: apt install cargo-web
// rustc-web rust-web-src lld; rustup: rustup component add rust-src).
import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'

export const TARGET = 'wasm32-unknown-unknown'
const { CARGO, RUSTC } = process.env
/** Those in PATH, and the system's, which rustup's hide; or those that the environment names. */
const PAIRS =
  CARGO !== undefined && RUSTC !== undefined
    ? [{ cargo: CARGO, rustc: RUSTC }]
    : [
        { cargo: 'cargo', rustc: 'rustc' },
        { cargo: '/usr/bin/cargo', rustc: '/usr/bin/rustc' },
      ]

/**
 * The cargo to build with, what its command line takes in addition, and its environment; null where there is none. Stable
 * releases build the standard library too where RUSTC_BOOTSTRAP allows it.
 */
export function findRust() {
  for (const { cargo, rustc } of PAIRS) {
    const libraries = said(rustc, '--print', 'target-libdir', '--target', TARGET)
    if (libraries !== null && existsSync(libraries)) return { cargo, rustc, options: [], environment: { RUSTC: rustc } }
  }
  const ld = said('wasm-ld', '--version') === null ? [] : ['--config', `target.${TARGET}.linker="wasm-ld"`]
  for (const { cargo, rustc } of PAIRS) {
    const sysroot = said(rustc, '--print', 'sysroot')
    if (sysroot === null || !existsSync(join(sysroot, 'lib/rustlib/src/rust/library/std/Cargo.toml'))) continue
    const options = ['-Zbuild-std=std,panic_abort', ...ld]
    return { cargo, rustc, options, environment: { RUSTC: rustc, RUSTC_BOOTSTRAP: '1' } }
  }
  return null
}

/** Output of a program; null where it does not run or does not succeed. */
function said(program, ...args) {
  const { status, stdout } = spawnSync(program, args, { encoding: 'utf8' })
  return status === 0 ? stdout.trim() : null
}
