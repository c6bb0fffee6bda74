/** The commands of a running network, as plain data: checked on arrival, carried out in one place. */
import { MAX_NODE_COUNT } from '../limits.ts'
import { checkShape, describeShape, type LinkShape, openLink, PROXIED_FROM_NOW_ON } from '../links/linkShape.ts'
import { allGroups, type Direction, describeDirections, describeGroups } from '../links/nodeNumbers.ts'
import type { WipeOptions } from '../nodeSlot.ts'
import type { Network } from '../runner.ts'
import { startAndSee } from './startAndSee.ts'

export const nodeActions = ['kill', 'stop', 'start', 'pause', 'resume'] as const
export type NodeAction = (typeof nodeActions)[number]

/** How an added node gets the chain: it executes every block, or begins with the state of a recent one. */
export const syncModes = ['blocks', 'snapshot'] as const
export type SyncMode = (typeof syncModes)[number]

export type SteeringCommand =
  | { readonly kind: NodeAction; readonly node: number }
  | ({ readonly kind: 'wipe'; readonly node: number } & WipeOptions)
  | { readonly kind: 'add'; readonly sync?: SyncMode }
  | { readonly kind: 'partition'; readonly groups: readonly (readonly number[])[] }
  | { readonly kind: 'heal' }
  /** `directions` null: every link. */
  | { readonly kind: 'shape'; readonly directions: readonly Direction[] | null; readonly change: Partial<LinkShape> }
  | { readonly kind: 'reset-links'; readonly directions: readonly Direction[] | null }
  | { readonly kind: 'links' }

export interface SteeringOutcome {
  /** The deed, for people: `node 3 killed`. */
  readonly text: string
  /** The same and more for scripts. */
  readonly result: object
  /** False for a question. */
  readonly changed: boolean
  /** The rest of what happened, for people. */
  readonly note?: string
}

const OPENED = `the nodes connected anew for this: ${PROXIED_FROM_NOW_ON}`

/** As many digits as the commands take of a number. Whether there is such a node, the network knows and says. */
const MAX_NODE_NUMBER = 999
const doneWords: Readonly<Record<NodeAction, string>> = {
  kill: 'killed',
  stop: 'stopped',
  start: 'started',
  pause: 'paused',
  resume: 'resumed',
}

/** Carries it out and waits until it is done. @throws CliError */
export async function perform(network: Network, command: SteeringCommand): Promise<SteeringOutcome> {
  const wasDirect = !network.links().proxied
  const outcome = await carryOut(network, command)
  return wasDirect && network.links().proxied ? { ...outcome, note: OPENED } : outcome
}

async function carryOut(network: Network, command: SteeringCommand): Promise<SteeringOutcome> {
  switch (command.kind) {
    case 'kill':
    case 'stop':
    case 'start':
    case 'pause':
    case 'resume': {
      const { kind, node } = command
      if (kind === 'start') return nodeDone(network, node, await startAndSee(network, node))
      if (kind === 'stop') await network.stopNode(node)
      else await network[kind](node)
      return nodeDone(network, node, `node ${node} ${doneWords[kind]}`)
    }
    case 'wipe': {
      const { node, signer, pool } = command
      await network.wipe(node, { signer, pool })
      const parts = ['its chain', ...(pool ? ['its transaction pool'] : []), ...(signer ? ["its signer's record"] : [])]
      const deleted = parts.length === 1 ? parts[0] : `${parts.slice(0, -1).join(', ')} and ${parts.at(-1)}`
      return nodeDone(network, node, `node ${node} stopped, ${deleted} deleted`)
    }
    case 'add': {
      const added = await network.add(command.sync)
      return { text: `node ${added.index} added: ${added.rpc}`, result: added, changed: true }
    }
    case 'partition': {
      await network.partition(command.groups)
      const groups = allGroups(command.groups, nodeNumbers(network))
      return { text: `the network is split: ${describeGroups(groups)}`, result: { groups }, changed: true }
    }
    case 'heal': {
      const wasSplit = network.links().groups !== null
      network.heal()
      const shaped = network.links().directions.filter(({ shape }) => describeShape(shape) !== 'open').length
      const text = `${wasSplit ? 'the partition is healed' : 'there was no partition'}${shaped === 0 ? '' : `; ${shaped} directions still have delay or loss`}`
      return { text, result: { wasSplit, shapedDirections: shaped }, changed: wasSplit }
    }
    case 'shape': {
      const count = await network.shapeLinks(command.directions, command.change)
      const touched = network
        .links()
        .directions.filter(({ from, to }) => includes(command.directions, { from, to }))
        .map(({ from, to, shape }) => ({ from, to, ...shape }))
      // A part that stayed from before is told only where it is the same for all.
      const words = new Set(touched.map(describeShape))
      const text = words.size === 1 ? [...words][0] : describeShape({ ...openLink, ...command.change })
      return { text: `${linkWords(command.directions, count)}: ${text}`, result: { links: touched }, changed: true }
    }
    case 'reset-links': {
      const count = network.resetLinks(command.directions)
      const all = network.links().directions.length
      return { text: `${linkWords(command.directions, all)}: open`, result: { reset: count }, changed: true }
    }
    case 'links':
      return {
        text: '',
        result: { ...network.links(), nodes: network.describe().nodes.map(({ index, state }) => ({ index, state })) },
        changed: false,
      }
  }
}

/** Null when it is no command: the message says what is wrong. */
export function checkCommand(value: unknown): SteeringCommand | { readonly wrong: string } {
  if (typeof value !== 'object' || value === null) return { wrong: 'a command is a JSON object' }
  const command = value as Record<string, unknown>
  const { kind } = command
  if (typeof kind !== 'string') return { wrong: '"kind" must be a string' }
  if (kind === 'heal' || kind === 'links') return { kind }
  if (kind === 'add') {
    if (command['sync'] === undefined) return { kind }
    const sync = syncModes.find((mode) => mode === command['sync'])
    return sync === undefined ? { wrong: `"sync" must be ${syncModes.join(' or ')}` } : { kind, sync }
  }
  if (kind === 'partition') {
    if (!isGroups(command['groups'])) return { wrong: '"groups" must be a list of lists of nodes, each node once' }
    return { kind, groups: command['groups'] }
  }
  if (kind === 'shape' || kind === 'reset-links') {
    const { directions = null, change } = command
    if (!isDirections(directions)) return { wrong: '"directions" must be a list of {from, to}, or null' }
    if (kind === 'reset-links') return { kind, directions }
    const checked = checkChange(change)
    return checked === null
      ? { wrong: '"change" is not a part of a link shape' }
      : { kind, directions, change: checked }
  }
  const { node } = command
  if (!isNode(node)) return { wrong: `"node" must be a whole number from 1 to ${MAX_NODE_NUMBER}` }
  if (kind === 'wipe') return { kind, node, signer: command['signer'] === true, pool: command['pool'] === true }
  const action = nodeActions.find((name) => name === kind)
  return action === undefined ? { wrong: `there is no command "${kind.slice(0, 40)}"` } : { kind: action, node }
}

function nodeDone(network: Network, node: number, text: string): SteeringOutcome {
  const { index, state, rpc, pid } = network.describe().nodes[node - 1]!
  return { text, result: { node: index, state, rpc, pid }, changed: true }
}

function linkWords(directions: readonly Direction[] | null, count: number): string {
  return directions === null ? `all links (${count} directions)` : `link ${describeDirections(directions)}`
}

function includes(directions: readonly Direction[] | null, { from, to }: Direction): boolean {
  return directions === null || directions.some((one) => one.from === from && one.to === to)
}

function nodeNumbers(network: Network): number[] {
  return network.describe().nodes.map(({ index }) => index)
}

function isNode(value: unknown): value is number {
  return Number.isInteger(value) && (value as number) >= 1 && (value as number) <= MAX_NODE_NUMBER
}

function isGroups(value: unknown): value is number[][] {
  if (!Array.isArray(value) || value.length === 0 || value.length > MAX_NODE_COUNT) return false
  if (!value.every((group) => Array.isArray(group) && group.length > 0 && group.every(isNode))) return false
  const named = value.flat()
  return new Set(named).size === named.length
}

function isDirections(value: unknown): value is Direction[] | null {
  if (value === null) return true
  if (!Array.isArray(value) || value.length === 0 || value.length > MAX_NODE_COUNT ** 2) return false
  return value.every((one) => isNode(one?.from) && isNode(one?.to) && one.from !== one.to)
}

const shapeFields = ['delayMs', 'jitterMs', 'loss', 'bandwidth'] as const

function checkChange(value: unknown): Partial<LinkShape> | null {
  if (typeof value !== 'object' || value === null) return null
  const given = Object.entries(value)
  if (given.length === 0 || !given.every(([name]) => shapeFields.some((field) => field === name))) return null
  const whole = checkShape({ delayMs: 0, jitterMs: 0, loss: 0, bandwidth: null, ...value })
  return whole === null ? null : Object.fromEntries(given)
}
