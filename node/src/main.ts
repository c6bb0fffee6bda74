/**
 * A node as a process: `node main.ts CONFIG.json`, or by a parent that names the file later. The execution thread loads
 * what it runs while this thread does, which is more than half of a start: so this file has nothing but that, and the
 * process itself is nodeProcess.ts.
 */
import { startExecutionThread } from './chain/worker/executionThread.ts'
import { boundHostHeaps } from './runtime/hostHeap.ts'
import { startUnoptimised } from './runtime/startingCompiler.ts'

/** Files that this process makes, databases too, are its owner's alone. */
process.umask(0o077)

const configPath = process.argv[2]
const hasParent = process.connected === true
if (configPath === undefined && !hasParent) {
  process.stderr.write('usage: node main.ts CONFIG.json\n')
  process.exitCode = 2
} else {
  boundHostHeaps()
  const endStart = startUnoptimised()
  const executionThread = startExecutionThread()
  const { runNodeProcess } = await import('./nodeProcess.ts')
  await runNodeProcess({ configPath: configPath ?? null, hasParent, executionThread })
  endStart()
}
