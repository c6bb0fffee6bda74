import { describe, expect, it } from 'vitest'
import { type LogLine, listLogger } from '../../../testing/logger.ts'
import { manualClock } from '../../../testing/manualClock.ts'
import { LogLimit } from './logLimit.ts'

const limits = { linesPerSecondOfKind: 1, burstOfKind: 3, linesPerSecond: 2, burst: 10, kinds: 4, summaryDelay: 5_000 }

function limited(changed: Partial<typeof limits> = {}) {
  const lines: LogLine[] = []
  const clock = manualClock()
  const logger = new LogLimit(clock, { ...limits, ...changed }).around(listLogger(lines))
  return { lines, clock, logger, messages: () => lines.map(({ message }) => message) }
}

describe('lines that strangers cause', () => {
  it('get through so often of each kind, and one line tells of the others', async () => {
    const { clock, logger, messages, lines } = limited()
    for (let count = 0; count < 100; count++) logger.info({ count }, `refused a peer: ${count}`)
    logger.warn({}, 'another kind')
    expect(messages()).toEqual(['refused a peer: 0', 'refused a peer: 1', 'refused a peer: 2', 'another kind'])
    await clock.advance(5_000)
    expect(messages().slice(4)).toEqual(['97 more like this were left out: refused a peer'])
    expect(lines.at(-1)).toMatchObject({ level: 'info', fields: { leftOut: 97 } })
    for (let count = 0; count < 4; count++) logger.info({}, 'refused a peer: again')
    expect(messages().slice(5)).toHaveLength(3)
  })

  it('get through so often in all, whatever they say', () => {
    const { logger, messages } = limited({ burstOfKind: 100, kinds: 1_000 })
    for (let count = 0; count < 100; count++) logger.child({ part: 'network' }).warn({}, `made up ${count}`)
    expect(messages()).toHaveLength(10)
  })

  it('are of so many kinds, and all others of one', () => {
    const { logger, messages } = limited({ burst: 1_000 })
    for (let count = 0; count < 100; count++) for (const _ of [1, 2, 3, 4]) logger.info({}, `made up ${count}`)
    expect(messages()).toHaveLength(4 * 3)
  })

  it('never keep errors out, nor what is there to be seen at debug', () => {
    const { logger, messages } = limited()
    for (let count = 0; count < 50; count++) {
      logger.error({}, 'a fault')
      logger.debug({}, 'detail')
    }
    expect(messages()).toHaveLength(100)
  })
})
