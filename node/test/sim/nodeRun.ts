/** One run of a simulated node, from a start to the crash that ends it: after the crash its timers and logs are dead. */
import type { Clock } from '../../src/runtime/clock.ts'
import type { Logger } from '../../src/runtime/logging/logger.ts'
import { loggerTo } from '../../testing/logger.ts'
import type { SimNodeOptions } from './chainKind.ts'

export function clockOfRun({ world, skew = 0, drift = 0 }: SimNodeOptions, alive: () => boolean): Clock {
  const clock = world.scheduler.clock(skew, drift)
  return {
    ...clock,
    after: (milliseconds, task) =>
      clock.after(milliseconds, () => {
        if (alive()) task()
      }),
  }
}

export function loggerOfRun({ world, id }: SimNodeOptions, alive: () => boolean): Logger {
  return loggerTo(({ level, message }) => {
    if (alive()) world.trace(`${id} ${level}: ${message}`)
  })
}
