/** Requests that cost their sender nothing, against a real validator without which no block is made. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { toHex } from '../../src/codec/hex.ts'
import { command, PUPPET_CODE } from '../../src/execution/testing/puppet.ts'
import { transactionOf } from '../faults/support/killGenesis.ts'
import { type NodeProcess, rpc, startedNode, writeNodeFiles } from './nodeProcess.ts'

const directory = mkdtempSync(join(tmpdir(), 'touchstone-free-'))
const running: NodeProcess[] = []
afterAll(() => {
  for (const { child } of running) child.kill('SIGKILL')
  rmSync(directory, { recursive: true, force: true })
})

async function start(isNew: boolean, calls: object): Promise<NodeProcess> {
  const config = { engine: 'reference', rpc: { host: '127.0.0.1', port: 0, ...calls } }
  const node = await startedNode(writeNodeFiles({ directory, isNew, config }))
  running.push(node)
  return node
}

/** More gas than the reference engine spends in years. */
const ENDLESS = Number.MAX_SAFE_INTEGER
/** No funds and no contract needed: the code comes along. */
const attack = (() => {
  const to = `0x${'66'.repeat(20)}`
  const call = { to, data: toHex(command.loop()), gas: `0x${ENDLESS.toString(16)}` }
  return JSON.stringify({
    jsonrpc: '2.0',
    id: 1,
    method: 'eth_call',
    params: [call, 'latest', { [to]: { code: toHex(PUPPET_CODE) } }],
  })
})()
const fromPage = (node: NodeProcess, type: string, origin = 'https://evil.example') =>
  fetch(node.url, { method: 'POST', headers: { 'Content-Type': type, Origin: origin }, body: attack })

test('calls without end from web pages: refused without a preflight, ended by name, and no block waits for them', async () => {
  const node = await start(true, { callTimeout: 600_000, callGasCap: ENDLESS, callWorkers: 2 })
  const plain = await fromPage(node, 'text/plain')
  expect(plain.status).toBe(415)
  expect(await plain.json()).toMatchObject({ error: { message: expect.stringContaining('application/json') } })

  const answered: string[] = []
  for (const page of ['a', 'b', 'c', 'd']) {
    // They are open until the node stops, and fail then.
    fromPage(node, 'application/json', `https://${page}.example`).then(
      () => answered.push(page),
      () => {},
    )
  }
  for (let nonce = 0n; nonce < 4n; nonce++) {
    const raw = toHex(transactionOf(1, nonce, new Uint8Array(0)))
    expect(await rpc(node.url, 'eth_sendRawTransactionSync', [raw, '0x4e20'])).toMatchObject({ status: '0x1' })
  }
  expect(Number(await rpc(node.url, 'eth_blockNumber'))).toBeGreaterThanOrEqual(4)
  expect(answered).toEqual([])
  expect(await node.stop()).toBe(0)

  const strict = await start(false, { callTimeout: 1_000, callGasCap: ENDLESS })
  expect(await (await fromPage(strict, 'application/json')).json()).toEqual({
    jsonrpc: '2.0',
    id: 1,
    error: {
      code: -32000,
      message: expect.stringMatching(/^execution aborted \(timeout = 1000 ms\): .*\(callTimeout\)/),
    },
  })
  expect(Number(await rpc(strict.url, 'eth_blockNumber'))).toBeGreaterThanOrEqual(4)
  expect(await strict.stop()).toBe(0)
}, 120_000)
