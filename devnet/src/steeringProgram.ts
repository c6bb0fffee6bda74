/** The command line of steering a running network. */
import { Argument, type Command, Option } from 'commander'
import { MAX_SEED, MAX_VALIDATORS } from './chaos/limits.ts'
import {
  healCommand,
  type LinkFlags,
  linkCommand,
  linksCommand,
  type NodeFlags,
  type NodeWord,
  nodeCommand,
  nodeWords,
  partitionCommand,
} from './commands/steer.ts'
import { syncModes } from './network/control/command.ts'
import { type NetworkEngine, networkEngines } from './network/engines.ts'
import { minutes, wholeNumber } from './optionParsers.ts'
import {
  addOutput,
  addShared,
  contextOf,
  type OutputOptions,
  type SharedOptions,
  terminalOf,
} from './programOptions.ts'

interface ChaosOptions {
  readonly minutes: number
  readonly seed?: number
  readonly nodes: number
  readonly engine: NetworkEngine
  readonly keep: boolean
}

export function addSteering(program: Command): void {
  addShared(program.command('node'))
    .description('kill, stop, start, pause, resume or wipe a node of the running network, or add one that follows')
    .addArgument(new Argument('<action>', 'what to do with the node').choices(nodeWords))
    .argument('[number]', 'which node, from 1; none for add')
    .option('--signer', "wipe: delete the signer's record too; the validator abstains until it is safe to vote", false)
    .option('--pool', 'wipe: delete the transaction pool too, with transactions that only this node has', false)
    .addOption(
      new Option(
        '--sync <how>',
        'add: blocks (the default) executes every block; snapshot fetches the state of a recent one, without history',
      ).choices(syncModes),
    )
    .action(async (word: NodeWord, number: string | undefined, options: SharedOptions & NodeFlags) =>
      nodeCommand(contextOf(options), word, number, options),
    )

  addShared(program.command('partition'))
    .description('split the running network: nodes of different groups hear nothing of each other')
    .argument('<groups>', '1,2/3,4; nodes that are not named are one more group')
    .action(async (groups: string, options: SharedOptions) => partitionCommand(contextOf(options), groups))

  addShared(program.command('heal'))
    .description('end the partition; delays and losses of links stay')
    .action(async (options: SharedOptions) => healCommand(contextOf(options)))

  addShared(program.command('link'))
    .description('make a link of the running network slow or lossy')
    .argument('<link>', '1-3 for both directions, 1>3 (in quotes) for one, or all')
    .option('--delay <time>', 'one way, such as 100ms')
    .option('--jitter <time>', 'more or less than the delay, at random')
    .option('--loss <share>', 'segments lost, such as 5%; TCP sends them again later; 100% cuts the link')
    .option('--bandwidth <rate>', 'bits a second, such as 500kbit or 10mbit')
    .option('--reset', 'take everything off the link', false)
    .action(async (link: string, options: SharedOptions & LinkFlags) =>
      linkCommand(contextOf(options), link, pick(options)),
    )

  addShared(program.command('links'))
    .description('show the orders that nodes and links got, and the bytes each link has carried')
    .action(async (options: SharedOptions) => linksCommand(contextOf(options)))

  addOutput(program.command('chaos'))
    .description('break a network of its own at random for a while, heal it, and check that nothing was lost')
    .option('--minutes <m>', 'how long faults go on', minutes, 1)
    .option('--seed <n>', 'which faults (default: others every time)', wholeNumber(0, MAX_SEED))
    .option('--nodes <n>', 'how many validators', wholeNumber(1, MAX_VALIDATORS), 4)
    .addOption(
      new Option('--engine <engine>', 'the engine that runs contracts, as for up')
        .choices(networkEngines)
        .default('mixed'),
    )
    .option('--keep', 'keep logs and chains also when nothing went wrong', false)
    .action(async (options: OutputOptions & ChaosOptions) => {
      // Loaded here so that the other commands need not load the node.
      const { chaosCommand } = await import('./commands/chaos.ts')
      const { minutes, seed, nodes, engine, keep } = options
      await chaosCommand(terminalOf(options), { minutes, seed, nodes, engine, keep })
    })
}

function pick({ delay, jitter, loss, bandwidth, reset }: LinkFlags): LinkFlags {
  return {
    ...(delay === undefined ? {} : { delay }),
    ...(jitter === undefined ? {} : { jitter }),
    ...(loss === undefined ? {} : { loss }),
    ...(bandwidth === undefined ? {} : { bandwidth }),
    reset,
  }
}
