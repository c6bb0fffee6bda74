// Compiles src/lib.rs to build/counter.wasm with cargo; says what is missing where it cannot.
import { spawnSync } from 'node:child_process'
import { copyFileSync, mkdirSync } from 'node:fs'

const target = 'wasm32-unknown-unknown'
const { error, status } = spawnSync('cargo', ['build', '--release', '--target', target], { stdio: 'inherit' })
if (error !== undefined) {
  console.error(`error: cargo does not run here (${error.code})`)
  console.error('hint:  install Rust from https://rustup.rs')
} else if (status !== 0) {
  console.error(
    `hint:  if the target is not installed: rustup target add ${target} (Debian: apt install libstd-rust-dev-wasm32)`,
  )
} else {
  mkdirSync('build', { recursive: true })
  copyFileSync(`target/${target}/release/counter.wasm`, 'build/counter.wasm')
}
process.exit(status ?? 1)
