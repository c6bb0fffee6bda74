/** Every engine passes the suite: it stands in a folder of its own, and its test there runs {@link engineSuite}. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { ENGINE_NAMES } from './engine.ts'

it.each(ENGINE_NAMES)('the test of %s runs the suite', (name) => {
  const text = readFileSync(join(import.meta.dirname, name, `${name}.test.ts`), 'utf8')
  expect(text).toMatch(/^ *engineSuite\(/m)
})
