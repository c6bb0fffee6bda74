/** docs/architecture.md shows and names the rooms that there are. */
import { readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { readImports } from '../../scripts/importGraph.ts'
import { drawHouse } from '../../scripts/picture/draw.ts'

const document = (name: string) => readFileSync(new URL(`../../docs/${name}`, import.meta.url), 'utf8')

it('docs/architecture.svg is what npm run picture draws', () => {
  const isSame = document('architecture.svg') === drawHouse(readImports())
  expect(isSame, 'run `npm run picture` and look at what changed').toBe(true)
})

it('docs/architecture.md has a line for every room, and for every room inside one', () => {
  // Rooms of files that import nothing are there as targets.
  const files = readImports().flatMap(({ file, target }) => (target.includes('/src/') ? [file, target] : [file]))
  const folders = new Set(
    files.flatMap((file) => {
      const inNode = file.startsWith('node/src/')
      const parts = (inNode ? file.slice('node/src/'.length) : file).split('/').slice(0, -1)
      return parts.map((_, index) => parts.slice(0, index + 1).join('/')).slice(0, inNode ? 2 : 4)
    }),
  )
  const packages = ['vm', 'contracts', 'devnet']
  const rooms = [...folders].filter((room) => !packages.some((name) => room === name || room === `${name}/src`))
  expect(rooms.length).toBeGreaterThan(40)
  const text = document('architecture.md')
  expect(rooms.filter((room) => !text.includes(`| \`${room}/\` |`))).toEqual([])
})
