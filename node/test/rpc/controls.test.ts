/** Dev controls over JSON-RPC where they are not for the caller: no dev mode, and pages of other sites. */
import { afterAll, beforeAll, expect, test } from 'vitest'
import { METHOD_NOT_FOUND, UNAUTHORIZED } from '../../src/rpc/errors.ts'
import { DEFAULT_RPC_LIMITS } from '../../src/rpc/limits.ts'
import { METHODS } from '../../src/rpc/registry.ts'
import { type LiveNode, startLiveNode } from './liveNode.ts'

const address = `0x${'12'.repeat(20)}`
const word = `0x${'00'.repeat(32)}`
/** Of the parameters by their names: some value that the method takes. */
const VALUES: Readonly<Record<string, unknown>> = {
  ...{
    hash: word,
    state: '0x',
    address,
    token: address,
    account: address,
    owner: address,
    spender: address,
    code: '0x',
    slot: word,
    value: word,
    on: true,
  },
  transaction: { from: address, to: address },
}
const controls = [...METHODS.values()].filter(({ kind }) => kind === 'control')
let node: LiveNode

beforeAll(async () => {
  node = await startLiveNode()
})
afterAll(() => node.close())

async function errorOf(method: string, params: readonly unknown[], headers: Readonly<Record<string, string>> = {}) {
  const body = JSON.stringify({ jsonrpc: '2.0', id: 1, method, params })
  const response = await fetch(node.http, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body,
  })
  const { error } = (await response.json()) as { error?: { code: number; message: string } }
  return error
}

const valuesOf = ({ params }: (typeof controls)[number]) =>
  params({ limits: DEFAULT_RPC_LIMITS }).map(({ name }) => VALUES[name] ?? '0x1')

test('each is refused by name on a chain without dev mode', async () => {
  expect(controls.length).toBeGreaterThan(60)
  for (const control of controls) {
    expect(await errorOf(control.name, valuesOf(control)), control.name).toEqual({
      code: METHOD_NOT_FOUND,
      message: `the method ${control.name} does not exist/is not available: the chain's genesis has no dev mode`,
    })
  }
})

test('none is for pages of another site, which hear it before anything is read of what they sent', async () => {
  for (const { name } of controls) {
    const error = await errorOf(name, [{ not: 'read' }], { origin: 'https://evil.example' })
    expect(error, name).toMatchObject({ code: UNAUTHORIZED })
    expect(error!.message, name).toMatch(`${name} controls the node, and is not for pages of "https://evil.example"`)
  }
  // A page of this machine is a developer's own.
  expect(await errorOf('evm_mine', [], { origin: 'http://localhost:3000' })).toMatchObject({ code: METHOD_NOT_FOUND })
  // A page that would send without being asked, as forms do.
  const sent = await fetch(node.http, {
    method: 'POST',
    headers: { 'content-type': 'text/plain', origin: 'https://evil.example' },
    body: JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'evm_mine', params: [] }),
  })
  expect(await sent.text()).toContain('a web page must send application/json')
})
