/**
 * Modules made to cost as much as a limit allows. The test counts work, not time (`npm run bench:bombs` tells
 * that): the nodes and edges of graphs, how often functions are looked at, and what is written. That each limit refuses
 * what is one above it, by name, is in limits.test.ts; here, that what is at them is accepted and stays within bounds
 * that are some small number times the module's size.
 */
import { afterEach, describe, expect, it, vi } from 'vitest'
import { decodeAndValidate } from '../../src/compile.ts'
import type { CompiledProgram } from '../../src/engine/compiled/program.ts'
import { compile, DEFAULT_LIMITS, ENGINE_NAMES, type Outcome, type Program } from '../../src/index.ts'
import { LIMIT_WORDS } from '../../src/limits.ts'
import { FlowGraph } from '../../src/metering/flowGraph.ts'
import { GraphBuilder } from '../../src/metering/graphBuilder.ts'
import { BOMBS } from './bombs.ts'
import { firstCall } from './firstCall.ts'

/** Bytes written for one byte of code at most: `memory.grow` takes two, and becomes the charge and two checks. */
const GROWTH = 32
/** Larger modules are rewritten at an eighth of their limits: they are bodies like the first one, many times. */
const LARGE = 200_000
/** Times a function's graph is built: twice to tell what calls in a cycle cost, once to be rewritten. */
const BUILDS = 3
/** Lookups of a node's group, for each node and edge of a graph. */
const LOOKUPS = 64
/** Part of the limits at which all engines are run. */
const SMALL = 1 / 32
const FUEL = 100_000n

afterEach(() => vi.restoreAllMocks())

describe.each(BOMBS.map((bomb) => [bomb.name, bomb] as const))('%s', (_name, { limits, make }) => {
  it(`is bounded by ${limits.join(', ')}`, () => {
    const whole = make(1)
    expect(whole.length).toBeLessThanOrEqual(DEFAULT_LIMITS.moduleBytes)
    decodeAndValidate(whole, 'reject', DEFAULT_LIMITS)
    const bytes = whole.length > LARGE ? make(1 / 8) : whole
    const counts = countWork()
    const program = compile(bytes, { engine: 'compiled' }) as CompiledProgram
    const { bytes: rewritten } = program.rewritten
    const { module } = decodeAndValidate(bytes, 'reject', DEFAULT_LIMITS)
    const instructions = module.bodies.reduce((sum, { code }) => sum + code.count, 0)
    const targets = module.bodies.reduce((sum, { code }) => sum + code.labels.length, 0)
    const functions = module.bodies.length
    // Two nodes and two edges for an instruction at most, more only for a br_table.
    expect(counts.builds).toBeLessThanOrEqual(BUILDS * functions)
    expect(counts.nodes).toBeLessThanOrEqual(BUILDS * (2 * instructions + functions))
    expect(counts.edges).toBeLessThanOrEqual(BUILDS * (2 * instructions + targets + functions))
    expect(counts.lookups).toBeLessThanOrEqual(LOOKUPS * (counts.nodes + counts.edges))
    expect(rewritten.length).toBeLessThanOrEqual(GROWTH * bytes.length + 64 * functions + 100_000)
    firstCall(program, FUEL)
  })

  it('does the same on every engine', () => {
    const bytes = make(SMALL)
    const expected = end(compile(bytes, { engine: 'reference' }))
    for (const engine of ENGINE_NAMES) expect(end(compile(bytes, { engine })), engine).toEqual(expected)
  })
})

describe('the bombs', () => {
  it('name every limit of a module that they can come up to', () => {
    const named = new Set(BOMBS.flatMap(({ limits }) => limits))
    const unnamed = Object.keys(LIMIT_WORDS).filter((limit) => !named.has(limit as keyof typeof LIMIT_WORDS))
    // A thousand globals are a thousand globals: nothing is made of them.
    expect(unnamed).toEqual(['globals'])
  })
})

interface Work {
  builds: number
  nodes: number
  edges: number
  lookups: number
}

function countWork(): Work {
  const work = { builds: 0, nodes: 0, edges: 0, lookups: 0 }
  const { build } = GraphBuilder.prototype
  const { groupOf } = FlowGraph.prototype
  vi.spyOn(GraphBuilder.prototype, 'build').mockImplementation(function (this: GraphBuilder, ...args) {
    build.apply(this, args)
    work.builds++
    work.nodes += this.graph.nodes
    work.edges += this.graph.edges
  })
  vi.spyOn(FlowGraph.prototype, 'groupOf').mockImplementation(function (this: FlowGraph, node) {
    work.lookups++
    return groupOf.call(this, node)
  })
  return work
}

/** The end of a call, as consensus sees it. */
function end(program: Program): string {
  const outcome: Outcome | null = firstCall(program, FUEL)
  if (outcome === null) return 'no call'
  return outcome.kind === 'return' ? `${outcome.values} for ${outcome.fuelUsed}` : outcome.kind
}
