import { expect, it } from 'vitest'
import { engineOfNode } from './engines.ts'

it('mixes engines so that every block is checked by all', () => {
  expect([1, 2, 3, 4].map((index) => engineOfNode('mixed', index, 4))).toEqual([
    'compiled',
    'compiled',
    'interpreter',
    'reference',
  ])
  expect([1, 2].map((index) => engineOfNode('mixed', index, 2))).toEqual(['compiled', 'reference'])
  expect(engineOfNode('mixed', 1, 1)).toBe('compiled')
  expect(engineOfNode('reference', 1, 4)).toBe('reference')
  expect(engineOfNode('compiled', 4, 4)).toBe('compiled')
})
