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
    const code = [
      // $0 from 10 to 20 and from 30 to 40, of which the gap takes 16 to 32; $1 from 12 to 14; $1 from 13 to 14.
      [
        2,
        [16, 16],
        [
          [0, 0, 10, 10, 10, 10],
          [1, 1, 12, 2],
          [0, 1, 13, 1],
        ],
      ],
      [3, [], [[1, 0, 30, 10]]],
    ]
    const map = new SourceMap(withLocals({ version: 2, variables, code }))
    const at = (functionIndex: number, offset: number, line: number, file = 'a.ts') =>
      Array.from(map.localsAt(functionIndex, offset, { file, line }), ([local, all]) => {
        return `$${local} ${all.map(({ name }) => name).join(' ')}`
      })
    expect(at(2, 12, 5)).toEqual(['$0 to', '$1 by'])
    expect([at(2, 9, 5), at(2, 10, 5), at(2, 15, 5), at(2, 16, 5)]).toEqual([[], ['$0 to'], ['$0 to'], []])
    expect([at(2, 32, 5), at(2, 33, 5), at(2, 40, 5), at(2, 41, 5)]).toEqual([[], ['$0 to'], ['$0 to'], []])
    // The gap is of that function alone.
    expect([at(3, 31, 5), at(3, 41, 5)]).toEqual([['$0 by'], []])
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
    const later = new SourceMap(withLocals({ version: 3, variables: 'otherwise' }))
    expect(later.localsAt(2, 12, { file: 'a.ts', line: 5 }).size).toBe(0)
  })

  it.each([
    ['no variables', { code: [] }],
    ['no code', { variables: [] }],
    ['a variable without a line', { variables: [['a', 'b', 'c', 0, 1]], code: [] }],
    ['a constant that is no number', { variables: [['a', 'b', 'c', 0, 1, 2, '3n']], code: [] }],
    ['a variable of no file', { variables: [['a', 'b', 'c', 7, 1, 2]], code: [] }],
    ['a name of no variable', { variables: [], code: [[1, [], [[0, 0, 1, 2]]]] }],
    ['a name without a local', { variables: [['a', 'b', 'c', 0, 1, 2]], code: [[1, [], [[0]]]] }],
    ['a name of texts', { variables: [], code: [[1, [], [['0', 0, 1, 2]]]] }],
    ['a stretch without an end', { variables: [['a', 'b', 'c', 0, 1, 2]], code: [[1, [], [[0, 0, 1, 2, 3]]]] }],
    ['a gap that ends before it begins', { variables: [], code: [[1, [4, -1], []]] }],
    ['a function that is none', { variables: [], code: [['1', [], []]] }],
  ])('refuses names of locals with %s', (_, locals) => {
    expect(() => new SourceMap(withLocals({ version: 2, ...locals }))).toThrow(/x_touchstone_locals/)
  })
})
