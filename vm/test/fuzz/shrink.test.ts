import { describe, expect, it } from 'vitest'
import { seededRandom } from '../../testing/random.ts'
import { watToWasm } from '../../testing/wat.ts'
import { generateModule, type Tree, text } from './generateModule.ts'
import { shrink } from './shrink.ts'
import { shrinkBinary } from './shrinkBinary.ts'

/** The first generated module with a memory.fill in it. */
function moduleWithFill(): Tree {
  for (let seed = 1; ; seed++) {
    const tree = generateModule(seededRandom(seed))
    if (text(tree).includes('memory.fill')) return tree
  }
}

function contains(bytes: Uint8Array, part: readonly number[]): boolean {
  return Buffer.from(bytes).includes(Buffer.from(part))
}

describe('what shows a difference', () => {
  it('is made small as text', () => {
    const tree = moduleWithFill()
    const shows = (candidate: typeof tree): boolean => text(candidate).includes('memory.fill')
    expect(shows(tree)).toBe(true)
    const smallest = shrink(tree, shows)
    expect(text(smallest).length).toBeLessThan(200)
    expect(shows(smallest)).toBe(true)
  })

  it('is made small as bytes, and still decodes', () => {
    const bytes = watToWasm(text(moduleWithFill()))
    const shows = (candidate: Uint8Array): boolean => contains(candidate, [0xfc, 0x0b, 0x00])
    expect(shows(bytes)).toBe(true)
    const smallest = shrinkBinary(bytes, shows)
    expect(smallest.length).toBeLessThan(bytes.length / 2)
    expect(shows(smallest)).toBe(true)
  })
})
