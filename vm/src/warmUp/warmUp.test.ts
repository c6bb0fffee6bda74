import { expect, it } from 'vitest'
import { decode } from '../binary/decode.ts'
import { WORDS } from '../binary/module.ts'
import { INSTRUCTIONS } from '../binary/opcodes.ts'
import { compile } from '../compile.ts'
import { ENGINE_NAMES } from '../engine/engineNames.ts'
import { idlePool } from '../engine/idlePool.ts'
import { DEFAULT_LIMITS } from '../limits.ts'
import { PRACTICE, practiceModule } from './practiceModule.ts'
import { warmUp } from './warmUp.ts'

it('practises on a module that gives the same on every engine', () => {
  const outcomes = ENGINE_NAMES.map((engine) =>
    compile(practiceModule(3), { engine })
      .instantiate({ fuel: 10n ** 9n })
      .invoke(PRACTICE, [3]),
  )
  expect(outcomes[0]!.kind).toBe('return')
  for (const outcome of outcomes) expect(outcome).toEqual(outcomes[0])
})

it('practises nearly all instructions that contracts have', () => {
  const { bodies } = decode(practiceModule(3), { floats: 'reject', limits: DEFAULT_LIMITS })
  const used = new Set<number>()
  for (const { code } of bodies) for (let i = 0; i < code.count; i++) used.add(code.words[i * WORDS]!)
  const missing = INSTRUCTIONS.filter((info) => info !== undefined && info.feature !== 'float' && !used.has(info.op))
  expect(missing.map((info) => info!.name)).toEqual([
    ...['unreachable', 'nop', 'br', 'return_call', 'return_call_indirect', 'select t', 'table.get', 'table.set'],
    ...['ref.null', 'ref.is_null', 'ref.func', 'memory.init', 'data.drop', 'table.init', 'elem.drop', 'table.copy'],
    ...['table.grow', 'table.size', 'table.fill'],
  ])
})

it.each(ENGINE_NAMES)('leaves nothing behind on the engine %s', (engine) => {
  const { bytes } = idlePool
  expect([...warmUp({ engine })]).toHaveLength(20)
  expect(idlePool.bytes).toBe(bytes)
})
