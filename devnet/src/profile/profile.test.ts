/** What is made of a node's profile: recursion, names that a stranger chose, and comparison. */
import { describe, expect, it } from 'vitest'
import { diffProfiles } from './diffProfiles.ts'
import { flameGraph } from './flameGraph.ts'
import type { NodeProfile } from './nodeProfile.ts'
import { readProfile } from './readProfile.ts'
import { speedscopeFile } from './speedscope.ts'

const A = `0x${'aa'.repeat(20)}` as const
const HOSTILE = 'f</title><script>alert(1)</script>\u001b[31m\uffff'
const names = { nameOf: () => 'Token', mapOf: () => ({ reason: 'none' }) }

const nodes: NodeProfile['nodes'] = [
  { kind: 'fixed', name: 'transaction', parent: -1, calls: 1, ink: 210_000_000 },
  { kind: 'frame', type: 'CALL', to: A, parent: -1, calls: 1, ink: 0 },
  { kind: 'function', contract: 0, functionIndex: 7, parent: 1, calls: 1, ink: 10_000 },
  { kind: 'function', contract: 0, functionIndex: 7, parent: 2, calls: 2, ink: 30_000 },
  { kind: 'host', name: 'emit_log', parent: 3, calls: 1, ink: 60_000 },
  { kind: 'burnt', parent: 3, calls: 1, ink: 900_000 },
]
const profile: NodeProfile = {
  ...{ gasUsed: '0x526c', gasSpent: '0x526c', refund: '0x0', isCut: false, nodes },
  contracts: [
    {
      ...{ moduleHash: '0x', addresses: [A], places: [], choices: [] },
      functions: [{ index: 7, name: HOSTILE }],
    },
  ],
}

describe('a profile', () => {
  it('counts a function that calls itself once in its total', () => {
    const { costs } = readProfile(profile, names)
    expect(costs.find(({ kind }) => kind === 'function')).toMatchObject({ calls: 3, ink: 40_000, totalInk: 1_000_000 })
    expect(costs.reduce((sum, { ink }) => sum + ink, 0)).toBe(21_100 * 10_000)
  })

  it('draws no markup and no escape of a contract', () => {
    const graph = flameGraph(readProfile(profile, names), 'call')
    for (const one of ['<script', '\u001b', '\uffff']) expect(graph).not.toContain(one)
    expect(graph).toContain('Token: f&#60;')
    expect(graph.match(/<rect class="box/g)!.length).toBeGreaterThan(3)
  })

  it('is an evented profile of speedscope, properly nested', () => {
    const file = speedscopeFile(readProfile(profile, names), 'call') as {
      profiles: { events: { type: string; frame: number; at: number }[]; endValue: number }[]
    }
    const { events, endValue } = file.profiles[0]!
    expect(endValue).toBe(21_100)
    expect(events.map(({ type, frame, at }) => `${type}${frame}@${at}`)).toEqual([
      ...['O0@0', 'O1@0', 'C1@21000', 'O2@21000', 'O3@21000', 'O3@21001', 'O4@21004', 'C4@21010', 'O5@21010'],
      ...['C5@21100', 'C3@21100', 'C3@21100', 'C2@21100', 'C0@21100'],
    ])
  })

  it('differs in what changed, the greatest change first', () => {
    const before = readProfile(profile, names)
    const dearer = nodes.map((node) => (node.kind === 'host' ? { ...node, ink: 90_000 } : node))
    const after = readProfile({ ...profile, nodes: dearer, gasUsed: '0x526f' }, names)
    expect(diffProfiles(before, after)).toEqual({
      gasUsed: [21_100n, 21_103n],
      costs: [{ words: 'emit_log', before: 60_000, after: 90_000 }],
      lines: [],
    })
  })
})
