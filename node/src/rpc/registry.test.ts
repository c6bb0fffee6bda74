import { existsSync, readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { createHarness } from '../../test/rpc/harness.ts'
import { DEFAULT_RPC_LIMITS } from './limits.ts'
import { METHODS } from './registry.ts'

const docs = readFileSync(new URL('../../../docs/protocol/rpc.md', import.meta.url), 'utf8')
const here = createHarness()

test.each([...METHODS.keys()])('%s has a file of its name and a line in the docs, with its parameters', (name) => {
  const [space, method] = name.split('_') as [string, string]
  expect(existsSync(new URL(`methods/${space}/${method}.ts`, import.meta.url))).toBe(true)
  const params = METHODS.get(name)!
    .params(here.context)
    .map((param) => (param.required ? param.name : `${param.name}?`))
  expect(docs).toContain(`\n| \`${name}\` | ${params.join(', ')}${params.length > 0 ? ' ' : ''}|`)
})

test('the docs name no method that is not there', () => {
  const named = [...docs.matchAll(/^\| `([a-z0-9]+_[A-Za-z0-9]+)` \|/gm)].map(([, name]) => name)
  expect(new Set(named)).toEqual(new Set(METHODS.keys()))
})

test('the docs have every bound with its default', () => {
  for (const [name, value] of Object.entries(DEFAULT_RPC_LIMITS)) expect(docs).toContain(`\n| \`${name}\` | ${value} |`)
})

test('rpc_modules names every name space', async () => {
  const spaces = new Set([...METHODS.keys()].map((name) => name.split('_')[0]))
  expect(new Set(Object.keys((await here.call('rpc_modules')).result))).toEqual(spaces)
})
