/** When a thread that has started gives back what the start left. */
import { getHeapStatistics, setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { expect, it, vi } from 'vitest'
import { systemClock } from './clock.ts'
import { collectAll, collectAtRest, MAX_LOOKS_FOR_REST } from './restingHeap.ts'

/** @returns how often it looked and collected, where it was as busy as these parts, the last for ever; it fails so often. */
function looks(parts: readonly number[], failures = 0): { readonly looked: number; readonly collected: number } {
  const due: (() => void)[] = []
  let looked = 0
  let collected = 0
  const clock = {
    ...systemClock,
    after(_: number, task: () => void) {
      due.push(task)
      return () => {}
    },
  }
  const busy = () => parts[Math.min(looked++, parts.length - 1)]!
  collectAtRest({ clock, busy, collect: () => ++collected > failures })
  for (let task = due.shift(); task !== undefined; task = due.shift()) task()
  return { looked, collected }
}

it('is once, when it rests', () => {
  expect(looks([0])).toEqual({ looked: 1, collected: 1 })
  expect(looks([1, 0.5, 0.06, 0.05])).toEqual({ looked: 4, collected: 1 })
})

it('is never where there is always work, and it does not look for ever', () => {
  expect(looks([1])).toEqual({ looked: MAX_LOOKS_FOR_REST, collected: 0 })
})

it('is tried again where it could not be done', () => {
  expect(looks([0], 2)).toEqual({ looked: 3, collected: 3 })
})

it('cannot be done, and throws nothing, where another thread takes the flag back meanwhile', () => {
  const vm = process.getBuiltinModule('node:vm')
  const run = vm.runInNewContext
  const other = vi.spyOn(vm, 'runInNewContext').mockImplementation((code) => {
    setFlagsFromString('--no-expose-gc')
    return run(code)
  })
  expect(collectAll()).toBe(false)
  other.mockRestore()
  expect(collectAll()).toBe(true)
})

it('says nothing to a V8 that would collect less for it, which is that of Node 20', () => {
  const said: unknown[] = []
  const given = vi.spyOn(process.getBuiltinModule('node:vm'), 'runInNewContext')
  given.mockReturnValue((...words: unknown[]) => said.push(words))
  for (const v8 of ['11.3.244.8-node.38', '12.4.254.21-node.33']) {
    const versions = vi.spyOn(process, 'versions', 'get').mockReturnValue({ ...process.versions, v8 })
    expect(collectAll()).toBe(true)
    versions.mockRestore()
  }
  given.mockRestore()
  expect(said).toEqual([[], [{ type: 'major', flavor: 'last-resort' }]])
})

it('takes garbage away, and leaves nobody the way to do it', () => {
  let garbage: unknown[] | null = Array.from({ length: 300_000 }, (_, index) => ({ index }))
  expect(garbage.length).toBe(300_000)
  const before = getHeapStatistics().used_heap_size
  garbage = null
  collectAll()
  expect(before - getHeapStatistics().used_heap_size).toBeGreaterThan(4_000_000)
  expect(runInNewContext('typeof gc')).toBe('undefined')
})
