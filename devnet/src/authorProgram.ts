/** Commands for whoever writes a contract: begin a project, build it, look whether a contract is of it. */

import { languages, templates } from '@touchstone/contracts/templates'
import { MAX_PORT } from '@touchstone/node/config-limits'
import { type Command, Option } from 'commander'
import type { DevOptions } from './commands/dev.ts'
import type { InitOptions } from './commands/init.ts'
import type { ReplOptions } from './commands/repl.ts'
import type { VerifySourceOptions } from './commands/verifySource.ts'
import { DEFAULT_RPC_PORT } from './network/limits.ts'
import { code, contractName, path, wholeNumber } from './optionParsers.ts'
import {
  addConnection,
  addShared,
  type ConnectionFlags,
  contextOf,
  fromOption,
  type SharedOptions,
} from './programOptions.ts'

export function addAuthoring(program: Command): void {
  addShared(program.command('init'))
    .description('begin a project: a contract, a test of it, scripts and settings for an editor')
    .argument('<dir>', 'folder to make, whose last part is the name of the project', path)
    .addOption(new Option('--template <name>', 'the contract to begin with').choices(templates).default('counter'))
    .addOption(
      new Option('--language <name>', 'its language; in C and Rust there is the counter')
        .choices(languages)
        .default('assemblyscript'),
    )
    .option(
      '--packages <dir>',
      'install the tarballs that `npm run build:packages` made, which are there (default: published packages)',
      path,
    )
    .action(async (directory: string, options: SharedOptions & InitOptions) => {
      const { initCommand } = await import('./commands/init.ts')
      initCommand(contextOf(options), directory, options)
    })

  addShared(program.command('build'))
    .description('compile the contracts of a folder to artifacts in its build/')
    .argument('<dir>', 'folder with assembly/index.ts', path)
    .action(async (directory: string, options: SharedOptions) => {
      // Loaded here because the compiler takes a second to load.
      const { buildCommand } = await import('./commands/build.ts')
      await buildCommand(contextOf(options), directory)
    })

  addConnection(addShared(program.command('dev')))
    .description('build a folder at each change, deploy what has changed and run its tests, until Ctrl-C')
    .argument('<dir>', 'folder with assembly/index.ts, or of C and Rust with a build.mjs', path)
    .argument('[args...]', 'constructor arguments, as for deploy')
    .option(
      '--contract <name>',
      'of several contracts, the one to deploy (default: all whose constructors take nothing)',
      contractName,
    )
    .addOption(fromOption())
    .option('--no-deploy', 'only build and test')
    .option('--no-test', 'run no tests')
    .option(
      '--port <port>',
      'JSON-RPC port of node 1, of a network that is started because none runs',
      wholeNumber(1, MAX_PORT),
      DEFAULT_RPC_PORT,
    )
    .action(async (directory: string, words: string[], options: SharedOptions & ConnectionFlags & DevOptions) => {
      // Loaded here because the compiler takes a second to load.
      const { devCommand } = await import('./commands/dev.ts')
      await devCommand(contextOf(options), directory, words, options)
    })
}

/** Where it stands among the others is beside `verify`, which checks something else. */
export function addVerifySource(program: Command): void {
  addConnection(addShared(program.command('verify-source')))
    .description('compile a folder and tell whether a contract on the chain was built from it, or where they part')
    .argument('<contract>', 'address, or the name it was deployed under')
    .argument('<source>', 'folder with assembly/index.ts; or a .wasm file or artifact, to compare with that', path)
    .option(
      '--contract <name>',
      'of the contracts in the folder (default: the one that has most in common)',
      contractName,
    )
    .action(
      async (contract: string, source: string, options: SharedOptions & ConnectionFlags & VerifySourceOptions) => {
        const { verifySourceCommand } = await import('./commands/verifySource.ts')
        await verifySourceCommand(contextOf(options), contract, source, options)
      },
    )
}

export function addConsole(program: Command): void {
  addConnection(addShared(program.command('console')))
    .description("talk JavaScript with the network: viem's clients, and deployed contracts by name")
    .option('-e, --eval <code>', 'run this alone, and print its value', code)
    .addOption(fromOption())
    .action(async (options: SharedOptions & ConnectionFlags & ReplOptions) => {
      const { replCommand } = await import('./commands/repl.ts')
      await replCommand(contextOf(options), options)
    })
}
