/** The `devnet` command. */
import { watchOutput } from './output/outputClosed.ts'
import { printed } from './output/terminal.ts'
import { runCli } from './program.ts'

watchOutput()
const code = await runCli(process.argv.slice(2))
process.exitCode = code
// After an interruption nothing that still waits keeps the process; what was written gets out first.
if (code > 128) {
  await printed()
  process.exit(code)
}
