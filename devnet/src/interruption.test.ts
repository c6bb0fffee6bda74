/** Signals in the middle of commands: what is said, what is left, and the exit code. */
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, it, vi } from 'vitest'
import { interruptible, unlessInterrupted } from './interruption.ts'
import { endingSignals } from './output/outcomes.ts'
import { runInProcess } from './testing/runInProcess.ts'

const folder = mkdtempSync(join(tmpdir(), 'touchstone-interruption-'))
const servers: Server[] = []
afterAll(() => {
  for (const server of servers) server.closeAllConnections()
  for (const server of servers) server.close()
  rmSync(folder, { recursive: true, force: true })
})

const listeners = () => endingSignals.map((signal) => process.listenerCount(signal))

/** Answers methods by name, and others never; `asked` resolves when the first of those is asked. */
async function silentNode(answers: Readonly<Record<string, unknown>>): Promise<{ url: string; asked: Promise<void> }> {
  const { promise: asked, resolve } = Promise.withResolvers<void>()
  const server = createServer(async (request, response) => {
    const chunks: Uint8Array[] = []
    for await (const chunk of request as AsyncIterable<Uint8Array>) chunks.push(chunk)
    const text = Buffer.concat(chunks).toString()
    const { id, method } = (text.startsWith('{') ? JSON.parse(text) : {}) as { id: number; method: string }
    if (!Object.hasOwn(answers, method)) return resolve()
    response.setHeader('content-type', 'application/json')
    response.end(JSON.stringify({ jsonrpc: '2.0', id, result: answers[method] }))
  })
  servers.push(server)
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening))
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, asked }
}

it('commands that look end at once, with a sentence and the code of the signal', async () => {
  const { url, asked } = await silentNode({ eth_chainId: '0x7a69' })
  const before = listeners()
  const running = runInProcess('accounts', '--rpc', url, '--json')
  await asked
  process.emit('SIGINT', 'SIGINT')
  const { code, out, err } = await running
  expect([code, err]).toEqual([130, 'error: interrupted (SIGINT) while devnet accounts waited for the network\n'])
  expect(JSON.parse(out).error).toMatchObject({ kind: 'interrupted', exitCode: 130 })
  expect(listeners()).toEqual(before)
})

it('an export leaves the file that was there, and nothing beside it', async () => {
  const { url, asked } = await silentNode({
    eth_chainId: '0x7a69',
    touchstone_genesis: {},
    eth_getBlockByNumber: { number: '0x0', hash: `0x${'1'.repeat(64)}`, timestamp: '0x0', transactions: [] },
    eth_blockNumber: '0x9',
  })
  const file = join(folder, 'chain.export')
  writeFileSync(file, 'the one before')
  const exits = process.listenerCount('exit')
  const running = runInProcess('export', file, '--rpc', url)
  await asked
  await vi.waitFor(() => expect(existsSync(`${file}.new`)).toBe(true))
  process.emit('SIGTERM', 'SIGTERM')
  const { code, err } = await running
  expect(code).toBe(143)
  expect(err).toContain(`interrupted (SIGTERM) while writing ${file}: 0 of 9 blocks were in it; it is as it was before`)
  expect([readdirSync(folder), readFileSync(file, 'utf8')]).toEqual([['chain.export'], 'the one before'])
  expect(process.listenerCount('exit')).toBe(exits)
})

it('an order to a network says that it is carried out all the same', async () => {
  const { url, asked } = await silentNode({})
  const data = mkdtempSync(join(folder, 'net-'))
  writeFileSync(join(data, 'running.json'), JSON.stringify({ runner: process.pid, nodes: [] }))
  writeFileSync(join(data, 'control.json'), JSON.stringify({ port: Number(new URL(url).port), token: 'x' }))
  const running = runInProcess('node', 'start', '2', '--data', data)
  await asked
  process.emit('SIGHUP', 'SIGHUP')
  const { code, err } = await running
  expect(code).toBe(129)
  expect(err).toMatch(/while the network carried out "devnet node start 2"\nhint: {2}it goes on with that/)
})

it('work that ends well after a signal has its result; other failures stay what they are', async () => {
  const doing = () => 'working'
  const work = interruptible({ doing }, async (interrupted) => {
    process.emit('SIGINT', 'SIGINT')
    return interrupted.aborted
  })
  expect(await work).toBe(true)
  await expect(interruptible({ doing }, async () => Promise.reject(new TypeError('ours')))).rejects.toThrow(TypeError)
})

it('a second signal ends the process at once, but not the echo of the first', async () => {
  const exit = vi.spyOn(process, 'exit').mockImplementation((() => {}) as typeof process.exit)
  await interruptible({ doing: () => 'x' }, async () => {
    process.emit('SIGINT', 'SIGINT')
    process.emit('SIGINT', 'SIGINT')
    expect(exit).not.toHaveBeenCalled()
    process.emit('SIGTERM', 'SIGTERM')
    expect(exit).toHaveBeenCalledExactlyOnceWith(143)
    const now = performance.now()
    vi.spyOn(performance, 'now').mockReturnValue(now + 60_000)
    process.emit('SIGINT', 'SIGINT')
    expect(exit).toHaveBeenLastCalledWith(130)
  })
  vi.restoreAllMocks()
})

it('what nobody waits for any more may fail later', async () => {
  const interruption = new AbortController()
  const { promise, reject } = Promise.withResolvers<never>()
  const waiting = unlessInterrupted(interruption.signal, promise)
  interruption.abort('SIGINT')
  await expect(waiting).rejects.toBe('SIGINT')
  reject(new Error('late'))
  await expect(unlessInterrupted(interruption.signal, Promise.resolve(1))).rejects.toBe('SIGINT')
})
