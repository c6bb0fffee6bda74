/** `npm start [-- OPTIONS]`: installs what is missing, builds the example contracts, then runs `devnet up OPTIONS`. */
import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { keptProgram } from './bundle/kept.mjs'
import { childEnvironment, ensureInstalled, pinnedNode, root, runNode } from './install.mjs'

const builder = 'contracts/src/builder/cli.ts'

ensureInstalled()

const build = runNode([keptProgram(builder) ?? join(root, builder)])
if (build.status !== 0) process.exit(build.status ?? 1)

// After the contracts: just installed, all files were too new (keep.ts). Where none can be made, the sources run.
if (keptProgram(builder) === null) runNode([join(root, 'scripts/bundle/keep.ts')])

const devnet = spawn(pinnedNode, [join(root, 'devnet/bin/devnet.js'), 'up', ...process.argv.slice(2)], {
  stdio: 'inherit',
  env: childEnvironment(),
})
// A terminal sends Ctrl-C to the whole group; a `kill` of this process alone has to be passed on.
for (const signal of ['SIGTERM', 'SIGHUP']) process.on(signal, () => devnet.kill(signal))
process.on('SIGINT', () => {})
devnet.on('exit', (code, signal) => process.exit(signal === null ? (code ?? 1) : 1))
