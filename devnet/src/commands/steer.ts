/** The commands that steer a running network from another terminal: each is one order to its control channel. */
import { interruptible, unlessInterrupted } from '../interruption.ts'
import { sendOrder } from '../network/control/client.ts'
import { type NodeAction, nodeActions, type SteeringCommand, type SyncMode } from '../network/control/command.ts'
import type { LinkStanding } from '../network/links/linkMesh.ts'
import {
  describeShape,
  isOpen,
  type LinkShape,
  parseBandwidth,
  parseDelay,
  parseLoss,
} from '../network/links/linkShape.ts'
import { allGroups, describeGroups, parseLink, parsePartition } from '../network/links/nodeNumbers.ts'
import type { NetworkLinks } from '../network/runner.ts'
import { usageError } from '../output/errors.ts'
import { formatTable } from '../output/table.ts'
import type { CommandContext } from './context.ts'

export const nodeWords = [...nodeActions, 'wipe', 'add'] as const
export type NodeWord = (typeof nodeWords)[number]

export interface NodeFlags {
  readonly signer: boolean
  readonly pool: boolean
  readonly sync?: SyncMode
}

/** `devnet node kill|stop|start|pause|resume|wipe N`, `devnet node add`. */
export async function nodeCommand(
  context: CommandContext,
  word: NodeWord,
  number: string | undefined,
  flags: NodeFlags,
): Promise<void> {
  requireFlagsOf(word, flags)
  const words = [...(number === undefined ? [] : [number]), ...(flags.sync === undefined ? [] : ['--sync', flags.sync])]
  await steer(context, nodeOrder(word, number, flags), ['node', word, ...words])
}

/** `devnet partition 1,2/3,4`. */
export async function partitionCommand(context: CommandContext, groups: string): Promise<void> {
  await steer(context, { kind: 'partition', groups: parsePartition(groups) }, ['partition', groups])
}

/** `devnet heal`. */
export async function healCommand(context: CommandContext): Promise<void> {
  await steer(context, { kind: 'heal' }, ['heal'])
}

export interface LinkFlags {
  readonly delay?: string
  readonly jitter?: string
  readonly loss?: string
  readonly bandwidth?: string
  readonly reset: boolean
}

/** `devnet link 1-3 --delay 100ms --loss 5%`. */
export async function linkCommand(context: CommandContext, link: string, flags: LinkFlags): Promise<void> {
  const directions = parseLink(link)
  const change = shapeChange(flags)
  const changes = Object.keys(change).length
  if (flags.reset && changes > 0) {
    throw usageError('--reset takes everything off the link, so it goes with no other option', 'give one or the other')
  }
  if (!flags.reset && changes === 0) {
    throw usageError(
      `no change is given for link ${link}`,
      'give --delay 100ms, --jitter 20ms, --loss 5%, --bandwidth 1mbit, or --reset',
    )
  }
  const words = Object.entries(flags).flatMap(([name, value]) =>
    typeof value === 'string' ? [`--${name} ${value}`] : [],
  )
  if (flags.reset) await steer(context, { kind: 'reset-links', directions }, ['link', link, '--reset'])
  else await steer(context, { kind: 'shape', directions, change }, ['link', link, ...words])
}

interface LinksResult extends NetworkLinks {
  readonly nodes: readonly { readonly index: number; readonly state: string }[]
}

/** `devnet links`. */
export async function linksCommand({ terminal, dataDir }: CommandContext): Promise<void> {
  const { result } = await sendOrder(dataDir, { kind: 'links' }, 'devnet links')
  if (terminal.json) return terminal.printJson(result)
  const { proxied, groups, directions, nodes } = result as LinksResult
  terminal.printLines(
    formatTable(
      ['node', 'state'],
      nodes.map(({ index, state }) => [String(index), state]),
    ),
  )
  terminal.print('')
  terminal.printLines(
    formatTable(
      ['link', 'state', 'bytes'],
      directions.map((line) =>
        proxied
          ? [`${line.from}>${line.to}`, standingText(line), String(line.passed)]
          : [`${line.from}>${line.to}`, 'direct', 'not counted'],
      ),
    ),
  )
  terminal.print('')
  const all = nodes.map(({ index }) => index)
  terminal.print(groups === null ? 'no partition' : `partition: ${describeGroups(allGroups(groups, all))}`)
}

function standingText({ separated, shape }: LinkStanding): string {
  if (!separated) return describeShape(shape)
  return isOpen(shape) ? 'partitioned' : `partitioned (else ${describeShape(shape)})`
}

function nodeOrder(word: NodeWord, number: string | undefined, { signer, pool, sync }: NodeFlags): SteeringCommand {
  if (word === 'add') {
    if (number !== undefined) throw usageError('a new node gets the next number by itself', 'write devnet node add')
    return sync === undefined ? { kind: 'add' } : { kind: 'add', sync }
  }
  if (number === undefined) throw usageError(`${word} which node?`, `write devnet node ${word} 3`)
  if (!/^[1-9]\d?$/.test(number)) throw usageError(`"${number}" is not a node`, `write devnet node ${word} 3`)
  const node = Number(number)
  return word === 'wipe' ? { kind: 'wipe', node, signer, pool } : { kind: word satisfies NodeAction, node }
}

function requireFlagsOf(word: NodeWord, { signer, pool, sync }: NodeFlags): void {
  if ((signer || pool) && word !== 'wipe') throw usageError('--signer and --pool belong to devnet node wipe')
  if (sync !== undefined && word !== 'add') throw usageError('--sync belongs to devnet node add')
}

function shapeChange({ delay, jitter, loss, bandwidth }: LinkFlags): Partial<LinkShape> {
  return {
    ...(delay === undefined ? {} : { delayMs: parseDelay(delay, '--delay') }),
    ...(jitter === undefined ? {} : { jitterMs: parseDelay(jitter, '--jitter') }),
    ...(loss === undefined ? {} : { loss: parseLoss(loss) }),
    ...(bandwidth === undefined ? {} : { bandwidth: parseBandwidth(bandwidth) }),
  }
}

async function steer({ terminal, dataDir }: CommandContext, command: SteeringCommand, words: string[]): Promise<void> {
  const order = ['devnet', ...words].join(' ')
  const said = {
    doing: () => `the network carried out "${order}"`,
    hint: () => 'it goes on with that; devnet links shows the state of every node',
  }
  const { text, result, note } = await interruptible(said, (interrupted) =>
    unlessInterrupted(interrupted, sendOrder(dataDir, command, order)),
  )
  if (note !== undefined) terminal.note(note)
  if (terminal.json) terminal.printJson(result)
  else terminal.print(text)
}
