import { describe, expect, it } from 'vitest'
import { BudgetError, encodeFrame, FrameReader } from './framing.ts'
import { ByteBudget as Budget, type ByteBudget, FrameBudgets } from './heldBytes.ts'

const frame = encodeFrame(new Uint8Array(80))

/** A budget of 100 bytes, readers of peers, and what becomes of them. */
function setup() {
  let now = 0
  const worst: string[] = []
  const evicted: string[] = []
  const budget = new Budget(
    100,
    () => now,
    (peer) => worst.push(peer),
  )
  const reader = (peer: string, name = peer) => new FrameReader(1_000, budget.of(peer), () => evicted.push(name))
  const begin = (peer: string, bytes: number) => {
    const begun = reader(peer)
    begun.push(frame.subarray(0, bytes))
    return begun
  }
  const later = (milliseconds: number) => {
    now += milliseconds
  }
  return { budget, worst, evicted, reader, begin, later }
}

describe('bytes of unfinished frames', () => {
  it('are bounded in all: who holds most of what came at once loses it', () => {
    const { budget, worst, evicted, reader, begin } = setup()
    const [first, second, third] = [begin('first', 60), begin('second', 20), begin('third', 30)]
    expect([worst, evicted]).toEqual([['first'], ['first']])
    expect(first.push(frame.subarray(60))).toEqual([])
    expect(budget.used).toBe(50)
    // It would hold more than anybody.
    expect(() => reader('fourth').push(frame.subarray(0, 60))).toThrow(BudgetError)
    expect([budget.used, worst]).toEqual([50, ['first', 'fourth']])
    expect(second.push(frame.subarray(20))).toHaveLength(1)
    third.close()
    expect(budget.used).toBe(0)
    expect(evicted).toEqual(['first'])
  })

  it('weigh by their time too: a small frame that is not gone on with goes before a large one that has just begun', () => {
    const { worst, begin, later } = setup()
    begin('slow', 20)
    later(1_000)
    begin('busy', 50)
    const large = begin('large', 45)
    expect(worst).toEqual(['slow'])
    expect(large.partial).toBe(45)
  })

  it('begin to count anew with each frame: who sends many, one after the other, weighs what the last one does', () => {
    const { worst, begin, later } = setup()
    const busy = begin('busy', 60)
    later(1_000)
    begin('slow', 20)
    later(1_000)
    // The end of its frame, and the beginning of the next.
    expect(busy.push(Uint8Array.from([...frame.subarray(60), ...frame.subarray(0, 60)]))).toHaveLength(1)
    later(10)
    begin('newcomer', 30)
    expect(worst).toEqual(['slow'])
  })

  it('of one peer count together, and all go', () => {
    const { budget, worst, evicted, reader, begin } = setup()
    for (let stream = 1; stream <= 5; stream++) reader('many', `many ${stream}`).push(frame.subarray(0, 14))
    begin('one', 40)
    expect([worst, evicted.length, budget.used]).toEqual([['many'], 5, 40])
    const one = reader('one', 'another of one')
    expect(() => one.push(frame.subarray(0, 70))).toThrow(BudgetError)
    expect([evicted.at(-1), budget.used]).toEqual(['one', 0])
  })

  it('are kept apart: what strangers send, what they answer, and what peers named at start do', () => {
    const budgets = new FrameBudgets(
      100,
      (peer) => peer.startsWith('named'),
      () => 0,
      2,
    )
    const worst: string[] = []
    budgets.onWorst((peer) => worst.push(peer))
    const begin = (room: ReturnType<ByteBudget['of']>, bytes: number) =>
      new FrameReader(1_000, room).push(frame.subarray(0, bytes))
    for (const room of [budgets.of('a'), budgets.ofAnswers('a'), budgets.of('named')]) begin(room, 60)
    expect(worst).toEqual([])
    for (const room of [budgets.of('b'), budgets.ofAnswers('c'), budgets.ofAnswers('named 2')]) begin(room, 50)
    expect(worst).toEqual(['a', 'a', 'named'])
  })

  it('of a named peer are safe up to an equal part, however long they are held, from one that always begins anew', () => {
    let now = 0
    const budgets = new FrameBudgets(
      100,
      (peer) => peer !== 'stranger',
      () => now,
      2,
    )
    const worst: string[] = []
    budgets.onWorst((peer) => worst.push(peer))
    const slow = new FrameReader(1_000, budgets.of('slow'))
    slow.push(frame.subarray(0, 40))
    for (let time = 1; time <= 5; time++) {
      now += 10_000
      const fast = new FrameReader(1_000, budgets.of('fast'))
      expect(() => fast.push(frame.subarray(0, 70))).toThrow(BudgetError)
      fast.close()
    }
    expect(worst).toEqual(Array.from({ length: 5 }, () => 'fast'))
    expect(slow.push(frame.subarray(40))).toHaveLength(1)
  })
  it('of named peers that stop in the midst of frames leave room for a large one that goes on', () => {
    let now = 0
    const budgets = new FrameBudgets(
      100,
      () => true,
      () => now,
      10,
    )
    const worst: string[] = []
    budgets.onWorst((peer) => worst.push(peer))
    const stopped = ['first', 'second', 'third'].map((peer) => {
      now += 1_000
      const reader = new FrameReader(1_000, budgets.of(peer))
      reader.push(frame.subarray(0, 30))
      return reader
    })
    now += 1_000
    const small = new FrameReader(1_000, budgets.of('small'))
    small.push(frame.subarray(0, 10))
    const large = new FrameReader(1_000, budgets.of('large'))
    for (let at = 0; at < 80; at += 10) {
      now += 1_000
      large.push(frame.subarray(at, at + 10))
    }
    expect(large.push(frame.subarray(80))).toHaveLength(1)
    expect(small.push(frame.subarray(10))).toHaveLength(1)
    expect(worst).toEqual(['first', 'second', 'third'])
    expect(stopped.map((reader) => reader.partial)).toEqual([0, 0, 0])
  })
})
