/** V8 optimises nothing while a node starts, and as ever afterwards. */
import { expect, it, vi } from 'vitest'
import { systemClock } from './clock.ts'
import { startUnoptimised } from './startingCompiler.ts'

const set = vi.hoisted(() => vi.fn())
vi.mock('node:v8', () => ({ setFlagsFromString: set }))

const NONE = '--max-optimized-bytecode-size=0'
const DEFAULT = '--max-optimized-bytecode-size=61440'
const given = () => set.mock.calls.splice(0).flat()

it('until the start is over, or takes long, whichever is first', () => {
  const due: (() => void)[] = []
  const clock = {
    ...systemClock,
    after(_: number, task: () => void) {
      due.push(task)
      return () => {}
    },
  }
  const end = startUnoptimised(clock)
  expect(given()).toEqual([NONE])
  end()
  expect(given()).toEqual([DEFAULT])
  due[0]!()
  expect(given()).toEqual([])

  const late = startUnoptimised(clock)
  due[1]!()
  late()
  expect(given()).toEqual([NONE, DEFAULT])
})
