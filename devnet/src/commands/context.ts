/** What every command gets: the terminal and the options that all commands share. */
import { type Connection, connect } from '../network/connection.ts'
import type { Terminal } from '../output/terminal.ts'

export interface CommandContext {
  readonly terminal: Terminal
  readonly dataDir: string
  readonly rpc: string | undefined
  readonly node: number
}

export function connectFrom(context: CommandContext): Promise<Connection> {
  return connect({ rpc: context.rpc, dataDir: context.dataDir, node: context.node })
}
