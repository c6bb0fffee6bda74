// Compiles src/lib.rs to build/counter.wasm with cargo; says what is missing where it cannot.
import { spawnSync } from 'node:child_process'
import { copyFileSync, mkdirSync } from 'node:fs'
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
  copyFileSync(`target/${TARGET}/release/counter.wasm`, 'build/counter.wasm')
}
process.exit(status ?? 1)
