/** The `devnet` command. A node's process takes as long to load as the command, so that begins first. */
import { beginEarlyNode } from './network/earlyNode.ts'

const args = process.argv.slice(2)
beginEarlyNode(args)
const { runCommand } = await import('./command.ts')
await runCommand(args)
