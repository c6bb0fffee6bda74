import { expect, it } from 'vitest'
import { createStyles } from '../output/styles.ts'
import { faultLines } from './debugText.ts'
import type { DebugThread } from './debugThread.ts'
import type { StackEntry, Stop } from './protocol.ts'

const entry = (index: number, name: string, file: string, line: number, text: string): StackEntry => ({
  ...{ index, contract: 'Zoo', file, line, text, inside: null, function: name, inlined: [], offset: 0 },
  ...{ instruction: 'call 3', root: null, called: null },
})

const refused = (...entries: readonly StackEntry[]) => {
  const thread = { ask: async () => ({ entries, total: entries.length }) } as unknown as DebugThread
  const stop = { reason: 'fault', step: 1, steps: 1, place: entries[0]!, words: null, isRefusal: true } as Stop
  return faultLines(thread, stop, createStyles(false))
}

const library = entry(0, '~lib/revert/end', '~lib/revert.ts', 3, 'unreachable()')
const thrower = entry(2, 'Zoo#fail', 'assembly/index.ts', 37, '  throw new Bad(a)')

it('tells of a refusal the line that throws, not that of an error class written in one line', async () => {
  const error = entry(1, 'Bad#__revert', 'assembly/index.ts', 8, 'class Bad { constructor(public amount: U256) {} }')
  expect(await refused(library, error, thrower)).toEqual([
    'refused at Zoo: Zoo#fail, assembly/index.ts:37',
    '  37  throw new Bad(a)',
  ])
  // Nobody else is there to name.
  expect((await refused(library, error))[0]).toContain('~lib/revert/end')
})
