import { expect, it } from 'vitest'
import { publishedMap } from './sourceMap.ts'

it('has the source beside the file that was made of it, and all else as it was', () => {
  const map = {
    version: 3,
    file: 'a.js',
    sources: ['../../../../node/src/a.ts'],
    sourcesContent: ['1'],
    mappings: 'AAAA',
  }
  expect(JSON.parse(publishedMap(JSON.stringify(map)))).toEqual({ ...map, sources: ['a.ts'] })
})
