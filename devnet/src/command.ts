/** The `devnet` command, once what it does is loaded. */
import { endEarlyNode } from './network/earlyNode.ts'
import { watchOutput } from './output/outputClosed.ts'
import { printed } from './output/terminal.ts'
import { runCli } from './program.ts'

export async function runCommand(args: readonly string[]): Promise<void> {
  watchOutput()
  const code = await runCli(args)
  endEarlyNode()
  process.exitCode = code
  // After an interruption nothing that still waits keeps the process; what was written gets out first.
  if (code > 128) {
    await printed()
    process.exit(code)
  }
}
