// Compiles variables.c and variables.rs to the modules beside them, with and without optimization, as DWARF 4 and 5. Run it
// in this folder. CLANG is clang 19 with its wasm-ld in PATH, and no wasm-opt; RUSTC is rustc 1.96 that may use its unstable
// options (RUSTC_BOOTSTRAP=1). RUST_CORE is a folder with libcore.rlib and libcompiler_builtins.rlib for WebAssembly: the
// former made of rust's library/core (--edition 2024 --crate-type rlib -C opt-level=1 -C panic=abort -Z
// force-unstable-if-unmarked, its sources remapped to /rustc), the latter an empty crate with #![compiler_builtins].
import { spawnSync } from 'node:child_process'

const { CLANG = 'clang', RUSTC = 'rustc', RUST_CORE } = process.env

function run(program, options) {
  const { status } = spawnSync(program, options, { stdio: 'inherit' })
  if (status !== 0) process.exit(1)
}

for (const level of [0, 2]) {
  for (const version of [4, 5]) {
    const debug = [`-gdwarf-${version}`, '-fdebug-compilation-dir=.']
    const link = ['-Wl,--no-entry', '-Wl,--export=user_entrypoint', '-Wl,-z,stack-size=8192']
    const output = ['-o', `variables.c.O${level}.dwarf${version}.wasm`, 'variables.c']
    run(CLANG, ['--target=wasm32', `-O${level}`, ...debug, '-nostdlib', ...link, ...output])
    if (level === 0 && version === 4) continue
    run(RUSTC, [
      ...[
        '--edition',
        '2021',
        '--target',
        'wasm32-unknown-unknown',
        '--crate-type',
        'cdylib',
        '--crate-name',
        'variables',
      ],
      ...['-C', 'panic=abort', '-C', `opt-level=${level}`, '-C', 'overflow-checks=off', '-C', 'debuginfo=2'],
      ...['-Z', `dwarf-version=${version}`, '-L', RUST_CORE, '--extern', `core=${RUST_CORE}/libcore.rlib`],
      ...[`--remap-path-prefix=${process.cwd()}=.`, '-C', 'linker=wasm-ld', '-C', 'linker-flavor=wasm-ld'],
      ...['-C', 'link-arg=-zstack-size=8192', '-o', `variables.rs.O${level}.dwarf${version}.wasm`, 'variables.rs'],
    ])
  }
}
