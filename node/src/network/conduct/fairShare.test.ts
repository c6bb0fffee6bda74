import { describe, expect, it } from 'vitest'
import { FairShare } from './fairShare.ts'

describe('a share of work', () => {
  it('may be all there is while nobody else wants any', () => {
    const share = new FairShare(100, 50)
    expect(share.take('a', 100, 0)).toBe(0)
    expect(share.take('a', 1, 10)).toBe(40)
    expect(share.take('a', 1, 50)).toBe(0)
  })

  it('is an equal part when it is spent, and who has less goes on', () => {
    const share = new FairShare(100, 50)
    expect(share.take('flood', 90, 0)).toBe(0)
    expect(share.take('honest', 20, 1)).toBe(0)
    expect(share.take('flood', 1, 2)).toBe(48)
    expect(share.take('honest', 30, 3)).toBe(0)
    expect(share.take('honest', 1, 4)).toBe(46)
  })
})
