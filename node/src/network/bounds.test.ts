/** The table of docs/protocol/network.md holds every bound of limits.ts, with its value. */
import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { DEFAULT_LIMITS } from './limits.ts'

const page = readFileSync(new URL('../../../docs/protocol/network.md', import.meta.url), 'utf8')
const rows = new Map(
  [...page.matchAll(/^\| `(\w+)` \| (.*?) ?\| (.*?) ?\| (.*?) ?\|$/gm)].map(
    ([, name, perPeer, perNode, consequence]) => [
      name!,
      { perPeer: perPeer!, perNode: perNode!, consequence: consequence! },
    ],
  ),
)
const UNITS: Readonly<Record<string, number>> = { KiB: 1_024, MiB: 1_024 ** 2, s: 1_000, ms: 1 }

/** The first number of a cell, with its unit. */
function numberIn(cell: string): number {
  const [, digits, unit] = /^([\d ]*\d)(?: (\w+))?/.exec(cell) ?? []
  return Number(digits?.replaceAll(' ', '')) * (UNITS[unit ?? ''] ?? 1)
}

describe('the table of bounds', () => {
  it('has a row for each bound, and no other', () => {
    expect([...rows.keys()].sort()).toEqual(Object.keys(DEFAULT_LIMITS).sort())
  })

  it.each(Object.entries(DEFAULT_LIMITS))('%s has its value, of each peer or of the node', (name, value) => {
    const { perPeer, perNode } = rows.get(name)!
    expect([perPeer, perNode].filter((cell) => cell !== '')).toHaveLength(1)
    const cell = perPeer + perNode
    if (typeof value === 'number') return expect(numberIn(cell)).toBe(value)
    const parts = Object.fromEntries(cell.split(', ').map((part) => [/`(\w+)`/.exec(part)![1], numberIn(part)]))
    expect(parts).toEqual(value)
  })
})
