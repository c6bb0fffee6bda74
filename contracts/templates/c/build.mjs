// Compiles counter.c to build/counter.wasm with clang; says what is missing where it cannot.
import { spawnSync } from 'node:child_process'
import { mkdirSync } from 'node:fs'

const clang = process.env.CLANG ?? 'clang'
const options = [
  ...['--target=wasm32', '-mbulk-memory', '-O2', '-nostdlib'],
  ...['-Wl,--no-entry', '-Wl,--export=user_entrypoint', '-Wl,-s', '-Wl,-z,stack-size=8192'],
]
mkdirSync('build', { recursive: true })
const { error, status } = spawnSync(clang, [...options, '-o', 'build/counter.wasm', 'counter.c'], { stdio: 'inherit' })
if (error !== undefined) {
  console.error(`error: ${clang} does not run here (${error.code})`)
  console.error('hint:  install clang 14 or newer and lld, whose wasm-ld it links with (Debian: apt install clang lld;')
  console.error('       macOS: brew install llvm lld); with CLANG=/path/to/clang another one is taken')
} else if (status !== 0) {
  console.error('hint:  if it is the linker that was not found, install lld, which has wasm-ld')
}
process.exit(status ?? 1)
