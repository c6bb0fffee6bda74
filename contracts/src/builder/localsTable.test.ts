/** Names of locals in source maps: what they take of a function with many variables. */
import { localVersions } from '@touchstone/vm'
import { expect, it } from 'vitest'
import { BUILD_TIMEOUT } from '../../test/fixtures.ts'
import { SourceMap } from '../sourceMap.ts'
import { compileProgram } from './compileProgram.ts'
import { readSdk } from './sdk.ts'

/** A quarter of the locals that the chain allows; the compiler takes longer by the square of them. */
const VARIABLES = 250
/** Bytes of a map for one variable, with its two lines of text and the places of its code. */
const BYTES_FOR_ONE = 160

/** The line that reads the first of them into the sum. */
const firstReading = (count: number) => 5 + count + 1

function sourceOf(count: number): string {
  const numbers = Array.from({ length: count }, (_, i) => i)
  return `@contract
export class Many {
  @view sum: u64
  @external add(amount: u64): void {
${numbers.map((i) => `    let v${i} = ${i === 0 ? 'amount' : `v${i - 1}`} ^ (amount << ${(i % 63) + 1})`).join('\n')}
    if (amount > 5) v0 ^= 3
${numbers.map((i) => `    v0 ^= (v${i} >> ${(i % 63) + 1})`).join('\n')}
    this.sum = v0
  }
}
`
}

const PATH = 'assembly/index.ts'

async function build(count: number) {
  const source = sourceOf(count)
  const { modules } = await compileProgram(PATH, (file) => (file === PATH ? source : null), readSdk())
  return modules[0]!
}

it(
  `of ${VARIABLES} variables of one function takes some bytes for each, and has each where it is read`,
  async () => {
    const { sourceMap, wasm } = await build(VARIABLES)
    const map = new SourceMap(sourceMap)
    const readAt = new Set<string>()
    for (const versions of localVersions(wasm)) {
      for (const { position, local } of versions.gets()) {
        const offset = versions.offsets[position]!
        const place = map.at(offset)
        const variable = `v${(place?.line ?? 0) - firstReading(VARIABLES)}`
        if (place?.file !== PATH) continue
        const names = map.localsAt(versions.functionIndex, offset, place).get(local) ?? []
        if (names.some(({ name }) => name === variable)) readAt.add(variable)
      }
    }
    // The last one is read where it is made.
    expect(readAt.size).toBe(VARIABLES - 1)
    expect(sourceMap.length).toBeLessThan(VARIABLES * BYTES_FOR_ONE)
  },
  BUILD_TIMEOUT,
)

it('is the same behind another build of the process, which left the compiler optimising', async () => {
  const maps = [await build(6), await build(6)].map(({ sourceMap }) => JSON.parse(sourceMap))
  expect(maps[1]).toEqual(maps[0])
  // Both may be behind a third build: where that shows, all names end and begin again at each declaration.
  expect(maps[1].x_touchstone_locals.code[0][1]).toEqual([])
})
