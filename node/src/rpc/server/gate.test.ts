import { describe, expect, test } from 'vitest'
import { manualClock } from '../../../testing/manualClock.ts'
import { Gate } from './gate.ts'

function gateOf(running: number, waiting = 100) {
  const clock = manualClock()
  const gate = new Gate({ running, waiting, longestWait: 1_000, option: 'maxInFlight' }, clock)
  const passed: string[] = []
  /** Of these, in their order. */
  let left = 0
  const connections = new Map<string, object>()
  /** `a1x`: client `a`, its connection 1. */
  const pass = (who: string) => {
    const connection = connections.get(who.slice(0, 2)) ?? {}
    connections.set(who.slice(0, 2), connection)
    const turn = gate.pass({ name: who[0]!, connection })
    if (turn === null) passed.push(who)
    return turn?.then(() => passed.push(who)) ?? null
  }
  const leave = async (who = passed[left]!) => {
    left++
    gate.leave({ name: who[0]! })
    await new Promise(setImmediate)
  }
  return { clock, passed, pass, leave }
}

describe('the gate', () => {
  test('lets so many run, and others as these leave', async () => {
    const { pass, leave, passed } = gateOf(2)
    for (const who of ['a1', 'b1', 'c1', 'd1']) pass(who)
    expect(passed).toEqual(['a1', 'b1'])
    await leave()
    expect(passed).toEqual(['a1', 'b1', 'c1'])
    for (let left = 0; left < 3; left++) await leave()
    expect(passed).toEqual(['a1', 'b1', 'c1', 'd1'])
    expect([pass('e1'), pass('f1')]).toEqual([null, null])
    expect(pass('g1')).not.toBeNull()
  })

  test('gives each client its turn, and in it each of its connections', async () => {
    const { pass, leave, passed } = gateOf(1)
    pass('x0')
    for (const who of ['a1p', 'a1q', 'a1r', 'a2p', 'a2q', 'b1p']) pass(who)
    await leave()
    pass('c1p')
    for (let left = 0; left < 7; left++) await leave()
    expect(passed).toEqual(['x0', 'a1p', 'b1p', 'a2p', 'c1p', 'a1q', 'a2q', 'a1r'])
  })

  test('never gives all places to one client, however much it waits', async () => {
    const { pass, leave, passed } = gateOf(4)
    for (const who of ['a1', 'a2', 'a3', 'a4', 'a5']) pass(who)
    expect(passed).toEqual(['a1', 'a2', 'a3'])
    expect(pass('b1')).toBeNull()
    pass('b2')
    pass('c1')
    await leave('b1')
    expect(passed.slice(3)).toEqual(['b1', 'b2'])
    await leave('b2')
    await leave('c1')
    expect(passed.slice(5)).toEqual(['c1'])
    await leave('a1')
    await leave('a2')
    expect(passed.slice(6)).toEqual(['a4', 'a5'])
    for (const one of ['a3', 'a4', 'a5']) await leave(one)
    expect([pass('d1'), pass('d2'), pass('d3')]).toEqual([null, null, null])
    expect(pass('d4')).not.toBeNull()
  })

  test('lets nobody wait for ever, nor too many, nor one client with more than half', async () => {
    const { pass, leave, passed, clock } = gateOf(1, 4)
    pass('a1')
    const late = [pass('a1'), pass('a2')]
    for (const turn of late) turn!.catch(() => {})
    expect(() => pass('a3')).toThrow('maxWaitingRequests')
    const others = [pass('b1'), pass('c1')]
    expect(() => pass('d1')).toThrow('maxWaitingRequests')
    await leave()
    expect(passed).toEqual(['a1', 'a1'])
    for (const turn of others) turn!.catch(() => {})
    clock.jump(1_000)
    for (const turn of [late[1], ...others]) await expect(turn).rejects.toMatchObject({ code: -32005 })
    await leave()
    expect(pass('d1')).toBeNull()
    expect(passed).toEqual(['a1', 'a1', 'd1'])
  })
})
