/** Source maps: each byte of a module at its line, and refusals of what is none. */
import { describe, expect, it } from 'vitest'
import { SourceMap } from './sourceMap.ts'

const json = (mappings: string, sources: readonly unknown[] = ['a.ts', 'b.ts'], version = 3) =>
  JSON.stringify({ version, sources, sourcesContent: ['one\ntwo', null], names: [], mappings })

// From byte 10 line 2 of the first file, from 14 line 1 of the second, from 20 nothing, from 53 line 17 of the first.
const MAPPINGS = 'UACA,ICDI,M,iCDgBJ'

const withLocals = (locals: object) => JSON.stringify({ ...JSON.parse(json(MAPPINGS)), x_touchstone_locals: locals })

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

  it('has the variables that locals are, from instruction to instruction, in the lines of their scopes', () => {
    const variables = [
      ['to', 'Address', 'Address', 0, 3, 9],
      ['by', 'U256', 'U256', 0, 5, 6],
      ['fee', 'i8', 'i8', 0, 12, 14, '-3'],
    ]
    const stretches = [
      [2, 0, 10, 20, 0],
      [2, 1, 12, 14, 1],
      [2, 1, 13, 14, 0],
      [3, 0, 30, 40, 1],
    ]
    const map = new SourceMap(withLocals({ version: 1, variables, stretches }))
    const at = (functionIndex: number, offset: number, line: number, file = 'a.ts') =>
      Array.from(map.localsAt(functionIndex, offset, { file, line }), ([local, all]) => {
        return `$${local} ${all.map(({ name }) => name).join(' ')}`
      })
    expect(at(2, 12, 5)).toEqual(['$0 to', '$1 by'])
    expect([at(2, 9, 5), at(2, 10, 5), at(2, 20, 5), at(2, 21, 5)]).toEqual([[], ['$0 to'], ['$0 to'], []])
    expect([at(2, 12, 2), at(2, 12, 7), at(2, 12, 5, 'b.ts'), at(4, 12, 5)]).toEqual([[], ['$0 to'], [], []])
    expect(map.localsAt(2, 12, { file: 'a.ts', line: 5 }).get(1)).toMatchObject([{ type: 'U256', form: 'U256' }])
    // One local may be two variables, and a variable is none before the line that declares it.
    expect(at(2, 13, 5)).toEqual(['$0 to', '$1 by to'])
    const inScope = (line: number) => map.scopeAt({ file: 'a.ts', line }).map(({ name }) => name)
    expect([inScope(3), inScope(5), inScope(6), inScope(7), inScope(10)]).toEqual([
      [],
      ['to'],
      ['to', 'by'],
      ['to'],
      [],
    ])
    expect(map.scopeAt({ file: 'a.ts', line: 13 })).toMatchObject([{ name: 'fee', constant: '-3' }])
    const later = new SourceMap(withLocals({ version: 2, variables: 'otherwise' }))
    expect(later.localsAt(2, 12, { file: 'a.ts', line: 5 }).size).toBe(0)
  })

  it.each([
    ['no variables', { stretches: [] }],
    ['a variable without a line', { variables: [['a', 'b', 'c', 0, 1]], stretches: [] }],
    ['a constant that is no number', { variables: [['a', 'b', 'c', 0, 1, 2, '3n']], stretches: [] }],
    ['a variable of no file', { variables: [['a', 'b', 'c', 7, 1, 2]], stretches: [] }],
    ['a stretch of no variable', { variables: [], stretches: [[1, 0, 1, 2, 0]] }],
    ['a stretch of texts', { variables: [], stretches: [['1', 0, 1, 2, 0]] }],
  ])('refuses names of locals with %s', (_, locals) => {
    expect(() => new SourceMap(withLocals({ version: 1, ...locals }))).toThrow(/x_touchstone_locals/)
  })
})
