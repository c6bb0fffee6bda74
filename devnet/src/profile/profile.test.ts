/** What is made of a node's profile: recursion, names that a stranger chose, and comparison. */
import { describe, expect, it } from 'vitest'
import { diffProfiles } from './diffProfiles.ts'
import { flameGraph } from './flameGraph.ts'
import { type NodeProfile, profileOf } from './nodeProfile.ts'
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

describe('lines of the author', () => {
  const texts: Readonly<Record<string, string>> = { 'a.ts': 'one\ntwo\n}\nfour' }
  const table = {
    // Function 1 is the author's: line 1, a library's that was inlined, line 2; function 2 is a library's; 3 the author's.
    at: (offset: number) =>
      offset < 20
        ? { file: 'a.ts', line: 1 }
        : offset < 30 || (offset >= 100 && offset < 200)
          ? { file: '~lib/x.ts', line: 7 }
          : { file: 'a.ts', line: offset < 100 ? 2 : 4 },
    textOf: (file: string) => texts[file] ?? null,
    sources: ['a.ts', '~lib/x.ts'],
  }
  const inks = { 10: 1, 25: 2, 30: 4, 35: 8, 110: 16, 120: 32, 210: 64 }
  const functionOf = (offset: number) => (offset < 100 ? 1 : offset < 200 ? 2 : 3)
  const contracts: NodeProfile['contracts'] = [
    {
      ...{ moduleHash: '0x', addresses: [A], choices: [] },
      functions: [1, 2, 3].map((index) => ({ index, name: null })),
      places: Object.entries(inks).map(
        ([offset, ink]) => [functionOf(Number(offset)), Number(offset), 3, ink] as const,
      ),
    },
  ]
  /** The library's function is called from lines 1 and 2, and calls itself, the host and the author's other function. */
  const called = (at: number | null | undefined): NodeProfile['nodes'] => [
    { kind: 'frame', type: 'CALL', to: A, parent: -1, calls: 1, ink: 0 },
    { kind: 'function', contract: 0, functionIndex: 1, at: null, parent: 0, calls: 1, ink: 15 },
    { kind: 'function', contract: 0, functionIndex: 2, at: 25, parent: 1, calls: 1, ink: 10 },
    {
      kind: 'function',
      contract: 0,
      functionIndex: 2,
      ...(at === undefined ? {} : { at }),
      parent: 1,
      calls: 1,
      ink: 20,
    },
    { kind: 'function', contract: 0, functionIndex: 2, at: 120, parent: 3, calls: 1, ink: 5 },
    { kind: 'host', name: 'emit_log', parent: 4, calls: 1, ink: 13 },
    { kind: 'function', contract: 0, functionIndex: 3, at: 120, parent: 4, calls: 1, ink: 64 },
  ]
  const linesOf = (nodes: NodeProfile['nodes'], isApart = false) => {
    const found = readProfile({ ...profile, nodes, contracts }, { ...names, mapOf: () => ({ map: table }) }, isApart)
    return Object.fromEntries(
      found.lines.map(({ file, line, ink }) => [file === null ? 'none' : `${file}:${line}`, ink]),
    )
  }

  it('have what is inlined in them, and what they call in libraries, to the unit', () => {
    expect(linesOf(called(35))).toEqual({ 'a.ts:1': 1 + 2 + 10, 'a.ts:2': 4 + 8 + 20 + 5 + 13, 'a.ts:4': 64 })
    expect(linesOf(called(null))).toMatchObject({ 'a.ts:2': 4 + 8, none: 20 + 5 + 13 })
  })

  it('are told by instruction where that is wanted, or a node does not tell what called what', () => {
    const apart = { 'a.ts:1': 1, 'a.ts:2': 4 + 8, 'a.ts:4': 64, '~lib/x.ts:7': 2 + 16 + 32 }
    expect(linesOf(called(35), true)).toEqual(apart)
    expect(linesOf(called(undefined))).toEqual(apart)
  })

  it('have one function below a caller, from wherever it is called', () => {
    const { calls } = readProfile({ ...profile, nodes: called(35), contracts }, names)
    expect(calls.map(({ name, parent, ink }) => [name, parent, ink])).toEqual([
      ['call of Token', -1, 0],
      ['function 1', 0, 15],
      ['function 2', 1, 30],
      ['function 2', 2, 5],
      ['emit_log', 3, 13],
      ['function 3', 3, 64],
    ])
  })
})

describe('a profile', () => {
  it('is refused in words when its nodes are no graph that can be walked', () => {
    expect(profileOf(profile)).toBe(profile)
    for (const parent of [0, 6, -2, 0.5, undefined]) {
      const answer = { ...profile, nodes: [{ ...nodes[0], parent }] }
      expect(() => profileOf(answer)).toThrow('the node gave no profile')
    }
    for (const answer of [null, {}, { nodes }]) expect(() => profileOf(answer)).toThrow('the node gave no profile')
  })

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
