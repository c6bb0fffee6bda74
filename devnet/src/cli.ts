/** The `devnet` command. */
import { runCli } from './program.ts'

// Whoever read has seen enough (`devnet --help | head`): nothing to tell, and nobody to tell it to. Nodes stop with their parent.
for (const stream of [process.stdout, process.stderr]) {
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error
    process.exit(1)
  })
}
process.exitCode = await runCli(process.argv.slice(2))
