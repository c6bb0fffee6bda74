/**
 * Whether a network is as its operator wants it: every node runs, all agree, and they can decide. One word, an exit code for
 * scripts, and the reasons. docs/devnet.md, "Health", has the table.
 */
import { printable } from '../output/printable.ts'
import { type Agreement, absence, type NodeStanding } from './agreement.ts'
import { divergenceHeadline, divergenceLines } from './divergence.ts'
import { allGroups, describeGroups } from './links/nodeNumbers.ts'
import type { ReadyFile, ReadyNode } from './readyFile.ts'
import { clocks, type Standstill, votesOf } from './standstill.ts'

/**
 * Each but the first is how `devnet status` fails: a divergence as `failed`, the others by the same word
 * (output/outcomes.ts).
 */
export type HealthWord = 'healthy' | 'divergence' | 'standing' | 'degraded' | 'unreachable'

export interface Health {
  readonly word: HealthWord
  /** The most important thing, a sentence without its full stop; empty when all is well. */
  readonly headline: string
  /** More of it, a line each. */
  readonly lines: readonly string[]
}

/**
 * Blocks that a node may be behind while it is in good order: heights are asked one after the other, and blocks come
 * meanwhile.
 */
const MAX_BEHIND = 10
/** UTF-16 units of what a node says that are shown. */
const MAX_WORDS = 200

export function healthOf(
  { nodes, partition }: Pick<ReadyFile, 'nodes' | 'partition'>,
  agreement: Agreement,
  standstill: Standstill | null,
): Health {
  const { disagreement } = agreement
  const shortcomings = shortcomingsOf(nodes, partition, agreement)
  const diverged = agreement.nodes.flatMap(({ divergence }) => divergence ?? [])
  if (disagreement !== null) {
    return {
      word: 'divergence',
      headline: `THE NODES DISAGREE at height ${disagreement.height}. This must never happen; keep the data directory and report it.`,
      lines: disagreement.blocks.map(
        ({ index, hash, stateRoot }) => `node ${index}  block ${hash}  state root ${stateRoot}`,
      ),
    }
  }
  const [first, ...others] = diverged
  if (first !== undefined) {
    return {
      word: 'divergence',
      headline: divergenceHeadline(first),
      lines: [...divergenceLines(first), ...others.map(divergenceHeadline), ...shortcomings],
    }
  }
  const forked = agreement.nodes.find(({ halted }) => halted === 'fork')
  if (forked !== undefined) {
    const headline = `node ${forked.index} has seen two certified chains and takes part in neither; touchstone_status of it says more`
    return { word: 'divergence', headline, lines: shortcomings }
  }
  if (agreement.nodes.every(({ error }) => error !== null)) {
    return { word: 'unreachable', headline: 'no node answers', lines: shortcomings }
  }
  if (standstill !== null) {
    return { word: 'standing', headline: standstillHeadline(standstill), lines: standstill.reasons }
  }
  if (shortcomings.length === 0) return { word: 'healthy', headline: '', lines: [] }
  return { word: 'degraded', headline: 'the chain can go on, but not everything is in order', lines: shortcomings }
}

export function standstillHeadline({ height, seconds, pending, round }: Standstill): string {
  const work = pending === 0 ? '' : `, and ${pending} transaction${pending === 1 ? ' waits' : 's wait'}`
  const deciding = round === null ? '' : `, round ${round} of height ${height + 1}`
  return `THE CHAIN STANDS at height ${height}: no block for ${seconds} s${deciding}${work}`
}

function shortcomingsOf(
  nodes: readonly ReadyNode[],
  partition: ReadyFile['partition'],
  agreement: Agreement,
): string[] {
  const highest = Math.max(0, ...agreement.nodes.map(({ height }) => height ?? 0))
  const lines = nodes.flatMap((node, position) => ofNode(node, agreement.nodes[position]!, highest, nodes.length))
  if (partition !== null) {
    const groups = allGroups(
      partition,
      nodes.map(({ index }) => index),
    )
    lines.push(`the network is split: ${describeGroups(groups)}`)
  }
  lines.push(...clocks(agreement.nodes))
  const { validators, voting, needed, canSpare, isOfEqual } = votesOf(nodes, agreement.nodes, partition)
  if (voting < validators && voting >= needed && !canSpare) {
    const power = isOfEqual ? '' : ' of the power'
    lines.push(`no validator can be spared: ${voting} of ${validators}${power} can vote, and ${needed} have to`)
  }
  return lines
}

function ofNode(node: ReadyNode, standing: NodeStanding, highest: number, nodes: number): string[] {
  const { index } = node
  const { error, halted, abstaining, twin, peers, height } = standing
  if (error !== null) {
    const words = printable(error, MAX_WORDS)
    return [absence(node) === null ? `node ${index} does not answer: ${words}` : `node ${index}: ${words}`]
  }
  const behind = highest - (height ?? 0)
  return [
    ...(halted === null
      ? []
      : [`node ${index} has stopped: ${printable(halted, MAX_WORDS)}; touchstone_status of it says more`]),
    ...(abstaining && twin === null ? [`node ${index} does not vote yet: the record of its signatures is gone`] : []),
    ...(twin === null
      ? []
      : [
          `node ${index} does not vote any more: its key signed a ${twin.step} of height ${twin.height}, and it did not; ` +
            'another node runs with the key, or its record is an older copy (docs/devnet.md, "A node of your own")',
        ]),
    ...(peers === 0 && nodes > 1 ? [`node ${index} has no peer`] : []),
    ...(behind > MAX_BEHIND ? [`node ${index} is ${behind} blocks behind`] : []),
  ]
}
