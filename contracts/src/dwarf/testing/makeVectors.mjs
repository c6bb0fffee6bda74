// Compiles vector.c to vector.dwarf4.wasm and vector.dwarf5.wasm, with clang 14 and its wasm-ld: run it in this folder, with
// no wasm-opt in PATH, which clang would run.
import { spawnSync } from 'node:child_process'

for (const version of [4, 5]) {
  const debug = [`-gdwarf-${version}`, '-fdebug-compilation-dir=.']
  const link = ['-Wl,--no-entry', '-Wl,--export=user_entrypoint', '-Wl,-z,stack-size=8192']
  const output = ['-o', `vector.dwarf${version}.wasm`, 'vector.c']
  const options = ['--target=wasm32', '-O2', ...debug, '-nostdlib', ...link, ...output]
  const { status } = spawnSync(process.env.CLANG ?? 'clang', options, { stdio: 'inherit' })
  if (status !== 0) process.exit(1)
}
