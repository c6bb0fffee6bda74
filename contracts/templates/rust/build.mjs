// Compiles src/lib.rs with cargo to build/counter.debug.wasm, which has names and lines for debuggers, and without those to
// build/counter.wasm, which is deployed; says what is missing where it cannot.
import { spawnSync } from 'node:child_process'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { stripped } from './strip.mjs'
import { findRust, TARGET } from './toolchain.mjs'

const rust = findRust()
if (rust === null) {
  console.error(`error: no Rust that compiles for ${TARGET} is here`)
  console.error(`hint:  install Rust from https://rustup.rs and: rustup target add ${TARGET}`)
  console.error('       (Debian: apt install cargo-web rustc-web rust-web-src lld)')
  process.exit(1)
}
const { error, status } = spawnSync(rust.cargo, ['build', '--release', '--target', TARGET, ...rust.options], {
  stdio: 'inherit',
  env: { ...process.env, ...rust.environment },
})
if (error !== undefined) console.error(`error: ${rust.cargo} does not run here (${error.code})`)
if (status === 0) {
  mkdirSync('build', { recursive: true })
  const debug = readFileSync(`target/${TARGET}/release/counter.wasm`)
  writeFileSync('build/counter.debug.wasm', debug)
  writeFileSync('build/counter.wasm', stripped(debug))
}
process.exit(status ?? 1)
