/** The `devnet` command. */
import { noteOutputError } from './output/outputClosed.ts'
import { runCli } from './program.ts'

for (const stream of [process.stdout, process.stderr]) stream.on('error', noteOutputError)
process.exitCode = await runCli(process.argv.slice(2))
