/** Proxies between real sockets: what passes, what does not, and how much is kept meanwhile. */
import { createServer, type Server, Socket } from 'node:net'
import { afterEach, describe, expect, it } from 'vitest'
import { LinkMesh } from './linkMesh.ts'
import { MAX_QUEUED_BYTES } from './pump.ts'

const host = '127.0.0.1'
const closing: (() => unknown)[] = []
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close()
})

/** Two nodes; node 2 is a server that does with each connection what `serve` says. */
async function pair(serve: (socket: Socket) => void) {
  const server = await listen(serve)
  const mesh = new LinkMesh('test')
  closing.push(() => mesh.close())
  await mesh.add(1, { host, port: 1 })
  await mesh.add(2, { host, port: portOf(server) })
  await mesh.open()
  const passed = () => Object.fromEntries(mesh.list().map((line) => [`${line.from}>${line.to}`, line.passed]))
  return { mesh, passed, dial: (port = mesh.address(1, 2).port) => dial(port) }
}

async function listen(serve: (socket: Socket) => void): Promise<Server> {
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    socket.on('error', () => undefined)
    serve(socket)
  })
  await new Promise<void>((resolve) => server.listen(0, host, resolve))
  const sockets = new Set<Socket>()
  server.on('connection', (socket) => sockets.add(socket))
  closing.push(() => {
    for (const socket of sockets) socket.destroy()
    return new Promise<void>((resolve) => server.close(() => resolve()))
  })
  return server
}

const portOf = (server: Server) => (server.address() as { port: number }).port

function dial(port: number) {
  const socket = new Socket({ allowHalfOpen: true })
  let heard = ''
  let state: 'open' | 'ended' | 'closed' = 'open'
  socket.on('data', (bytes: Uint8Array) => {
    heard += new TextDecoder().decode(bytes)
  })
  socket.on('end', () => {
    state = 'ended'
  })
  socket.on('close', () => {
    state = 'closed'
  })
  socket.on('error', () => undefined)
  socket.connect(port, host)
  closing.push(() => socket.destroy())
  return { socket, heard: () => heard, state: () => state }
}

const echo = (socket: Socket) => {
  socket.on('data', (bytes) => socket.write(bytes))
  socket.on('end', () => socket.end())
}

async function until(what: string, check: () => boolean): Promise<void> {
  for (let waited = 0; !check(); waited += 5) {
    if (waited > 5_000) throw new Error(`did not happen: ${what}`)
    await pause(5)
  }
}

const pause = (milliseconds: number) => new Promise((resolve) => setTimeout(resolve, milliseconds))

describe('links that are not open', () => {
  it('give the addresses of the nodes themselves', async () => {
    const mesh = new LinkMesh('test')
    closing.push(() => mesh.close())
    await mesh.add(1, { host: '::1', port: 7 })
    await mesh.add(2, { host, port: 8 })
    expect([mesh.isOpen, mesh.address(1, 2), mesh.address(2, 1)]).toEqual([
      false,
      { host, port: 8 },
      { host: '::1', port: 7 },
    ])
    expect(() => mesh.address(1, 3)).toThrow('there is no link 1>3')
  })

  it('are proxies once they are opened, of nodes that come later too', async () => {
    const { mesh, dial, passed } = await pair(echo)
    await mesh.open()
    await mesh.add(3, { host, port: mesh.address(1, 2).port })
    expect(mesh.isOpen).toBe(true)
    const ports = [1, 2, 3].flatMap((from) => [1, 2, 3].flatMap((to) => (from === to ? [] : [mesh.address(from, to)])))
    expect(new Set(ports.map(({ port }) => port)).size).toBe(6)
    const client = dial(mesh.address(2, 3).port)
    client.socket.write('round')
    await until('the echo', () => client.heard() === 'round')
    expect(passed()).toMatchObject({ '2>3': 5, '3>2': 5, '1>2': 5, '2>1': 5, '1>3': 0, '3>1': 0 })
  })

  it('cut a partition that was there before', async () => {
    const server = await listen(echo)
    const mesh = new LinkMesh('test')
    closing.push(() => mesh.close())
    await mesh.add(1, { host, port: 1 })
    mesh.partition([[1]])
    await mesh.add(2, { host, port: portOf(server) })
    await mesh.open()
    const client = dial(mesh.address(1, 2).port)
    client.socket.write('x')
    await pause(50)
    expect(client.heard()).toBe('')
    mesh.heal()
    await until('the echo', () => client.heard() === 'x')
  })
})

describe('an open link', () => {
  it('passes bytes and ends both ways, and counts', async () => {
    const { dial, passed } = await pair(echo)
    const client = dial()
    client.socket.write('hello')
    await until('the echo', () => client.heard() === 'hello')
    expect(passed()).toEqual({ '1>2': 5, '2>1': 5 })
    client.socket.end('bye')
    await until('the end', () => client.state() !== 'open')
    expect(client.heard()).toBe('hellobye')
  })

  it('refuses as the node behind it does', async () => {
    const { mesh } = await pair(echo)
    const client = dial(mesh.address(2, 1).port)
    await until('the refusal', () => client.state() === 'closed')
  })

  it('hands a broken connection on', async () => {
    const { dial } = await pair((socket) => socket.on('data', () => socket.resetAndDestroy()))
    const client = dial()
    client.socket.write('x')
    await until('the break', () => client.state() === 'closed')
  })

  it('passes a megabyte in order to a reader that pauses', async () => {
    const wanted = 'abcdefghij'.repeat(100_000)
    const { dial } = await pair((socket) => socket.end(wanted))
    const client = dial()
    client.socket.pause()
    await pause(50)
    client.socket.resume()
    await until('all of it', () => client.state() !== 'open')
    expect(client.heard()).toBe(wanted)
  })
})

describe('a partition', () => {
  it('lets no byte pass, keeps the connection, and hands everything on when it is healed', async () => {
    const { mesh, dial, passed } = await pair(echo)
    const client = dial()
    client.socket.write('before ')
    await until('the echo', () => client.heard() === 'before ')
    const before = passed()
    mesh.partition([[1], [2]])
    client.socket.write('during ')
    const late = dial()
    late.socket.write('new')
    await pause(150)
    expect(passed()).toEqual(before)
    expect([client.heard(), late.heard(), client.state(), late.state()]).toEqual(['before ', '', 'open', 'open'])
    mesh.heal()
    await until('what waited', () => client.heard() === 'before during ' && late.heard() === 'new')
  })

  it('holds back what was on its way', async () => {
    const { mesh, dial, passed } = await pair(echo)
    const client = dial()
    mesh.shape(null, { delayMs: 800 })
    client.socket.write('x')
    await pause(30)
    mesh.partition([[1]])
    await pause(200)
    expect(passed()).toEqual({ '1>2': 0, '2>1': 0 })
    mesh.heal()
    await until('the echo', () => client.heard() === 'x')
  })

  it('forgets who gave up dialling, and keeps at most sixteen that did not', async () => {
    const { mesh, dial } = await pair(echo)
    mesh.partition([[1], [2]])
    for (let index = 0; index < 40; index++) {
      const gone = dial()
      await until('the connection', () => !gone.socket.connecting)
      gone.socket.destroy()
      await pause(2)
    }
    const waiting = Array.from({ length: 20 }, () => dial())
    await until('four refusals', () => waiting.filter((one) => one.state() === 'closed').length === 4)
    await pause(50)
    expect(waiting.filter((one) => one.state() === 'open')).toHaveLength(16)
    for (const one of waiting) one.socket.write('x')
    mesh.heal()
    await until('sixteen echoes', () => waiting.filter((one) => one.heard() === 'x').length === 16)
  })

  it('does not keep more than its bound for either end, and loses none of it', async () => {
    const size = 16 * MAX_QUEUED_BYTES
    let received = 0
    const { mesh, dial } = await pair((socket) => socket.on('data', (bytes: Uint8Array) => (received += bytes.length)))
    const client = dial()
    await until('the connection', () => !client.socket.connecting)
    mesh.partition([[1], [2]])
    let written = 0
    const chunk = new Uint8Array(64 * 1024)
    const feed = () => {
      while (written < size) {
        written += chunk.length
        if (!client.socket.write(chunk)) break
      }
    }
    client.socket.on('drain', feed)
    feed()
    await pause(300)
    // The system's own socket buffers hold some too, here and there.
    expect(written).toBeLessThan(size)
    expect(received).toBe(0)
    mesh.heal()
    await until('all of it', () => received === size)
  })

  it('has those who were not named in one more group, also when they come later', async () => {
    const { mesh } = await pair(echo)
    mesh.partition([[2]])
    await mesh.add(3, { host, port: 1 })
    const separated = mesh.list().flatMap((line) => (line.separated ? [`${line.from}>${line.to}`] : []))
    expect(separated).toEqual(['1>2', '2>1', '2>3', '3>2'])
    mesh.heal()
    expect(mesh.list().some((line) => line.separated)).toBe(false)
  })
})

describe('a shaped link', () => {
  it('delays the direction it is set for, in order', async () => {
    const { mesh, dial } = await pair(echo)
    const client = dial()
    client.socket.write('a')
    await until('the echo', () => client.heard() === 'a')
    mesh.shape([{ from: 2, to: 1 }], { delayMs: 150 })
    const start = performance.now()
    for (const letter of 'bcdefgh') {
      client.socket.write(letter)
      await pause(5)
    }
    await until('the echoes', () => client.heard() === 'abcdefgh')
    expect(performance.now() - start).toBeGreaterThanOrEqual(149)
    expect(mesh.list().map(({ from, shape }) => [from, shape.delayMs])).toEqual([
      [1, 0],
      [2, 150],
    ])
    expect(mesh.reset(null)).toBe(1)
    client.socket.write('i')
    await until('the last echo', () => client.heard().endsWith('i'))
  })

  it('keeps the order under loss and jitter', async () => {
    const wanted = Array.from({ length: 50 }, (_, index) => `${index};`).join('')
    const { mesh, dial } = await pair((socket) => socket.once('data', () => void sendSlowly(socket, wanted)))
    mesh.shape(null, { jitterMs: 10, loss: 0.02 })
    const client = dial()
    client.socket.write('go')
    await until('all of it', () => client.heard() === wanted)
  })

  it('with a loss of all is cut, in one direction if it is one', async () => {
    const { mesh, dial, passed } = await pair(echo)
    const client = dial()
    client.socket.write('a')
    await until('the echo', () => client.heard() === 'a')
    mesh.shape([{ from: 2, to: 1 }], { loss: 1 })
    client.socket.write('b')
    await until('the byte there', () => passed()['1>2'] === 2)
    await pause(50)
    expect(passed()['2>1']).toBe(1)
    mesh.reset(null)
    await until('the byte back', () => client.heard() === 'ab')
  })

  it('sends no faster than its bandwidth', async () => {
    const { mesh, dial } = await pair((socket) => socket.end('x'.repeat(10_000)))
    mesh.shape([{ from: 2, to: 1 }], { bandwidth: 400_000 })
    const start = performance.now()
    const client = dial()
    await until('all of it', () => client.heard().length === 10_000)
    // 10 000 bytes at 50 000 bytes a second.
    expect(performance.now() - start).toBeGreaterThanOrEqual(190)
  })
})

async function sendSlowly(socket: Socket, text: string): Promise<void> {
  for (const piece of text.split(/(?<=;)/)) {
    socket.write(piece)
    await pause(1)
  }
}
