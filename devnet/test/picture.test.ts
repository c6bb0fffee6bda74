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
  const folders = new Set(
    readImports().flatMap(({ file }) => {
      const [, path] = /^(?:node\/)?(.*)\/[^/]+$/.exec(file.replace(/^node\/src\//, 'node/'))!
      const parts = path!.split('/')
      const depth = file.startsWith('node/') ? 2 : 4
      return parts.map((_, index) => parts.slice(0, index + 1).join('/')).slice(0, depth)
    }),
  )
  const packages = ['vm', 'contracts', 'devnet']
  const rooms = [...folders].filter((room) => !packages.some((name) => room === name || room === `${name}/src`))
  expect(rooms.length).toBeGreaterThan(40)
  const text = document('architecture.md')
  expect(rooms.filter((room) => room !== 'node' && !text.includes(`| \`${room}/\` |`))).toEqual([])
})
