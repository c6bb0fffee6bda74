/** Conventions of CONTRIBUTING.md that a pattern can see. */
import { expect, it } from 'vitest'
import { sources, textOf } from './documents/repository.ts'

const own = sources.filter((path) => /^(vm|node|contracts|devnet)\/src\//.test(path) && !path.endsWith('.test.ts'))
const PRIVATE = /^\s+private (?!constructor\b)/m
const HASH = /^\s+(?:(?:readonly|static|async|get) )*#\w/m

it('node and devnet hide members with #', () => {
  const wrong = own.filter((path) => /^(node|devnet)/.test(path) && PRIVATE.test(textOf(path)))
  expect(wrong).toEqual([])
})

it('a file hides its members in one way', () => {
  expect(own.filter((path) => PRIVATE.test(textOf(path)) && HASH.test(textOf(path)))).toEqual([])
})

it('numbers of a module are named in capitals, and in devnet like variables', () => {
  const wrong = own.flatMap((path) => {
    const names = [...textOf(path).matchAll(/^(?:export )?const (\w+) = \d/gm)].map(([, name]) => name!)
    const pattern = path.startsWith('devnet/') ? /^[a-z][A-Za-z0-9]*$/ : /^[A-Z][A-Z0-9_]*$/
    return names.filter((name) => !pattern.test(name)).map((name) => `${path}: ${name}`)
  })
  expect(wrong).toEqual([])
})

it('an exported limit is MAX_, not MOST_', () => {
  expect(own.filter((path) => /^export const MOST_/m.test(textOf(path)))).toEqual([])
})

it('what only tests use lies in testing/', () => {
  const support = own.filter((path) => /\/(?:fake[A-Z]|test[A-Z])\w*\.ts$|Suite\.ts$/.test(path))
  expect(support.length).toBeGreaterThan(5)
  expect(support.filter((path) => !path.includes('/testing/'))).toEqual([])
})
