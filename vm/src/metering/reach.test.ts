import { describe, expect, it } from 'vitest'
import type { CallGraph } from './callGraph.ts'
import { spreadToCallers } from './reach.ts'

/** Functions by the functions they call, and how often a call was looked at. */
function graphOf(callees: readonly (readonly number[])[]): { readonly graph: CallGraph; readonly looks: () => number } {
  let looks = 0
  const watched = callees.map((list) => {
    const copy = [...list]
    copy[Symbol.iterator] = function* () {
      for (let i = 0; i < list.length; i++) {
        looks++
        yield list[i]!
      }
      return undefined
    }
    return copy
  })
  const none = new Uint8Array(callees.length)
  const graph: CallGraph = {
    callees: watched,
    tailCalls: none,
    indirectCalls: none,
    tailTarget: none,
    inCycle: none,
    inWideCycle: none,
    // The worst order: callers first.
    calleesFirst: callees.map((_, i) => i),
  }
  return { graph, looks: () => looks }
}

describe('what leads to a function', () => {
  it('is found along direct calls, those of imported functions apart', () => {
    // 0 is imported; 1 calls it and 2, 2 calls 3, 3 calls 3, 4 calls 2, 5 nothing.
    const { graph } = graphOf([[0, 2], [3], [3], [2], []])
    const flags = Uint8Array.of(0, 1, 0, 0, 0)
    spreadToCallers(flags, graph, 1)
    expect([...flags]).toEqual([1, 1, 0, 1, 0])
    const all = Uint8Array.of(0, 0, 1, 0, 0)
    spreadToCallers(all, graph, 1)
    expect([...all]).toEqual([1, 1, 1, 1, 0])
  })

  it('takes looking at each call twice, also in one cycle of all functions', () => {
    const count = 500
    const { graph, looks } = graphOf(Array.from({ length: count }, (_, i) => [0, (i + 1) % count]))
    const flags = new Uint8Array(count)
    flags[count - 1] = 1
    spreadToCallers(flags, graph, 0)
    expect(flags.every((flag) => flag === 1)).toBe(true)
    expect(looks()).toBeLessThanOrEqual(2 * 2 * count)
  })
})
