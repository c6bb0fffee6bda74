import { seededRandom } from '@touchstone/vm/testing/random'
import { describe, expect, it } from 'vitest'
import { manualClock } from '../../../testing/manualClock.ts'
import { DEFAULT_LIMITS, type NetworkLimits } from '../limits.ts'
import { KeptPromises, Standing } from './keptPromises.ts'
import { Throughput } from './throughput.ts'
import { WantedMessages } from './wanted.ts'

const { wantTimeout, promiseTime } = DEFAULT_LIMITS

function scene(options: { limits?: Partial<NetworkLimits>; named?: readonly string[]; seed?: number } = {}) {
  const clock = manualClock()
  const promises = new KeptPromises((peer) => options.named?.includes(peer) ?? false)
  const asked: { at: number; peer: string; key: string }[] = []
  const deaf = new Set<string>()
  const sending = new Set<string>()
  const wanted = new WantedMessages({
    clock,
    limits: { ...DEFAULT_LIMITS, ...options.limits },
    promises,
    random: seededRandom(options.seed ?? 1).below,
    canAsk: (peer) => !deaf.has(peer),
    isSending: (peer) => sending.has(peer),
    ask: (peer, keys) => asked.push(...keys.map((key) => ({ at: clock.monotonic(), peer, key }))),
  })
  const times = (peer: string) => asked.filter((one) => one.peer === peer).map(({ at }) => at)
  const keep = (peer: string, key = `kept by ${peer}`) => {
    wanted.announced(peer, [key])
    wanted.arrived(key, peer)
  }
  return { clock, promises, asked, deaf, sending, wanted, times, keep }
}

const strangers = (count: number) => Array.from({ length: count }, (_, index) => `s${index}`)

describe('a wanted message is asked of', () => {
  it('the first who announces it, at once, and of nobody else when it comes', async () => {
    const { clock, wanted, asked, promises } = scene()
    wanted.announced('a', ['m'])
    wanted.announced('b', ['m'])
    await clock.advance(wantTimeout - 1)
    wanted.arrived('m', 'a')
    await clock.advance(10 * promiseTime)
    expect(asked).toEqual([{ at: 0, peer: 'a', key: 'm' }])
    expect(promises.of('a')).toBe(Standing.KEPT)
    expect(promises.of('b')).toBe(Standing.UNKNOWN)
    expect(wanted.announcements).toBe(0)
  })

  it('one more, two, four and so on while nothing comes, each once', async () => {
    const { clock, wanted, asked } = scene()
    for (const peer of strangers(20)) wanted.announced(peer, ['m'])
    await clock.advance(10 * promiseTime)
    const counts = new Map<number, number>()
    for (const { at } of asked) counts.set(at / wantTimeout, (counts.get(at / wantTimeout) ?? 0) + 1)
    expect([...counts]).toEqual([
      [0, 1],
      [1, 1],
      [2, 2],
      [3, 4],
      [4, 8],
      [5, 4],
    ])
    expect(new Set(asked.map(({ peer }) => peer)).size).toBe(20)
    expect(wanted.announcements).toBe(0)
  })

  it('whom chance chooses, not of who came first', async () => {
    const seconds = new Set<string>()
    for (let seed = 1; seed <= 40; seed++) {
      const { clock, wanted, asked } = scene({ seed: seed * 7_919 })
      for (const peer of strangers(10)) wanted.announced(peer, ['m'])
      await clock.advance(wantTimeout)
      seconds.add(asked[1]!.peer)
    }
    expect(seconds.size).toBeGreaterThan(6)
  })

  it('a named peer at once, beside any stranger, and of it first of all', async () => {
    const { clock, wanted, times } = scene({ named: ['friend', 'other'] })
    for (const peer of strangers(50)) wanted.announced(peer, ['m'])
    await clock.advance(5)
    wanted.announced('friend', ['m'])
    wanted.announced('other', ['m'])
    await clock.advance(promiseTime)
    expect(times('friend')).toEqual([5])
    expect(times('other')).toEqual([wantTimeout])
  })

  it('a named peer beside one that announces and gives nothing, from the second time on', async () => {
    const { clock, wanted, times, promises } = scene({ named: ['hostile', 'friend'] })
    for (const turn of [1, 2]) {
      const began = clock.monotonic()
      wanted.announced('hostile', [`m${turn}`])
      wanted.announced('friend', [`m${turn}`])
      await clock.advance(wantTimeout)
      expect(times('friend').at(-1)! - began).toBe(turn === 1 ? wantTimeout : 0)
      wanted.arrived(`m${turn}`, 'friend')
      await clock.advance(2 * promiseTime)
      expect([promises.of('hostile'), promises.of('friend')]).toEqual([Standing.UNKNOWN, Standing.NAMED])
    }
  })

  it('who kept its promises at once beside the unknown, and of the unknown beside who broke them', async () => {
    const { clock, wanted, promises, times, keep } = scene()
    wanted.announced('liar', ['nothing'])
    await clock.advance(2 * promiseTime)
    expect(promises.of('liar')).toBe(Standing.BROKE)
    keep('good')
    const now = clock.monotonic()
    for (const peer of ['liar', 'unknown', 'unknown too', 'good', 'liar']) wanted.announced(peer, ['m'])
    expect(times('liar').at(-1)).toBe(now)
    expect(times('unknown')).toEqual([now])
    expect(times('unknown too')).toEqual([])
    expect(times('good').at(-1)).toBe(now)
  })

  it('others ever more rarely while much comes from who was asked, and of all when its time is over', async () => {
    const { clock, wanted, asked, sending } = scene()
    sending.add('s0')
    for (const peer of strangers(30)) wanted.announced(peer, ['m'])
    await clock.advance(promiseTime - 1)
    expect(asked.map(({ at }) => at / wantTimeout)).toEqual([0, 1, 3, 7])
    await clock.advance(10 * wantTimeout)
    expect(asked).toHaveLength(30)
  })

  it('who announces last, at once when all others were asked in vain', async () => {
    const { clock, wanted, times } = scene()
    for (const peer of strangers(3)) wanted.announced(peer, ['m'])
    await clock.advance(4 * wantTimeout + 17)
    wanted.announced('late', ['m'])
    expect(times('late')).toEqual([4 * wantTimeout + 17])
  })

  it('who could not be asked before, when it can be', async () => {
    const { clock, wanted, deaf, asked } = scene()
    deaf.add('a')
    wanted.announced('a', ['m', 'n'])
    await clock.advance(promiseTime)
    expect(asked).toEqual([])
    deaf.delete('a')
    wanted.linked('a')
    expect(asked.map(({ key }) => key)).toEqual(['m', 'n'])
  })

  it('the same peer again when it announces again what it did not give, which counts against it', async () => {
    const { clock, wanted, times, promises } = scene()
    wanted.announced('a', ['m'])
    wanted.announced('a', ['m'])
    await clock.advance(wantTimeout)
    wanted.announced('a', ['m'])
    expect(times('a')).toEqual([0, wantTimeout])
    expect(promises.of('a')).toBe(Standing.BROKE)
  })
})

describe('promises', () => {
  it('that are broken outweigh what was kept before, and new ones make good for them', async () => {
    const { clock, wanted, promises, keep } = scene()
    for (let i = 0; i < 20; i++) keep('a', `m${i}`)
    wanted.announced('a', ['nothing'])
    await clock.advance(promiseTime + wantTimeout)
    expect(promises.of('a')).toBe(Standing.BROKE)
    keep('a')
    expect(promises.of('a')).toBe(Standing.UNKNOWN)
    keep('a')
    expect(promises.of('a')).toBe(Standing.KEPT)
  })

  it('are kept also when the message came from elsewhere before, and broken when only others gave it', async () => {
    const { clock, wanted, promises } = scene()
    for (const peer of ['slow', 'liar', 'good']) wanted.announced(peer, ['m'])
    await clock.advance(2 * wantTimeout)
    wanted.arrived('m', 'good')
    await clock.advance(wantTimeout)
    wanted.arrived('m', 'slow')
    await clock.advance(2 * promiseTime)
    expect([promises.of('good'), promises.of('slow'), promises.of('liar')]).toEqual([
      Standing.KEPT,
      Standing.KEPT,
      Standing.BROKE,
    ])
    expect(wanted.announcements).toBe(0)
  })

  it('of who is gone are forgotten', async () => {
    const { clock, wanted, promises } = scene()
    wanted.announced('a', ['m', 'n'])
    wanted.forget('a')
    expect(wanted.announcements).toBe(0)
    await clock.advance(2 * promiseTime)
    expect(promises.of('a')).toBe(Standing.UNKNOWN)
  })
})

describe('announcements', () => {
  const limits = { announcedPerPeer: 10, announcedInAll: 25, announcedWhenFull: 2 }
  const ids = (peer: string, count: number) => Array.from({ length: count }, (_, index) => `${peer} ${index}`)

  it('are bounded for each peer and for all strangers, each of whom has some places however many others take', async () => {
    const { clock, wanted, asked } = scene({ limits, named: ['friend'] })
    for (const peer of ['a', 'b', 'c', 'd', 'friend']) wanted.announced(peer, ids(peer, 12))
    const counts = ['a', 'b', 'c', 'd', 'friend'].map((peer) => asked.filter((one) => one.peer === peer).length)
    expect(counts).toEqual([10, 10, 5, 2, 10])
    expect(wanted.announcements).toBe(37)
    await clock.advance(promiseTime + wantTimeout)
    expect(wanted.announcements).toBe(0)
    wanted.announced('a', ids('a', 12))
    expect(wanted.announcements).toBe(10)
  })

  it('do not stay when their peer can never be asked', async () => {
    const { clock, wanted, deaf, asked } = scene()
    deaf.add('a')
    wanted.announced('a', ['m'])
    await clock.advance(2 * promiseTime + wantTimeout)
    expect(wanted.announcements).toBe(0)
    expect(asked).toEqual([])
  })

  it('of any kind and in any order leave nothing behind, and each peer is asked for what it announced only (seeded)', async () => {
    for (let seed = 1; seed <= 30; seed++) {
      const random = seededRandom(seed * 104_729)
      const peers = [...strangers(6), 'friend']
      const { clock, wanted, deaf, sending, asked } = scene({ limits, named: ['friend'], seed })
      const announced = new Set<string>()
      let checked = 0
      for (let turn = 0; turn < 300; turn++) {
        const peer = peers[random.below(peers.length)]!
        const key = `m${random.below(8)}`
        const action = random.below(12)
        if (action < 6) {
          announced.add(`${peer} ${key}`)
          wanted.announced(peer, [key])
        } else if (action === 6) wanted.arrived(key, random.below(2) === 0 ? peer : null)
        else if (action === 7) wanted.forget(peer)
        else if (action === 8) {
          deaf.add(peer)
          wanted.unlinked(peer)
        } else if (action === 9) {
          deaf.delete(peer)
          wanted.linked(peer)
        } else if (action === 10) random.below(2) === 0 ? sending.add(peer) : sending.delete(peer)
        else await clock.advance(random.below(2 * wantTimeout))
        for (const one of asked.slice(checked)) expect(announced, `seed ${seed}`).toContain(`${one.peer} ${one.key}`)
        checked = asked.length
        expect(wanted.announcements, `seed ${seed}`).toBeLessThanOrEqual(limits.announcedInAll + 7 * 10)
      }
      await clock.advance(3 * promiseTime)
      expect(wanted.announcements, `seed ${seed}`).toBe(0)
    }
  })
})

it('throughput counts what came in this span and the last', () => {
  const throughput = new Throughput(100)
  throughput.add(1_000, 5)
  throughput.add(1_050, 6)
  expect(throughput.lately(1_099)).toBe(11)
  throughput.add(1_100, 7)
  expect(throughput.lately(1_199)).toBe(18)
  expect(throughput.lately(1_250)).toBe(7)
  expect(throughput.lately(1_300)).toBe(0)
})
