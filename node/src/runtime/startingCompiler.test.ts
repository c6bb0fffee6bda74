/** V8 optimises nothing while a node starts, as ever afterwards, and sooner once there is work. */
import { spawnSync } from 'node:child_process'
import { expect, it, vi } from 'vitest'
import { systemClock } from './clock.ts'
import { optimiseNothing } from './optimiseNothing.mjs'
import { compileSooner, startUnoptimised } from './startingCompiler.ts'

const set = vi.hoisted(() => vi.fn())
vi.mock('node:v8', () => ({ setFlagsFromString: set }))

const NONE = '--max-optimized-bytecode-size=0'
const DEFAULT = '--max-optimized-bytecode-size=61440'
const SOONER = [
  '--always-sparkplug',
  '--no-lazy-feedback-allocation',
  '--invocation-count-for-maglev=100',
  '--minimum-invocations-after-ic-update=100',
]
const given = () => set.mock.calls.splice(0).flat()

it('until the start is over, or was two seconds of work, whichever is first', () => {
  const due: (() => void)[] = []
  const clock = {
    ...systemClock,
    after(_: number, task: () => void) {
      due.push(task)
      return () => {}
    },
  }
  let worked = 0
  const look = () => {
    for (const task of due.splice(0)) task()
  }
  const end = startUnoptimised(clock, () => worked)
  expect(given()).toEqual([NONE])
  look()
  expect(given()).toEqual([])
  end()
  expect(given()).toEqual([DEFAULT])
  look()
  expect([given(), due]).toEqual([[], []])

  const late = startUnoptimised(clock, () => worked)
  // A processor that others use makes a start long, and no work of it.
  for (let looks = 0; looks < 100; looks++) look()
  expect(given()).toEqual([NONE])
  worked = 2_000
  look()
  late()
  expect(given()).toEqual([DEFAULT])
})

it('sooner by options that this V8 knows', () => {
  compileSooner()
  expect(given()).toEqual(SOONER)
  const known = spawnSync(process.execPath, ['--v8-options'], { encoding: 'utf8' }).stdout
  for (const option of SOONER) {
    expect(known, option).toContain(`  ${option.replace('--no-', '--').replace(/=.*/, '')} (`)
  }
})

it('for ever where a process only waits', () => {
  optimiseNothing()
  expect(given()).toEqual([NONE])
})
