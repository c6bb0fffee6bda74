import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { createHarness } from '../../test/rpc/harness.ts'
import { DEFAULT_RPC_LIMITS } from './limits.ts'
import { METHODS } from './registry.ts'
import { methodTable } from './schema/methodTable.ts'
import { openRpcDocument } from './schema/openRpc.ts'

const docs = new URL('../../../docs/', import.meta.url)
const protocol = readFileSync(new URL('protocol/rpc.md', docs), 'utf8')
const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'))
const context = { limits: DEFAULT_RPC_LIMITS }
const here = createHarness()

test.each([...METHODS.keys()])('%s has a file of its name', (name) => {
  const [, space, method] = /^([a-z0-9]+)[_.](.*)$/.exec(name)!
  const home = METHODS.get(name)!.home ?? `methods/${space}/${method}.ts`
  expect(existsSync(new URL(home, import.meta.url))).toBe(true)
})

test('docs/rpc.md lists every method as it is defined (-u writes it)', async () => {
  await expect(methodTable(METHODS.values(), context)).toMatchFileSnapshot(fileOf('rpc.md'))
})

test('docs/openrpc.json is the document of the definitions (-u writes it)', async () => {
  const text = `${JSON.stringify(openRpcDocument(METHODS.values(), context, version), null, 1)}\n`
  await expect(text).toMatchFileSnapshot(fileOf('openrpc.json'))
})

test('rpc.discover gives it, with the bounds of the node', async () => {
  const { result } = await here.call('rpc.discover')
  expect(result).toEqual(openRpcDocument(METHODS.values(), context, '0.0.0'))
  const other = createHarness({ maxProofKeys: 3 })
  const { methods } = (await other.call('rpc.discover')).result
  const proof = methods.find(({ name }: { name: string }) => name === 'eth_getProof')
  expect(proof.params[1].schema.maxItems).toBe(3)
})

test('protocol/rpc.md has every bound with its default', () => {
  for (const [name, value] of Object.entries(DEFAULT_RPC_LIMITS)) {
    expect(protocol).toContain(`\n| \`${name}\` | ${value} |`)
  }
})

test('rpc_modules names every name space', async () => {
  const spaces = new Set([...METHODS.keys()].map((name) => name.split(/[_.]/)[0]))
  expect(new Set(Object.keys((await here.call('rpc_modules')).result))).toEqual(spaces)
})

function fileOf(name: string): string {
  return fileURLToPath(new URL(name, docs))
}

test('every file of methods/ is a method that is answered', () => {
  const named = new Set([...METHODS.keys()].map((name) => name.replace(/[_.]/, '/')))
  const folder = fileURLToPath(new URL('methods/', import.meta.url))
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((path) => /^\w+.\w+\.ts$/.test(path))
  expect(files.map((path) => path.replace('\\', '/').replace('.ts', '')).filter((path) => !named.has(path))).toEqual([])
})
