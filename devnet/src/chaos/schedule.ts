/**
 * Which faults come in which order, from a seed alone. Episodes follow each other, with quiet between them; delays and
 * losses of links come and go beside them. Most episodes leave the validators a quorum (at most f of 3f + 1 are faulty or
 * cut off); some do not, and then no block is expected until they end. Times are the least: an episode begins when the one
 * before has ended, and on a slow machine a node takes seconds to start.
 */
import { type Random, seededRandom } from '@touchstone/node/testing/random'
import type { SteeringCommand } from '../network/control/command.ts'
import { openLink } from '../network/links/linkShape.ts'

export interface ChaosEvent {
  /** Milliseconds after the episode's start; for links, after that of the run. */
  readonly at: number
  readonly command: SteeringCommand
}

export interface Episode {
  /** Milliseconds of quiet before it. */
  readonly quiet: number
  /** In the order in which they are due. A later one mends what an earlier one broke. */
  readonly events: readonly ChaosEvent[]
}

export interface Schedule {
  /** Enough for the time, however fast the machine is. */
  readonly episodes: readonly Episode[]
  readonly links: readonly ChaosEvent[]
}

export interface ScheduleOptions {
  readonly seed: number
  readonly durationMs: number
  /** Validators; numbered from 1. */
  readonly nodes: number
  readonly canPause: boolean
}

type EpisodeKind = (context: EpisodeContext) => void

interface EpisodeContext {
  readonly random: Random
  readonly nodes: readonly number[]
  /** Validators that may be faulty without stopping the chain. */
  readonly tolerated: number
  /** Adds an event, `after` milliseconds into the episode. */
  add(after: number, command: SteeringCommand): void
}

const FIRST_FAULT_MS = 1_500
/** A follower joins as this episode. */
const FOLLOWER_EPISODE = 3
/** libp2p gives a connection up after 10 s without a pong; some faults last longer than that. */
const longFault = [11_000, 14_000] as const
/** Runs shorter than this have no time for such. */
const MIN_FOR_LONG = 90_000

/** The same options give the same events. */
export function makeSchedule({ seed, durationMs, nodes: count, canPause }: ScheduleOptions): Schedule {
  const random = seededRandom(`chaos ${seed} faults ${count}`)
  const nodes = Array.from({ length: count }, (_, position) => position + 1)
  const tolerated = Math.floor((count - 1) / 3)
  const kinds: readonly (readonly [weight: number, episode: EpisodeKind])[] = [
    [6, down('kill', 'within')],
    [3, down('stop', 'within')],
    ...(canPause ? [[4, pauses('within')] as const, [1, pauses('beyond')] as const] : []),
    // The only node that has the chain is not wiped.
    ...(count > 1 ? [[3, wipe] as const] : []),
    [4, split('within', durationMs)],
    [2, split('beyond', durationMs)],
    [2, down('kill', 'beyond')],
    [1, down('kill', 'all')],
    [1, killInPartition],
  ]
  const ladder = kinds.flatMap(([weight, episode]) => Array<EpisodeKind>(weight).fill(episode))
  const episodes: Episode[] = []
  for (let time = 0; time < durationMs; ) {
    const events: ChaosEvent[] = []
    if (episodes.length === FOLLOWER_EPISODE) events.push({ at: 0, command: { kind: 'add' } })
    else random.pick(ladder)({ random, nodes, tolerated, add: (at, command) => void events.push({ at, command }) })
    events.sort((a, b) => a.at - b.at)
    const quiet = episodes.length === 0 ? FIRST_FAULT_MS : random.between(300, 2_500)
    episodes.push({ quiet, events })
    time += quiet + events.at(-1)!.at
  }
  return { episodes, links: linkFaults(seed, durationMs, nodes) }
}

function victims({ random, nodes, tolerated }: EpisodeContext, how: 'within' | 'beyond' | 'all'): number[] {
  if (how === 'all') return random.sample(nodes, nodes.length)
  if (how === 'beyond')
    return random.sample(nodes, random.between(tolerated + 1, Math.min(nodes.length, tolerated + 2)))
  return random.sample(nodes, random.between(1, Math.max(1, tolerated)))
}

function down(kind: 'kill' | 'stop', how: 'within' | 'beyond' | 'all'): EpisodeKind {
  return (context) => {
    const { random } = context
    for (const node of victims(context, how)) {
      const after = random.between(0, 400)
      context.add(after, { kind, node })
      context.add(after + random.between(200, how === 'within' ? 5_000 : 2_500), { kind: 'start', node })
    }
  }
}

function pauses(how: 'within' | 'beyond'): EpisodeKind {
  return (context) => {
    const { random } = context
    for (const node of victims(context, how)) {
      const after = random.between(0, 400)
      context.add(after, { kind: 'pause', node })
      context.add(after + random.between(200, how === 'within' ? 6_000 : 3_000), { kind: 'resume', node })
    }
  }
}

/**
 * One node at a time: what is on one disk only is gone with it. A record of votes only where the others have a quorum:
 * elsewhere the validator has to vote without it, and may sign twice.
 */
function wipe(context: EpisodeContext): void {
  const { random, tolerated } = context
  const node = random.pick(context.nodes)
  const signer = random.chance(0.4) && tolerated > 0
  context.add(0, { kind: 'wipe', node, signer, pool: false })
  context.add(random.between(100, 2_000), { kind: 'start', node })
}

/** `beyond`: no side has a quorum. */
function split(how: 'within' | 'beyond', durationMs: number): EpisodeKind {
  return (context) => {
    const { random, nodes, tolerated } = context
    const away = how === 'within' ? random.between(1, Math.max(1, tolerated)) : Math.ceil(nodes.length / 2)
    const long = durationMs >= MIN_FOR_LONG && random.chance(0.2)
    context.add(0, { kind: 'partition', groups: [random.sample(nodes, away).toSorted((a, b) => a - b)] })
    context.add(long ? random.between(...longFault) : random.between(800, how === 'within' ? 6_000 : 3_500), {
      kind: 'heal',
    })
  }
}

function killInPartition(context: EpisodeContext): void {
  const { random, nodes } = context
  const [cutOff, killed] = random.sample(nodes, 2)
  context.add(0, { kind: 'partition', groups: [[cutOff!]] })
  context.add(300, { kind: 'kill', node: killed ?? cutOff! })
  context.add(random.between(800, 2_500), { kind: 'start', node: killed ?? cutOff! })
  context.add(random.between(1_000, 4_000), { kind: 'heal' })
}

function linkFaults(seed: number, durationMs: number, nodes: readonly number[]): ChaosEvent[] {
  if (nodes.length < 2) return []
  const random = seededRandom(`chaos ${seed} links ${nodes.length}`)
  const events: ChaosEvent[] = []
  for (let at = FIRST_FAULT_MS; at < durationMs; at += random.between(500, 4_000)) {
    const [from, to] = random.sample(nodes, 2)
    const directions = random.chance(0.3)
      ? [{ from: from!, to: to! }]
      : [
          { from: from!, to: to! },
          { from: to!, to: from! },
        ]
    const delayMs = random.chance(0.7) ? random.between(1, 150) : 0
    const change = {
      ...openLink,
      delayMs,
      jitterMs: random.chance(0.5) ? random.between(0, 50) : 0,
      loss: random.chance(0.5) || delayMs === 0 ? random.between(1, 8) / 100 : 0,
    }
    events.push({ at, command: { kind: 'shape', directions, change } })
    events.push({ at: at + random.between(1_000, 8_000), command: { kind: 'reset-links', directions } })
  }
  return events.sort((a, b) => a.at - b.at)
}
