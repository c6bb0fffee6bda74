/** Source maps: each byte of a module at its line, and refusals of what is none. */
import { describe, expect, it } from 'vitest'
import { SourceMap } from './sourceMap.ts'

const json = (mappings: string, sources: readonly unknown[] = ['a.ts', 'b.ts'], version = 3) =>
  JSON.stringify({ version, sources, sourcesContent: ['one\ntwo', null], names: [], mappings })

// From byte 10 line 2 of the first file, from 14 line 1 of the second, from 20 nothing, from 53 line 17 of the first.
const MAPPINGS = 'UACA,ICDI,M,iCDgBJ'

describe('a source map', () => {
  it('has the place of each byte, as far as the next one', () => {
    const map = new SourceMap(json(MAPPINGS))
    expect([9, 10, 13, 14, 19, 20, 52, 53, 1_000].map((offset) => map.at(offset))).toEqual([
      null,
      { file: 'a.ts', line: 2 },
      { file: 'a.ts', line: 2 },
      { file: 'b.ts', line: 1 },
      { file: 'b.ts', line: 1 },
      null,
      null,
      { file: 'a.ts', line: 17 },
      { file: 'a.ts', line: 17 },
    ])
    expect([map.textOf('a.ts'), map.textOf('b.ts'), map.textOf('c.ts')]).toEqual(['one\ntwo', null, null])
  })

  it.each([
    ['no JSON', '{'],
    ['another version', json(MAPPINGS, ['a.ts'], 2)],
    ['sources that are none', json(MAPPINGS, [7])],
    ['a digit that is none', json('U!CA')],
    ['too few fields', json('UA')],
    ['null', 'null'],
  ])('refuses %s', (_, text) => {
    expect(() => new SourceMap(text)).toThrow(SyntaxError)
  })
})
