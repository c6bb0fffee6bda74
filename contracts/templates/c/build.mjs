// Compiles counter.c with clang to build/counter.debug.wasm, which has names and lines for debuggers, and without those to
// build/counter.wasm, which is deployed; says what is missing where it cannot.
import { spawnSync } from 'node:child_process'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { stripped } from './strip.mjs'

const clang = process.env.CLANG ?? 'clang'
const options = [
  ...['--target=wasm32', '-mbulk-memory', '-O2', '-gdwarf-5', '-nostdlib'],
  ...['-Wl,--no-entry', '-Wl,--export=user_entrypoint', '-Wl,-z,stack-size=8192'],
]
// clang runs the wasm-opt that it finds, which changes the code and leaves the lines as they were: not one of npm's.
const folders = (process.env.PATH ?? '').split(delimiter)
const PATH = folders.filter((folder) => !folder.endsWith(join('node_modules', '.bin'))).join(delimiter)
const debug = 'build/counter.debug.wasm'
mkdirSync('build', { recursive: true })
const { error, status } = spawnSync(clang, [...options, '-o', debug, 'counter.c'], {
  stdio: 'inherit',
  env: { ...process.env, PATH },
})
if (status === 0) writeFileSync('build/counter.wasm', stripped(readFileSync(debug)))
if (error !== undefined) {
  console.error(`error: ${clang} does not run here (${error.code})`)
  console.error('hint:  install clang 14 or newer and lld, whose wasm-ld it links with (Debian: apt install clang lld;')
  console.error('       macOS: brew install llvm lld); with CLANG=/path/to/clang another one is taken')
} else if (status !== 0) {
  console.error('hint:  if it is the linker that was not found, install lld, which has wasm-ld')
}
process.exit(status ?? 1)
