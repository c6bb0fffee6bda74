/**
 * Text of strangers (contracts, and senders of requests) in answers of JSON-RPC and logs of the node: none of it may
 * be obeyed by a terminal, hide, turn the order of the characters around it, or be long. What programs decode, such as the
 * data of a revert and a request's own id, is as it was.
 */
import { request } from 'node:http'
import { encodeErrorResult, type Hex, parseGwei } from 'viem'
import { privateKeyToAccount } from 'viem/accounts'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { namedModule, watString } from '../../../vm/test/nastyModule.ts'
import { MARK, NASTY, obeyed } from '../../../vm/test/nastyText.ts'
import { fromHex, toHex } from '../../src/codec/hex.ts'
import { encodeInitCode } from '../../src/execution/initCode.ts'
import { RpcError, UNAUTHORIZED } from '../../src/rpc/errors.ts'
import { MAX_ERROR_LENGTH } from '../../src/rpc/limits.ts'
import { callerOf, refusedMethod } from '../../src/rpc/origin.ts'
import { linesFor } from '../../src/runtime/logging/logLines.ts'
import { type LiveNode, PRIVATE_KEYS, startLiveNode } from './liveNode.ts'

interface Answer {
  readonly id: unknown
  readonly result?: unknown
  readonly error?: { readonly code: number; readonly message: string; readonly data?: Hex }
}

const alice = privateKeyToAccount(PRIVATE_KEYS[0] as Hex)
const somebody = '0x00000000000000000000000000000000000000cc'
const reason = encodeErrorResult({
  abi: [{ type: 'error', name: 'Error', inputs: [{ name: '', type: 'string' }] }],
  errorName: 'Error',
  args: [NASTY.toWellFormed()],
})

/** Contracts whose functions all have a nasty name. */
const contract = (body: string, rest = '', data = '') =>
  namedModule(
    `(module ${rest} (memory (export "memory") 1) ${data} (func (export "user_entrypoint") (param i32) (result i32) ${body}))`,
    [NASTY, NASTY],
  )
const trapping = contract('unreachable')
const reverting = contract(
  `(call $write (i32.const 0) (i32.const ${fromHex(reason).length})) (i32.const 1)`,
  '(import "vm_hooks" "write_result" (func $write (param i32 i32)))',
  `(data (i32.const 0) "${reason.slice(2).replace(/../g, '\\$&')}")`,
)
const unknownImport = contract('i32.const 0', `(import ${watString(NASTY)} ${watString(NASTY)} (func))`)
/** Creates the contract and calls it in the same transaction. */
const constructing = (code: Uint8Array) => encodeInitCode(code, new Uint8Array(0))

let node: LiveNode
let nonce = 0
beforeAll(async () => {
  node = await startLiveNode()
})
afterAll(() => node.close())

async function ask(body: string | Uint8Array<ArrayBuffer>, headers: Record<string, string> = {}): Promise<Answer> {
  const text = await new Promise<string>((resolve, reject) => {
    const options = { method: 'POST', headers: { 'content-type': 'application/json', ...headers } }
    const sent = request(node.http, options, (response) => {
      response.setEncoding('utf8')
      let all = ''
      response.on('data', (part) => {
        all += part
      })
      response.on('end', () => resolve(all))
    })
    sent.on('error', reject)
    sent.end(body)
  })
  return JSON.parse(text)
}

const call = (method: string, ...params: unknown[]) => ask(JSON.stringify({ jsonrpc: '2.0', id: 1, method, params }))

function expectPlain(message: string | undefined, shows = MARK): void {
  expect(message).toContain(shows)
  expect({ obeyed: obeyed(message!), message: JSON.stringify(message) }).toEqual({
    obeyed: [],
    message: JSON.stringify(message),
  })
  expect(message!.length).toBeLessThanOrEqual(MAX_ERROR_LENGTH)
}

it.each([
  ['a method', () => call(NASTY)],
  ['a method like one of ours', () => call(`eth_chainId${NASTY}`)],
  ['a long method', () => call(NASTY.repeat(100))],
  ['an address', () => call('eth_getBalance', NASTY, 'latest')],
  ['a block', () => call('eth_getBlockByNumber', NASTY, false)],
  ['a word of a list', () => call('eth_subscribe', NASTY)],
  ['a key of an override', () => call('eth_call', { to: somebody }, 'latest', { [NASTY]: { balance: '0x1' } })],
  ['a value of an override', () => call('eth_call', { to: somebody }, 'latest', { [somebody]: { balance: NASTY } })],
  ['a field of a block', () => call('eth_call', { to: somebody }, 'latest', null, { [NASTY]: '0x1' })],
  ['data', () => call('eth_sendRawTransaction', `0x${NASTY}`)],
  ['something that is no JSON', () => ask(`{"jsonrpc":"2.0","id":1,"method":${NASTY.toWellFormed()}`)],
])('%s of a request', async (what, send) => {
  const { error } = await send()
  // The parser of JSON shows a few characters only, which need not be the mark.
  expectPlain(error?.message, what === 'something that is no JSON' ? 'parse error' : MARK)
})

/** As a header can have it: Latin-1 without C0. */
const inHeader = `${MARK}\u009b31m\u009d0;x\u0085\u00ad`

it.each([
  ['the host', { host: inHeader }],
  ['the content type', { origin: 'https://app.example', 'content-type': `text/${inHeader}` }],
])('%s of a request', async (_, headers) => {
  const { error } = await ask(JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'eth_chainId' }), headers)
  expectPlain(error?.message)
})

it('the origin of a request for what is not for pages', () => {
  // No method of this node is of such a kind yet.
  const caller = callerOf({ allowedHosts: '*', allowedOrigins: [] }, { origin: inHeader }, '127.0.0.1')
  expectPlain(new RpcError(UNAUTHORIZED, refusedMethod(caller, 'eth_sign', 'sign')!).message)
})

it('an id comes back as it was', async () => {
  const { id } = await ask(`{"jsonrpc":"2.0","id":${JSON.stringify(NASTY)},"method":"eth_chainId"}`)
  expect(id).toBe(NASTY)
})

it.each([
  ['a trap', trapping, undefined],
  ['a revert', reverting, reason],
])('%s of a contract, in a call and an estimate', async (_, code, data) => {
  for (const method of ['eth_call', 'eth_estimateGas']) {
    const { error } = await call(method, { to: somebody }, 'latest', { [somebody]: { code: toHex(code) } })
    expectPlain(error?.message)
    expect(error?.data).toBe(data)
  }
})

it.each([
  ['a trap', constructing(trapping)],
  ['a revert', constructing(reverting)],
  ['a refused module', unknownImport],
])('%s of a contract, in a receipt', async (_, data) => {
  const serialized = await alice.signTransaction({
    ...{ chainId: 31_337, type: 'eip1559', nonce: nonce++, gas: 5_000_000n, maxFeePerGas: parseGwei('5') },
    data: toHex(data),
  })
  const { result: hash } = await call('eth_sendRawTransaction', serialized)
  await node.seal()
  const { result } = await call('eth_getTransactionReceipt', hash)
  const { failure } = result as { failure: { message: string; revertData: Hex | null } }
  expectPlain(failure.message)
  if (data !== unknownImport && failure.revertData !== null) expect(reason.startsWith(failure.revertData)).toBe(true)
})

it('what is logged', () => {
  const lines: string[] = []
  const to = linesFor('json', { write: (line) => void lines.push(line) })
  to.write(`${JSON.stringify({ level: 30, reason: NASTY, msg: NASTY })}\n`)
  expectPlain(lines[0]!.trimEnd())
  expect(JSON.parse(lines[0]!)).toEqual({ level: 30, reason: NASTY, msg: NASTY })
})
