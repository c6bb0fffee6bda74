import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { practiceContract } from './practiceContract.ts'

const FOREIGN = join(import.meta.dirname, '../../../contracts/foreign')

it('practises on the contract in Rust as it stands in the repository', async () => {
  const bytes = readFileSync(join(FOREIGN, 'counter.wasm'))
  const lines = bytes.toString('base64').match(/.{1,116}/g)!
  const file = `/**
 * The contract of contracts/foreign/counter.rs as Wasm, in base64: what rustc makes, for practice (warmUp.ts). Made by
 * practiceContract.test.ts; not to be edited.
 */
// biome-ignore format: lines as they were written
const BASE64 = [
${lines.map((line) => `  '${line}',`).join('\n')}
].join('')

export function practiceContract(): Uint8Array {
  return Uint8Array.from(atob(BASE64), (character) => character.charCodeAt(0))
}
`
  await expect(file).toMatchFileSnapshot('practiceContract.ts')
  expect(Buffer.from(practiceContract()).equals(bytes)).toBe(true)
})
