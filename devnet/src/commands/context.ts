/** The surroundings of every command: the terminal and the options that all commands share. */
import { type Connection, connect } from '../network/connection.ts'
import type { Terminal } from '../output/terminal.ts'

export interface CommandContext {
  readonly terminal: Terminal
  readonly dataDir: string
  /** Whether a flag, the environment or the config file named it. */
  readonly dataIsGiven: boolean
  readonly rpc: string | undefined
  readonly node: number
}

export function connectFrom(context: CommandContext): Promise<Connection> {
  const { rpc, dataDir, dataIsGiven, node, terminal } = context
  return connect({ rpc, dataDir, dataIsGiven, node }, terminal.note)
}
