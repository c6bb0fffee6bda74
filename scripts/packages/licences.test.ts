import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { licencesOf, packageFolders } from './licences.ts'

const folder = mkdtempSync(join(tmpdir(), 'touchstone-licences-'))
afterAll(() => rmSync(folder, { recursive: true }))

it('finds the package of a file, also below another package and in a scope', () => {
  const files = [
    '/r/node_modules/viem/_esm/index.js',
    '/r/node_modules/viem/_esm/utils/a.js',
    '/r/node_modules/viem/node_modules/@noble/curves/esm/p256.js',
    String.raw`C:\r\node_modules\@libp2p\tcp\dist\src\index.js`,
    '/r/node/src/main.ts',
  ]
  expect(packageFolders(files)).toEqual([
    '/r/node_modules/viem',
    '/r/node_modules/viem/node_modules/@noble/curves',
    'C:/r/node_modules/@libp2p/tcp',
  ])
})

it('has the words of each package, whatever their file is called', () => {
  for (const [name, text] of [
    ['LICENSE-MIT', 'permission is granted'],
    ['licence.md', 'the same in French'],
    ['NOTICE', 'attributed to'],
    ['license.js', 'code'],
    ['README.md', 'License: MIT'],
  ] as const) {
    writeFileSync(join(folder, name), `${text}\n\n`)
  }
  const text = licencesOf([{ folder, manifest: { name: 'wares', version: '1.2.3', license: 'MIT' } }], 'Apache')
  expect(text).toMatch(/^wares 1\.2\.3 \(MIT\)$/m)
  for (const words of ['permission is granted', 'the same in French', 'attributed to']) expect(text).toContain(words)
  for (const words of ['code\n', 'License: MIT']) expect(text.split('wares')[1]).not.toContain(words)
})

it.each([['GPL-3.0-only'], [undefined], [{ type: 'MIT' }]])('refuses a package whose licence is %j', (license) => {
  const of = [{ folder, manifest: { name: 'wares', version: '1.2.3', license } }]
  expect(() => licencesOf(of, 'Apache')).toThrow(/^wares 1\.2\.3 is bundled, and its licence is .*MIT, /)
})

describe('a package that brings no file with its licence', () => {
  const bare = mkdtempSync(join(tmpdir(), 'touchstone-bare-'))
  afterAll(() => rmSync(bare, { recursive: true }))
  const of = (license: string) => [{ folder: bare, manifest: { name: 'wares', version: '1.2.3', license } }]

  it.each(['Apache-2.0', 'Apache-2.0 OR MIT', 'MIT OR Apache-2.0'])(
    'is taken under %s, whose text is there once',
    (licence) => {
      const text = licencesOf([...of(licence), ...of(licence)], 'You may reproduce')
      expect(text.split('You may reproduce')).toHaveLength(2)
    },
  )

  it.each(['MIT', 'ISC', '(Apache-2.0 AND MIT)'])('is refused under %s, which asks for its own words', (licence) => {
    expect(() => licencesOf(of(licence), 'You may reproduce')).toThrow(/^wares 1\.2\.3 is bundled, and has no file/)
  })
})
