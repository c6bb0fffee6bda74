import { describe, expect, it } from 'vitest'
import { checkCommand, type SteeringCommand } from '../network/control/command.ts'
import { type ChaosEvent, type Episode, makeSchedule, type ScheduleOptions } from './schedule.ts'

const options = (seed: number, nodes = 4): ScheduleOptions => ({ seed, durationMs: 600_000, nodes, canPause: true })
const seeds = Array.from({ length: 30 }, (_, seed) => seed)
const events = ({ episodes }: { episodes: readonly Episode[] }) => episodes.flatMap((episode) => episode.events)

describe('a schedule of faults', () => {
  it('is the same for the same seed, and another for another', () => {
    expect(makeSchedule(options(7))).toEqual(makeSchedule(options(7)))
    expect(makeSchedule(options(8))).not.toEqual(makeSchedule(options(7)))
  })

  it('has every kind of fault within ten minutes, and a follower', () => {
    for (const seed of seeds) {
      const kinds = new Set(events(makeSchedule(options(seed))).map(({ command }) => command.kind))
      for (const kind of ['kill', 'stop', 'start', 'pause', 'resume', 'wipe', 'partition', 'heal', 'add']) {
        expect(kinds, `seed ${seed}`).toContain(kind)
      }
    }
  })

  it('mends in each episode what it breaks, in an order that nodes can follow', () => {
    for (const nodes of [1, 2, 4, 7, 10]) {
      for (const seed of seeds) {
        for (const episode of makeSchedule(options(seed, nodes)).episodes) expectMended(episode.events)
      }
    }
  })

  it('is of orders that the control channel takes', () => {
    const { episodes, links } = makeSchedule(options(3))
    for (const { command } of [...events({ episodes }), ...links]) expect(checkCommand(command)).toEqual(command)
  })

  it('often leaves a quorum, sometimes not', () => {
    const worst = makeSchedule(options(5)).episodes.map(({ events }) => mostAway(events))
    const within = worst.filter((away) => away <= 1).length
    expect(within).toBeGreaterThan(worst.length / 2)
    expect(within).toBeLessThan(worst.length)
  })

  it('wipes nobody who is alone', () => {
    const kinds = seeds.flatMap((seed) => events(makeSchedule(options(seed, 1))).map(({ command }) => command.kind))
    expect(kinds).not.toContain('wipe')
    expect(kinds).toContain('kill')
  })

  it('pauses nobody where that cannot be, and leaves links as they were', () => {
    const { episodes, links } = makeSchedule({ ...options(1), canPause: false })
    expect(events({ episodes }).some(({ command }) => command.kind === 'pause')).toBe(false)
    const open = new Map<string, boolean>()
    for (const { command } of links) {
      if (command.kind === 'shape' || command.kind === 'reset-links') {
        open.set(JSON.stringify(command.directions), command.kind === 'reset-links')
      }
    }
    expect([...open.values()].every(Boolean)).toBe(true)
  })
})

function expectMended(list: readonly ChaosEvent[]): void {
  const broken = new Map<number, SteeringCommand['kind']>()
  let split = false
  let last = 0
  for (const { at, command } of list) {
    expect(at).toBeGreaterThanOrEqual(last)
    last = at
    if (command.kind === 'partition') split = true
    if (command.kind === 'heal') split = false
    if (!('node' in command)) continue
    const before = broken.get(command.node)
    if (command.kind === 'start') expect(before).toMatch(/kill|stop|wipe/)
    else if (command.kind === 'resume') expect(before).toBe('pause')
    else expect(before).toBeUndefined()
    if (command.kind === 'start' || command.kind === 'resume') broken.delete(command.node)
    else broken.set(command.node, command.kind)
  }
  expect([...broken]).toEqual([])
  expect(split).toBe(false)
}

/** Validators that are down, paused or in the smaller part at one time. */
function mostAway(list: readonly ChaosEvent[]): number {
  const away = new Set<number>()
  let most = 0
  for (const { command } of list) {
    if (command.kind === 'partition') for (const node of command.groups.flat()) away.add(node)
    else if ('node' in command && !['start', 'resume'].includes(command.kind)) away.add(command.node)
    else if ('node' in command) away.delete(command.node)
    most = Math.max(most, away.size)
  }
  return most
}
