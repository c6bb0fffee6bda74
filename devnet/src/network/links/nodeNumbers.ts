/** How people name links and groups of nodes on the command line: `1-3`, `1>3`, `all`; `1,2/3,4`. */
import { usageError } from '../../output/errors.ts'

/** Bytes that go from one node to another; nodes are counted from 1. */
export interface Direction {
  readonly from: number
  readonly to: number
}

const linkForms = 'write 1-3 for both directions, 1>3 (in quotes) for one, or all'
const partitionForms = 'write 1,2/3,4: a comma inside a group, a slash between groups'

/** Null stands for every link there is. @throws CliError */
export function parseLink(text: string): readonly Direction[] | null {
  if (text === 'all') return null
  const [, first, arrow, second] = /^(?!0+[->])(\d{1,3})([->])(?!0+$)(\d{1,3})$/.exec(text) ?? []
  if (first === undefined) throw usageError(`"${text}" is not a link`, linkForms)
  const [from, to] = [Number(first), Number(second)]
  if (from === to) throw usageError(`"${text}" is not a link: it names node ${from} twice`, linkForms)
  return arrow === '>'
    ? [{ from, to }]
    : [
        { from, to },
        { from: to, to: from },
      ]
}

/** Groups of nodes that stay connected among themselves. @throws CliError */
export function parsePartition(text: string): number[][] {
  const groups = text.split('/').map((group) => group.split(',').map((word) => word.trim()))
  const seen = new Set<string>()
  for (const word of groups.flat()) {
    if (!/^(?!0+$)\d{1,3}$/.test(word))
      throw usageError(`"${text}" is not a partition: "${word}" is not a node`, partitionForms)
    if (seen.has(String(Number(word)))) {
      throw usageError(`"${text}" is not a partition: it names node ${Number(word)} twice`, partitionForms)
    }
    seen.add(String(Number(word)))
  }
  return groups.map((group) => group.map(Number))
}

/** All groups of a partition: the nodes that it does not name are one more. */
export function allGroups(
  named: readonly (readonly number[])[],
  nodes: readonly number[],
): readonly (readonly number[])[] {
  const rest = nodes.filter((node) => !named.some((group) => group.includes(node)))
  return rest.length === 0 ? named : [...named, rest]
}

/** `1,2 / 3,4` */
export function describeGroups(groups: readonly (readonly number[])[]): string {
  return groups.map((group) => group.join(',')).join(' / ')
}

export function describeDirections(directions: readonly Direction[]): string {
  const [first, second] = directions
  if (directions.length === 1) return `${first!.from}>${first!.to}`
  if (directions.length === 2 && first!.from === second!.to && first!.to === second!.from) {
    return `${first!.from}-${first!.to}`
  }
  return `${directions.length} directions`
}
