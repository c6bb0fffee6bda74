/** Stretches in which a local keeps its value: by branches, loops and settings. */
import { describe, expect, it } from 'vitest'
import { watToWasm } from '../../testing/wat.ts'
import { decode } from '../binary/decode.ts'
import { WORDS } from '../binary/module.ts'
import { DEFAULT_LIMITS } from '../limits.ts'
import { localStretches } from './localStretches.ts'

/** Of local 0, in a function of these instructions, which are counted from 0: first and last one, and those that read it. */
function stretchesOf(head: string, instructions: string): string[] {
  const wasm = watToWasm(`(module (func (export "f") ${head} ${instructions}))`)
  const { words, count } = decode(wasm, { floats: 'trap', limits: DEFAULT_LIMITS }).bodies[0]!.code
  const numbers = new Map(Array.from({ length: count }, (_, i) => [words[i * WORDS + 1]!, i]))
  return localStretches(wasm)[0]!
    .stretches.filter(({ local }) => local === 0)
    .map(({ from, to, gets }) => `${numbers.get(from)}-${numbers.get(to)}: ${gets.map((at) => numbers.get(at))}`)
}

describe('stretches of locals', () => {
  it.each([
    // The end of the function is an instruction too.
    [
      'a parameter to its next setting',
      '(param i32)',
      'local.get 0 drop i32.const 1 local.set 0 nop',
      ['0-3: 0', '4-5: '],
    ],
    [
      'a local from its setting on',
      '(local i32)',
      'local.get 0 drop i32.const 1 local.set 0 local.get 0 drop',
      ['4-6: 4'],
    ],
    [
      'no further than its arm',
      '(local i32)',
      'i32.const 1 if i32.const 2 local.set 0 local.get 0 drop else nop end',
      ['4-6: 4'],
    ],
    [
      'an arm of else',
      '(local i32)',
      'i32.const 1 if nop else i32.const 2 local.set 0 local.get 0 drop end nop',
      ['6-8: 6'],
    ],
    [
      'a block to its end',
      '(local i32)',
      'block i32.const 1 local.set 0 local.get 0 drop end local.get 0 drop',
      ['3-5: 3'],
    ],
    ['into blocks that follow', '(local i32)', 'i32.const 1 local.set 0 block local.get 0 drop end', ['2-6: 3']],
    [
      'not into a loop that sets it',
      '(param i32)',
      'nop loop local.get 0 drop i32.const 1 local.set 0 end',
      ['0-1: ', '6-6: '],
    ],
    ['into a loop that does not', '(param i32)', 'loop local.get 0 drop end', ['0-4: 1']],
    ['within a loop', '(local i32)', 'loop i32.const 1 local.set 0 local.get 0 drop end', ['3-5: 3']],
    ['of a tee too', '(local i32)', 'i32.const 1 local.tee 0 drop local.get 0 drop', ['2-5: 3']],
    [
      'but reads of which truth alone is asked',
      '(param i32)',
      'local.get 0 if end local.get 0 i32.eqz drop',
      ['0-6: '],
    ],
  ])('%s', (_, head, instructions, stretches) => {
    expect(stretchesOf(head, instructions)).toEqual(stretches)
  })
})
