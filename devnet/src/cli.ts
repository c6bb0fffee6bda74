/** The `devnet` command. A node's process takes as long to load as the command, so that begins first. */
import { optimiseNothing } from '@touchstone/node/process-program'
import { beginEarlyNode } from './network/earlyNode.ts'

const args = process.argv.slice(2)
beginEarlyNode(args)
// The command that starts a network waits beside it from then on, and needs none of V8's optimising compilers for that.
if (args[0] === 'up') optimiseNothing()
const { runCommand } = await import('./command.ts')
await runCommand(args)
