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

const numbers = Array.from({ length: VARIABLES }, (_, i) => i)
/** The line that reads the first of them into the sum. */
const FIRST_READING = 5 + VARIABLES + 1
const SOURCE = `@contract
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

it(
  `of ${VARIABLES} variables of one function takes some bytes for each, and has each where it is read`,
  async () => {
    const path = 'assembly/index.ts'
    const { modules } = await compileProgram(path, (file) => (file === path ? SOURCE : null), readSdk())
    const { sourceMap, wasm } = modules[0]!
    const map = new SourceMap(sourceMap)
    const readAt = new Set<string>()
    for (const versions of localVersions(wasm)) {
      for (const { position, local } of versions.gets()) {
        const offset = versions.offsets[position]!
        const place = map.at(offset)
        const variable = `v${(place?.line ?? 0) - FIRST_READING}`
        if (place?.file !== path) continue
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
