/** Conventions of CONTRIBUTING.md that a pattern can see. */
import { expect, it } from 'vitest'
import { commentsOf, LONGEST_LINE, sources, textOf } from './documents/repository.ts'

const all = sources.filter((path) => /^(vm|node|contracts|devnet)\//.test(path) && !path.endsWith('.test.ts'))
const own = all.filter((path) => /^\w+\/src\//.test(path))
const PRIVATE = /^\s+private (?!constructor\b)/m
const HASH = /^\s+(?:(?:readonly|static|async|get) )*#\w/m
/** A line of nothing but comment; what stands behind code is as long as the code lets it be. */
const COMMENT = /^\s*(?:\/\/|\/?\*)/
const TAKES_FIELDS = /\} = this$/m

it('members are hidden with #, and with private only in the vm where a method takes several of them at once', () => {
  const hidden = own.filter((path) => PRIVATE.test(textOf(path)))
  expect(hidden.filter((path) => !path.startsWith('vm/') || !TAKES_FIELDS.test(textOf(path)))).toEqual([])
})

it('a file hides its members in one way', () => {
  expect(own.filter((path) => PRIVATE.test(textOf(path)) && HASH.test(textOf(path)))).toEqual([])
})

it('numbers of a module are named in capitals', () => {
  const wrong = all.flatMap((path) => {
    const names = [...textOf(path).matchAll(/^(?:export )?const (\w+) = [-(]*\d[\d_.ne*+/() -]*$/gm)].map(
      ([, name]) => name!,
    )
    return names.filter((name) => !/^[A-Z][A-Z0-9_]*$/.test(name)).map((name) => `${path}: ${name}`)
  })
  expect(wrong).toEqual([])
})

it('a file has at most 600 lines', () => {
  expect(sources.filter((path) => textOf(path).split('\n').length > 600)).toEqual([])
})

it(`a line of a comment has at most ${LONGEST_LINE} columns`, () => {
  const long = sources.flatMap((path) =>
    textOf(path)
      .split('\n')
      .flatMap((line, i) => (line.length > LONGEST_LINE && COMMENT.test(line) ? [`${path}:${i + 1}`] : [])),
  )
  expect(long).toEqual([])
})

it('an exported limit is MAX_, not MOST_', () => {
  expect(own.filter((path) => /^export const MOST_/m.test(textOf(path)))).toEqual([])
})

it('what only tests use lies in testing/', () => {
  const support = own.filter((path) => /\/(?:fake[A-Z]|test[A-Z])\w*\.ts$|Suite\.ts$/.test(path))
  expect(support.length).toBeGreaterThan(5)
  expect(support.filter((path) => !path.includes('/testing/'))).toEqual([])
})

it('a comment begins with its actor, not with "who", "what" or "whatever"', () => {
  const wrong = own.flatMap((path) =>
    [
      ...commentsOf(textOf(path)).matchAll(/^\s*(?:\/\/|\*|\/\*\*)(?: -)? ((?:Who|Whoever|What|Whatever) .{0,60})/gm),
    ].map(([, words]) => `${path}: ${words}`),
  )
  expect(wrong, 'name the actor or the thing: "A peer that ...", "The bytes of ..."').toEqual([])
})
