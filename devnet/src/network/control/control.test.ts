/** The control channel: what it carries out, and what it refuses without harm. */
import { existsSync, mkdtempSync, rmSync, statSync } from 'node:fs'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { CliError } from '../../output/errors.ts'
import { writeJsonFile } from '../jsonFile.ts'
import { networkPaths } from '../paths.ts'
import type { Network } from '../runner.ts'
import { sendOrder } from './client.ts'
import { checkCommand } from './command.ts'
import { readControlFile } from './controlFile.ts'
import { type ControlServer, MAX_ORDER_BYTES, startControlServer } from './server.ts'

const folder = mkdtempSync(join(tmpdir(), 'touchstone-control-'))
const paths = networkPaths(folder)
const done: string[] = []
const heard: string[] = []
let server: ControlServer

/** Knows node 1 only, and notes what it is asked. */
const network = {
  paths,
  async kill(index: number) {
    if (index !== 1) throw new CliError(`there is no node ${index}`, { hint: 'the network has node 1' })
    done.push(`kill ${index}`)
  },
  async pause() {
    throw new TypeError('a fault of ours')
  },
  async start() {
    const code = 'ENOSPC'
    throw Object.assign(new Error(`${code}: no space left on device, write 'config.json'`), { code, syscall: 'write' })
  },
  describe: () => ({ nodes: [{ index: 1, state: 'killed', rpc: 'http://x', pid: null }] }),
  links: () => ({ groups: null, directions: [] }),
} as unknown as Network

beforeAll(async () => {
  writeJsonFile(paths.running, { runner: process.pid, nodes: [] })
  server = await startControlServer(network, (text, by) => heard.push(`${text} by ${by}`))
})
afterAll(async () => {
  await server.close()
  expect(existsSync(paths.control)).toBe(false)
  rmSync(folder, { recursive: true })
})

const post = async (body: string, token = server.token) => {
  const response = await fetch(`http://127.0.0.1:${server.port}/`, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}` },
    body,
  })
  return { status: response.status, ...((await response.json()) as { error?: string; hint?: string; text?: string }) }
}

describe('an order', () => {
  it('is found, carried out, and told to the runner with who gave it', async () => {
    expect(readControlFile(paths)).toEqual({ port: server.port, token: server.token })
    if (process.platform !== 'win32') expect(statSync(paths.control).mode & 0o777).toBe(0o600)
    const answer = await sendOrder(folder, { kind: 'kill', node: 1 }, 'devnet node kill 1')
    expect(answer).toEqual({ text: 'node 1 killed', result: { node: 1, state: 'killed', rpc: 'http://x', pid: null } })
    expect(done).toEqual(['kill 1'])
    expect(heard).toEqual(['node 1 killed by devnet node kill 1'])
  })

  it('that the network refuses comes back with what to do, and a question is not news', async () => {
    await expect(sendOrder(folder, { kind: 'kill', node: 2 }, 'x')).rejects.toMatchObject({
      message: 'there is no node 2',
      hint: 'the network has node 1',
    })
    await sendOrder(folder, { kind: 'links' }, 'devnet links')
    expect(heard).toHaveLength(1)
  })

  it('that the system refuses, as a full disk does, is no fault of ours', async () => {
    const words = "ENOSPC: no space left on device, write 'config.json'"
    await expect(sendOrder(folder, { kind: 'start', node: 1 }, 'x')).rejects.toMatchObject({
      ...{ kind: 'failed', message: words },
    })
    expect(await post('{"command":{"kind":"start","node":1}}')).toMatchObject({ status: 409, error: words })
  })

  it('about a node that a command may name is for the network to judge, which knows how many there are', () => {
    for (const node of [64, 65, 999]) {
      for (const command of [
        { kind: 'kill', node },
        { kind: 'partition', groups: [[1], [node]] },
        { kind: 'reset-links', directions: [{ from: 1, to: node }] },
      ]) {
        expect(checkCommand(command)).toEqual(command)
      }
    }
  })

  it('needs a network', async () => {
    const empty = mkdtempSync(join(tmpdir(), 'touchstone-control-'))
    await expect(sendOrder(empty, { kind: 'heal' }, 'x')).rejects.toThrow('no network runs in')
    // Left over from a runner that was killed.
    writeJsonFile(networkPaths(empty).running, { runner: 2 ** 22 + 1, nodes: [{ pid: null }] })
    writeJsonFile(networkPaths(empty).control, { port: server.port, token: server.token })
    await expect(sendOrder(empty, { kind: 'heal' }, 'x')).rejects.toThrow('no network runs in')
    rmSync(empty, { recursive: true })
  })

  it('without the token is refused', async () => {
    for (const token of ['', 'x', '0'.repeat(64), `${server.token}0`]) {
      expect(await post('{"command":{"kind":"kill","node":1}}', token)).toMatchObject({ status: 401 })
    }
    expect(done).toHaveLength(1)
  })

  it.each([
    '',
    '7',
    'null',
    '[]',
    '{',
    '{}',
    '{"command":null}',
    '{"command":{"kind":7}}',
    '{"command":{"kind":"explode","node":1}}',
    '{"command":{"kind":"kill"}}',
    '{"command":{"kind":"kill","node":"1"}}',
    '{"command":{"kind":"kill","node":1.5}}',
    '{"command":{"kind":"kill","node":-1}}',
    '{"command":{"kind":"kill","node":1e9}}',
    '{"command":{"kind":"constructor","node":1}}',
    '{"command":{"kind":"add","sync":"fast"}}',
    '{"command":{"kind":"add","sync":null}}',
    '{"command":{"kind":"partition","groups":[]}}',
    '{"command":{"kind":"partition","groups":[[1],[1]]}}',
    '{"command":{"kind":"partition","groups":[["1"]]}}',
    '{"command":{"kind":"shape","directions":[{"from":1,"to":1}],"change":{"delayMs":1}}}',
    '{"command":{"kind":"shape","directions":[null],"change":{"delayMs":1}}}',
    '{"command":{"kind":"shape","directions":null,"change":{}}}',
    '{"command":{"kind":"shape","directions":null,"change":{"delayMs":-1}}}',
    '{"command":{"kind":"shape","directions":null,"change":{"colour":1}}}',
    `{"command":${'['.repeat(20_000)}`,
  ])('that is none is refused: %.60s', async (body) => {
    expect(await post(body)).toMatchObject({ status: 400, error: expect.stringMatching(/./) })
    expect(done).toHaveLength(1)
  })

  it('that is too long is refused', async () => {
    const order = JSON.stringify({ command: { kind: 'kill', node: 1 }, by: 'x'.repeat(MAX_ORDER_BYTES) })
    expect(await post(order).catch(() => ({ status: 400 }))).toMatchObject({ status: 400 })
    expect(done).toHaveLength(1)
  })

  it('cannot write to the terminal', async () => {
    await post(JSON.stringify({ command: { kind: 'kill', node: 1 }, by: '\u001b[2J\nnode 2 killed' }))
    expect(heard.at(-1)).toBe('node 1 killed by \\u{1b}[2J\\u{a}node 2 killed')
  })

  it('that meets a fault of ours is answered, and the next one too', async () => {
    expect(await post('{"command":{"kind":"pause","node":1}}')).toMatchObject({ status: 500 })
    expect(await post('{"command":{"kind":"kill","node":1}}')).toMatchObject({ status: 200 })
  })

  it('that is not HTTP does no harm', async () => {
    await new Promise<void>((resolve) => {
      const socket = connect(server.port, '127.0.0.1', () => socket.write(new Uint8Array(4_096).fill(0xff)))
      socket.on('data', () => socket.destroy())
      socket.on('error', () => undefined)
      socket.on('close', () => resolve())
    })
    expect(await post('{"command":{"kind":"kill","node":1}}')).toMatchObject({ status: 200 })
  })
})

it('every command that is sent is one that is taken', () => {
  for (const command of [
    { kind: 'wipe', node: 3, signer: true, pool: false },
    { kind: 'partition', groups: [[1, 2], [3]] },
    { kind: 'shape', directions: [{ from: 1, to: 2 }], change: { loss: 0.5, bandwidth: null } },
    { kind: 'shape', directions: null, change: { delayMs: 1 } },
    { kind: 'reset-links', directions: null },
    { kind: 'add' },
    { kind: 'add', sync: 'snapshot' },
    { kind: 'heal' },
  ]) {
    expect(checkCommand(command)).toEqual(command)
  }
})
