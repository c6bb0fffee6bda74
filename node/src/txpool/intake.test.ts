import { describe, expect, it } from 'vitest'
import { Intake, isRelayed } from './intake.ts'
import {
  CHECKED_PER_PEER,
  HOPELESS_BURST,
  NAMED_HOPELESS_BURST,
  RECOVERY_WORK,
  STRANGERS_WASTED_BURST,
  USELESS_BYTES_BURST,
  USELESS_BYTES_PER_SECOND,
  WASTED_BURST,
  WASTED_PER_SECOND,
} from './limits.ts'
import type { AddOutcome, Standing } from './txpoolView.ts'

const KIB = 1024

function scene() {
  let now = 0
  let current = true
  const named = new Set<string>(['named'])
  const intake = new Intake({ now: () => now, isNamed: (peer) => named.has(peer), isCurrent: () => current })
  return {
    intake,
    wait(seconds: number) {
      now += seconds * 1_000
    },
    catchUp() {
      current = false
    },
    /** A bundle that was judged, of so many transactions of one standing. */
    settle: (peer: string, count: number, standing: Standing | 'good', bytes = 0) =>
      intake.settle(peer, Array(count).fill(new Uint8Array(100)), Array(count).fill(outcome(standing)), bytes),
    isHeard: (peer: string) => intake.admit(peer, 0).judge,
  }
}

function outcome(standing: Standing | 'good'): AddOutcome {
  if (standing === 'good') return { ok: true, hash: new Uint8Array(32) }
  return { ok: false, code: 'nonce-too-low', message: '', standing }
}

describe('work for nothing', () => {
  it('is not gone on with beyond a bound, and comes back', () => {
    const { settle, isHeard, wait, intake } = scene()
    settle('a', WASTED_BURST / RECOVERY_WORK, 'unfit')
    expect(isHeard('a')).toBe(true)
    settle('a', WASTED_PER_SECOND / RECOVERY_WORK, 'unfit')
    expect(intake.admit('a', 10)).toEqual({ judge: false, flood: null })
    expect(isHeard('b')).toBe(true)
    wait(1.1)
    expect(isHeard('a')).toBe(true)
  })

  it('weighs as much as it took: what is known is looked up only', () => {
    const { settle, isHeard } = scene()
    settle('a', WASTED_BURST, 'known')
    expect(isHeard('a')).toBe(true)
    settle('a', 1, 'known')
    expect(isHeard('a')).toBe(false)
  })

  it('of strangers together leaves room for those who bring more than they waste, and for named peers', () => {
    const { settle, isHeard, wait } = scene()
    settle('useful', 2_000, 'good')
    settle('useful', 100, 'unfit')
    settle('outdated', 100, 'unfit')
    settle('named', 1_000, 'unfit')
    // Each of many remains within its own bound.
    for (let peer = 0; peer < 64; peer++) settle(`${peer}`, STRANGERS_WASTED_BURST / 32 / RECOVERY_WORK, 'unfit')
    expect(['useful', 'named', 'new', 'outdated', '5'].map(isHeard)).toEqual([true, true, true, false, false])
    wait(60)
    expect(isHeard('outdated')).toBe(true)
  })
})

describe('a flood', () => {
  it('of what nobody can pay is blamed beyond a bound, which is higher for peers named at start', () => {
    const { settle, intake } = scene()
    for (const peer of ['a', 'named']) settle(peer, HOPELESS_BURST, 'hopeless')
    expect(intake.admit('a', 0)).toEqual({ judge: true, flood: null })
    for (const peer of ['a', 'named']) settle(peer, 1, 'hopeless')
    expect(intake.admit('a', 0).flood).toMatch(/senders cannot pay/)
    expect(intake.admit('named', 0).flood).toBeNull()
    settle('named', NAMED_HOPELESS_BURST, 'hopeless')
    expect(intake.admit('named', 0).flood).toMatch(/senders cannot pay/)
  })

  it('of what nobody can pay is not blamed while this node is catching up; it is not heard either', () => {
    const { settle, intake, catchUp } = scene()
    catchUp()
    settle('a', 2 * HOPELESS_BURST, 'hopeless')
    expect(intake.admit('a', 0)).toEqual({ judge: false, flood: null })
  })

  it('of bytes that bring nothing is blamed, whatever is wrong with them', () => {
    const { settle, wait, intake } = scene()
    for (let sent = 0; sent < USELESS_BYTES_BURST; sent += 512 * KIB) {
      expect(settle('a', 1, 'known', 512 * KIB)).toEqual({ judge: false, flood: null })
    }
    expect(settle('a', 1, 'known', 0).flood).toBeNull()
    settle('a', 1, 'known', 1)
    expect(settle('a', 1, 'known', 1).flood).toMatch(/bytes a second/)
    // A transaction that is not even looked at counts as well: nothing is hidden behind the other bounds.
    settle('b', WASTED_BURST + 1, 'known')
    let ignored = 0
    while (intake.admit('b', 512 * KIB).flood === null) ignored += 512 * KIB
    expect(ignored).toBeLessThanOrEqual(USELESS_BYTES_BURST + 512 * KIB)
    // At the rate that is allowed it may go on.
    for (let second = 0; second < 100; second++) {
      wait(1)
      expect(settle('slow', 1, 'known', USELESS_BYTES_PER_SECOND).flood).toBeNull()
    }
  })

  it('is remembered of who comes back', () => {
    const { settle, intake } = scene()
    settle('a', HOPELESS_BURST + 1, 'hopeless')
    for (let other = 0; other < 500; other++) intake.admit(`other ${other}`, 0)
    expect(intake.admit('a', 0).flood).not.toBeNull()
  })
})

it('bounds what is being checked of one peer', () => {
  const { intake } = scene()
  expect(intake.begin('a', 512, KIB * KIB).judge).toBe(true)
  expect(intake.begin('a', 512, KIB * KIB).judge).toBe(true)
  expect(intake.begin('a', 1, 1).judge).toBe(false)
  expect(intake.begin('b', 1, 1).judge).toBe(true)
  intake.end('a', 512, KIB * KIB)
  expect(intake.begin('a', CHECKED_PER_PEER - 512, 1).judge).toBe(true)
  expect(intake.begin('a', 1, 1).judge).toBe(false)
})

describe('a bundle goes on as it came', () => {
  const relayed = (...standings: (Standing | 'good')[]) =>
    isRelayed(Array(standings.length).fill(new Uint8Array(100)), standings.map(outcome))

  it('when three of four were new and every signature was checked', () => {
    expect(relayed('good')).toBe(true)
    expect(relayed('good', 'good', 'good', 'known')).toBe(true)
    expect(relayed('good', 'good', 'good', 'unfit')).toBe(true)
    expect(relayed('good', 'good', 'known')).toBe(false)
    expect(relayed('known', 'unfit')).toBe(false)
    for (const standing of ['hopeless', 'unchecked', 'fault'] as const) {
      expect(relayed(...Array(100).fill('good'), standing)).toBe(false)
    }
  })
})
