/** `devnet config`: what the environment and the config file make of the options of `devnet up`. */
import type { Command } from 'commander'
import { formatTable } from '../output/table.ts'
import { configFile, listSettings } from '../settings.ts'
import type { CommandContext } from './context.ts'

export function configCommand({ terminal }: CommandContext, up: Command): void {
  const settings = listSettings(up)
  if (terminal.json) {
    terminal.printJson(Object.fromEntries(settings.map(({ option, value, source }) => [option, { value, source }])))
    return
  }
  terminal.printLines(
    formatTable(
      ['option', 'value', 'from'],
      settings.map(({ option, value, source }) => [option, value === null ? '-' : String(value), source]),
    ),
  )
  terminal.note(
    `set options by flag, by environment (DEVNET_PORT=9000), or in ${configFile} ({"port": 9000}); the first wins`,
  )
}
