import { seededRandom } from '@touchstone/node/testing/random'
import { describe, expect, it } from 'vitest'
import { CliError } from '../../output/errors.ts'
import {
  checkShape,
  describeShape,
  hold,
  type LinkShape,
  openLink,
  parseBandwidth,
  parseDelay,
  parseLoss,
  transmission,
} from './linkShape.ts'
import { allGroups, describeDirections, parseLink, parsePartition } from './nodeNumbers.ts'

describe('what people write', () => {
  it('of times, shares and rates', () => {
    expect(['100ms', '1.5s', '20', '0ms', '60s'].map((text) => parseDelay(text, '--delay'))).toEqual([
      100, 1_500, 20, 0, 60_000,
    ])
    expect(['5%', '0.05', '100%', '0', '1'].map(parseLoss)).toEqual([0.05, 0.05, 1, 0, 1])
    expect(['500kbit', '10mbit', '1.5Mbit', '1000bit'].map(parseBandwidth)).toEqual([5e5, 1e7, 1.5e6, 1_000])
    for (const wrong of ['', '-1ms', '1m', 'ms', '1e3', '61s', 'NaN', '1 ms']) {
      expect(() => parseDelay(wrong, '--delay'), wrong).toThrow(CliError)
    }
    for (const wrong of ['', '101%', '1.1', '-5%', '5 %', 'x']) expect(() => parseLoss(wrong), wrong).toThrow(CliError)
    for (const wrong of ['', '10', '1bit', '10mbps', '1000gbit']) {
      expect(() => parseBandwidth(wrong), wrong).toThrow(CliError)
    }
  })

  it('of links and groups', () => {
    expect(parseLink('1-3')).toEqual([
      { from: 1, to: 3 },
      { from: 3, to: 1 },
    ])
    expect(parseLink('3>1')).toEqual([{ from: 3, to: 1 }])
    expect(parseLink('all')).toBeNull()
    for (const wrong of ['', '1', '1=3', '1-', '-1', '2-2', 'a-b', '1-2-3', '1<2', '1000-1']) {
      expect(() => parseLink(wrong), wrong).toThrow(CliError)
    }
    expect(parsePartition('1,2/3,4')).toEqual([
      [1, 2],
      [3, 4],
    ])
    expect(parsePartition('1, 2 / 3')).toEqual([[1, 2], [3]])
    expect(parsePartition('4')).toEqual([[4]])
    for (const wrong of ['', '/', '1,/2', '1,1', '1/1', '1/01', 'a', '1;2', '1,2/']) {
      expect(() => parsePartition(wrong), wrong).toThrow(CliError)
    }
    expect(allGroups([[1], [3]], [1, 2, 3, 4])).toEqual([[1], [3], [2, 4]])
    expect(allGroups([[2], [1]], [1, 2])).toEqual([[2], [1]])
    expect(describeDirections(parseLink('2-1')!)).toBe('2-1')
    expect(describeDirections(parseLink('2>1')!)).toBe('2>1')
  })

  it('comes back as people would write it', () => {
    expect(describeShape(openLink)).toBe('open')
    expect(describeShape({ delayMs: 100, jitterMs: 5, loss: 0.05, bandwidth: 1e6 })).toBe(
      'delay 100 ms, jitter 5 ms, loss 5 %, bandwidth 1000 kbit/s',
    )
    expect(describeShape({ ...openLink, loss: 1 })).toBe('nothing passes')
    expect(describeShape({ ...openLink, delayMs: 0.125, loss: parseLoss('0.001%') })).toBe(
      'delay 0.125 ms, loss 0.001 %',
    )
    expect(describeShape({ ...openLink, loss: parseLoss('0.07') })).toBe('loss 7 %')
  })
})

it('takes a shape from the control channel only within the bounds of the command line', () => {
  expect(checkShape({ ...openLink, delayMs: 60_000 })).toEqual({ ...openLink, delayMs: 60_000 })
  const wrong: unknown[] = [
    null,
    7,
    {},
    { ...openLink, delayMs: -1 },
    { ...openLink, delayMs: 60_001 },
    { ...openLink, jitterMs: Number.NaN },
    { ...openLink, loss: 1.01 },
    { ...openLink, loss: '1' },
    { ...openLink, bandwidth: 0 },
    { ...openLink, bandwidth: Number.POSITIVE_INFINITY },
  ]
  for (const shape of wrong) expect(checkShape(shape), JSON.stringify(shape)).toBeNull()
})

describe('how long a piece is on its way', () => {
  const holds = (shape: Partial<LinkShape>, bytes = 100, seed = 'a') => {
    const random = seededRandom(seed)
    return Array.from({ length: 2_000 }, () => hold({ ...openLink, ...shape }, bytes, random))
  }

  it('is the delay and no more without loss, and within the jitter', () => {
    expect(new Set(holds({ delayMs: 100 }))).toEqual(new Set([100]))
    const jittered = holds({ delayMs: 100, jitterMs: 20 })
    expect(Math.min(...jittered)).toBeGreaterThanOrEqual(80)
    expect(Math.max(...jittered)).toBeLessThanOrEqual(120)
    expect(Math.max(...jittered) - Math.min(...jittered)).toBeGreaterThan(35)
    expect(Math.min(...holds({ delayMs: 5, jitterMs: 20 }))).toBe(0)
  })

  it('is longer by a retransmission for about the share that is lost', () => {
    const late = holds({ delayMs: 50, loss: 0.1 }).filter((value) => value > 50)
    expect(late.length / 2_000).toBeGreaterThan(0.07)
    expect(late.length / 2_000).toBeLessThan(0.13)
    // 200 ms and a round trip of 100, then twice as much again.
    expect(Math.min(...late)).toBe(350)
    expect(late).toContain(950)
  })

  it('grows with the segments that can be lost, and has an end', () => {
    const share = (bytes: number) => holds({ loss: 0.05 }, bytes).filter((value) => value > 0).length / 2_000
    expect(share(10 * 1448)).toBeGreaterThan(5 * share(1448))
    expect(Math.max(...holds({ loss: 0.99 }))).toBeLessThanOrEqual(6_400)
  })

  it('repeats with the seed', () => {
    const shape = { delayMs: 50, jitterMs: 10, loss: 0.2 }
    expect(holds(shape)).toEqual(holds(shape))
    expect(holds(shape, 100, 'b')).not.toEqual(holds(shape))
  })

  it('is the size over the bandwidth', () => {
    expect(transmission({ ...openLink, bandwidth: 8_000 }, 500)).toBe(500)
    expect(transmission(openLink, 1e9)).toBe(0)
  })
})

it('random numbers are even, and a sample takes each at most once', () => {
  const random = seededRandom('x')
  const drawn = Array.from({ length: 10_000 }, () => random.between(1, 6))
  for (let face = 1; face <= 6; face++) {
    const share = drawn.filter((value) => value === face).length / drawn.length
    expect(share).toBeGreaterThan(0.14)
    expect(share).toBeLessThan(0.2)
  }
  expect(seededRandom('x').sample([1, 2, 3, 4], 4).toSorted()).toEqual([1, 2, 3, 4])
  expect(seededRandom('x').sample([1, 2], 5)).toHaveLength(2)
  expect(() => random.pick([])).toThrow(RangeError)
})
