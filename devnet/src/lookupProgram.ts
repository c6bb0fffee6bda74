/** Commands that look at what a chain has: transactions and their traces, blocks, accounts, events. */
import type { Command } from 'commander'
import type { Hex } from 'viem'
import type { CoverageOptions } from './commands/coverage.ts'
import type { DebugOptions } from './commands/debug.ts'
import type { AtBlock, EventsOptions } from './commands/lookups.ts'
import type { ProfileOptions } from './commands/profile.ts'
import type { TraceOptions } from './commands/trace.ts'
import {
  blockNumber,
  blockReference,
  debugCommands,
  path,
  storageSlot,
  transactionHash,
  wei,
  wholeNumber,
} from './optionParsers.ts'
import {
  addConnection,
  addShared,
  type ConnectionFlags,
  contextOf,
  fromOption,
  type SharedOptions,
} from './programOptions.ts'

/** Rows of a table: all that a profile can have. */
const MAX_PROFILE_ROWS = 1_000_000

type Flags<T> = SharedOptions & ConnectionFlags & T

/** Of an account; the others have one contract. */
const ACCOUNT = 'address, the name it was deployed under, or @1 for an account'

export function addLookups(program: Command): void {
  addConnection(addShared(program.command('trace')))
    .description('show what a transaction did, call by call, or what a call would do')
    .argument('<what>', 'hash of a transaction, or the contract to call')
    .argument('[function]', 'of the contract: as for call')
    .argument('[args...]', 'as for call')
    .option('--host-calls', 'show each call of the host: storage, context, logs', false)
    .option('--storage', 'show the slots that changed', false)
    .option('--abi <file>', 'artifact, ABI or Solidity interface (default: that of the deployment)', path)
    .option('--block <number>', 'call on the state after this block (default: the latest)', blockNumber)
    .option('--value <amount>', 'wei to send along with the call, such as 1.5ether', wei)
    .addOption(fromOption())
    .action(async (what: string, name: string | undefined, words: string[], options: Flags<TraceOptions>) => {
      const { traceCommand } = await import('./commands/trace.ts')
      await traceCommand(contextOf(options), what, name, words, options)
    })

  addConnection(addShared(program.command('debug')))
    .description(
      'step over a transaction, or a call, forwards and backwards; commands come from the terminal or a pipe',
    )
    .argument('[what]', 'hash of a transaction, or the contract to call')
    .argument('[function]', 'of the contract: as for call')
    .argument('[args...]', 'as for call')
    .option(
      '--run <commands>',
      'run these, with ; between them, and read none from the terminal or a pipe',
      debugCommands,
    )
    .option('--dap', 'be a debug adapter on stdin and stdout, for editors', false)
    .option('--abi <file>', 'artifact, ABI or Solidity interface (default: that of the deployment)', path)
    .option('--block <number>', 'call on the state after this block (default: the latest)', blockNumber)
    .option('--value <amount>', 'wei to send along with the call, such as 1.5ether', wei)
    .addOption(fromOption())
    .action(
      async (what: string | undefined, name: string | undefined, words: string[], options: Flags<DebugOptions>) => {
        const { debugCommand } = await import('./commands/debug.ts')
        await debugCommand(contextOf(options), what, name, words, options)
      },
    )

  addConnection(addShared(program.command('profile')))
    .description('show where the gas of a transaction went, or that of a call would go')
    .argument('<what>', 'hash of a transaction, or the contract to call')
    .argument('[function]', 'of the contract: as for call')
    .argument('[args...]', 'as for call')
    .option('--top <rows>', 'rows of each table', wholeNumber(1, MAX_PROFILE_ROWS), 15)
    .option('--library-lines', 'lines of libraries apart from the lines that call them', false)
    .option('--flame <file>', 'write a flame graph (SVG)', path)
    .option('--speedscope <file>', 'write a file for speedscope.app (JSON)', path)
    .option('--diff <other>', 'compare with a transaction, or with a file that --json was written to', path)
    .option('--abi <file>', 'artifact, ABI or Solidity interface (default: that of the deployment)', path)
    .option('--block <number>', 'call on the state after this block (default: the latest)', blockNumber)
    .option('--value <amount>', 'wei to send along with the call, such as 1.5ether', wei)
    .addOption(fromOption())
    .action(async (what: string, name: string | undefined, words: string[], options: Flags<ProfileOptions>) => {
      const { profileCommand } = await import('./commands/profile.ts')
      await profileCommand(contextOf(options), what, name, words, options)
    })

  addShared(program.command('coverage'))
    .description('show the source lines and branches that tests executed, and write them as lcov; needs no network')
    .argument(
      '[contracts...]',
      'folders of contracts, with their build/ (default: this one)',
      (text, before: readonly string[] = []) => [...before, path(text)],
    )
    .option('--from <folder>', 'the folder that TOUCHSTONE_COVERAGE named when the tests ran', path, 'coverage')
    .option('--lcov <file>', 'where to write (default: lcov.info in that folder)', path)
    .option('--keep', 'count what comes next too: do not delete what the tests wrote', false)
    .action(async (contracts: readonly string[], options: SharedOptions & CoverageOptions) => {
      const { coverageCommand } = await import('./commands/coverage.ts')
      coverageCommand(contextOf(options), contracts.length === 0 ? ['.'] : contracts, options)
    })

  addConnection(addShared(program.command('tx')))
    .description('show a transaction as it was signed (devnet receipt: what became of it)')
    .argument('<hash>', 'of the transaction', transactionHash)
    .action(async (hash: Hex, options: Flags<object>) => {
      const { txCommand } = await import('./commands/lookups.ts')
      await txCommand(contextOf(options), hash)
    })

  addConnection(addShared(program.command('block')))
    .description('show a block and its transactions')
    .argument('[block]', 'number, hash or latest (default: latest)', blockReference)
    .action(async (block: bigint | Hex | null | undefined, options: Flags<object>) => {
      const { blockCommand } = await import('./commands/lookups.ts')
      await blockCommand(contextOf(options), block ?? null)
    })

  addConnection(addShared(program.command('storage')))
    .description('show slots of the storage of a contract')
    .argument('<contract>', ACCOUNT)
    .argument('<slots...>', 'numbers, decimal or 0x hex', (text: string, before: readonly Hex[] = []) => [
      ...before,
      storageSlot(text),
    ])
    .option('--block <number>', 'after this block (default: the latest)', blockNumber)
    .action(async (contract: string, slots: readonly Hex[], options: Flags<AtBlock>) => {
      const { storageCommand } = await import('./commands/lookups.ts')
      await storageCommand(contextOf(options), contract, slots, options)
    })

  addConnection(addShared(program.command('balance')))
    .description('show the ether of accounts and contracts')
    .argument('<accounts...>', ACCOUNT)
    .option('--block <number>', 'after this block (default: the latest)', blockNumber)
    .action(async (accounts: readonly string[], options: Flags<AtBlock>) => {
      const { balanceCommand } = await import('./commands/lookups.ts')
      await balanceCommand(contextOf(options), accounts, options)
    })

  addConnection(addShared(program.command('code')))
    .description('print the code of a contract as it is stored; its size and hash go to stderr')
    .argument('<contract>', ACCOUNT)
    .option('--block <number>', 'after this block (default: the latest)', blockNumber)
    .action(async (contract: string, options: Flags<AtBlock>) => {
      const { codeCommand } = await import('./commands/lookups.ts')
      await codeCommand(contextOf(options), contract, options)
    })

  addConnection(addShared(program.command('events')))
    .description('list the events of a contract, or of all')
    .argument('[contract]', 'address, or the name it was deployed under (default: of all contracts)')
    .argument('[event]', 'name of the event (default: all)')
    .option('--from-block <number>', 'the first block (default: 0)', blockNumber)
    .option('--to-block <number>', 'the last block (default: the latest)', blockNumber)
    .action(async (contract: string | undefined, event: string | undefined, options: Flags<EventsOptions>) => {
      const { eventsCommand } = await import('./commands/lookups.ts')
      await eventsCommand(contextOf(options), contract, event, options)
    })
}
