/**
 * docs/reference/ and what editors show say what the comments in the sources do. `npx vitest run
 * devnet/test/reference.test.ts -u` writes both again.
 */
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { editorDeclarations, referencePages } from '../../scripts/reference/pages.ts'

const root = join(import.meta.dirname, '../..')

it('docs/reference/ is made of the comments of what authors import', async () => {
  const pages = referencePages()
  for (const [name, text] of pages) await expect(text).toMatchFileSnapshot(join(root, 'docs/reference', name))
  expect(readdirSync(join(root, 'docs/reference')).sort()).toEqual([...pages.keys()].sort())
})

it('editors show the comments of the SDK', async () => {
  for (const [path, text] of editorDeclarations()) await expect(text).toMatchFileSnapshot(join(root, path))
})
