import { describe, expect, it } from 'vitest'
import { RecentMap } from './recentMap.ts'

const filled = (map: RecentMap<number>, names: string) => {
  for (const name of names) map.set(name, name.charCodeAt(0))
  return map
}
const held = (map: RecentMap<number>, names: string) =>
  [...names].filter((name) => map.peek(name) !== undefined).join('')

describe('a map of what was used last', () => {
  it('keeps two generations, and the older one for as long as the young one fills', () => {
    const map = filled(new RecentMap(3), 'abcdef')
    expect(held(map, 'abcdef')).toBe('abcdef')
    map.set('g', 1)
    expect(held(map, 'abcdefg')).toBe('defg')
  })

  it('keeps what is read, and not what is only looked at', () => {
    const map = filled(new RecentMap(3), 'abcd')
    expect([map.get('a'), map.peek('b')]).toEqual([97, 98])
    filled(map, 'ef')
    expect(held(map, 'abcdef')).toBe('adef')
  })

  it('has the newest value of a name, in whichever generation it was', () => {
    const map = filled(new RecentMap(2), 'abc')
    map.set('a', 1)
    map.set('c', 3)
    expect([map.get('a'), map.get('c')]).toEqual([1, 3])
    map.set('d', 4)
    expect([map.get('a'), map.get('c')]).toEqual([1, 3])
  })

  it('counts by weight, also of a value that takes the place of another, and of one that goes', () => {
    const map = new RecentMap<number>(10, (value) => value)
    map.set('a', 9)
    map.set('a', 1)
    map.set('b', 9)
    expect(held(map, 'ab')).toBe('ab')
    map.delete('b')
    map.set('c', 9)
    map.set('d', 1)
    expect(held(map, 'abcd')).toBe('acd')
    map.set('e', 10)
    expect(held(map, 'acde')).toBe('de')
  })

  it('has nothing once it is cleared, and room for as much as before', () => {
    const map = filled(new RecentMap(3), 'abcd')
    map.clear()
    filled(map, 'efg')
    expect(held(map, 'abcdefg')).toBe('efg')
  })
})

it('a value of null is one, and hides what the name stood for before', () => {
  const map = new RecentMap<number | null>(1)
  map.set('a', 1)
  map.set('b', 2)
  map.set('a', null)
  expect([map.peek('a'), map.get('a')]).toEqual([null, null])
})
