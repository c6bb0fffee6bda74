import { expect, test } from 'vitest'
import { manualClock } from '../../../testing/manualClock.ts'
import { ENGINE_NAMES } from '../../execution/engineNames.ts'
import { PRACTICE_LATER_PAUSE_MS, PRACTICE_PAUSE_MS, PRACTICE_SOON } from '../limits.ts'
import { practise, practiseIn } from './practise.ts'

test('a worker on the interpreter practises between its messages, and then no more', async () => {
  const clock = manualClock()
  practise('interpreter', 'touchstone/1', clock)
  let pauses = 0
  for (; clock.waiting > 0; pauses++) {
    expect(clock.waiting).toBe(1)
    await clock.advance(PRACTICE_LATER_PAUSE_MS)
  }
  expect(pauses).toBeGreaterThan(PRACTICE_SOON)
})

test('a worker practises a few times soon, and then seldom', async () => {
  const clock = manualClock()
  let times = 0
  const counting = function* (): Generator<void, void, void> {
    for (;;) {
      times++
      yield
    }
  }
  practiseIn(counting(), clock)
  for (let i = 1; i <= PRACTICE_SOON; i++) {
    await clock.advance(PRACTICE_PAUSE_MS)
    expect(times).toBe(i)
  }
  await clock.advance(PRACTICE_LATER_PAUSE_MS - 1)
  expect(times).toBe(PRACTICE_SOON)
  await clock.advance(1)
  expect(times).toBe(PRACTICE_SOON + 1)
})

test.each(ENGINE_NAMES.filter((engine) => engine !== 'interpreter'))('a worker on the engine %s does not', (engine) => {
  const clock = manualClock()
  practise(engine, 'touchstone/1', clock)
  expect(clock.waiting).toBe(0)
})

test('a host without memory ends the practice and not the worker; a failure of the VM is not hidden', async () => {
  const failing = function* (error: Error): Generator<void, void, void> {
    yield
    throw error
  }
  const clock = manualClock()
  practiseIn(failing(new RangeError('could not allocate memory')), clock)
  await clock.advance(PRACTICE_PAUSE_MS)
  expect(clock.waiting).toBe(1)
  await clock.advance(PRACTICE_PAUSE_MS)
  expect(clock.waiting).toBe(0)

  practiseIn(failing(new Error('a broken invariant')), clock)
  clock.jump(PRACTICE_PAUSE_MS)
  expect(() => clock.jump(PRACTICE_PAUSE_MS)).toThrow('a broken invariant')
})
