import { expect, test } from 'vitest'
import { type Connection, Connections } from './connections.ts'

function setUp(all: number, socket: number) {
  const connections = new Connections({ all, socket, pageSocket: socket })
  const evicted: string[] = []
  /** `as`: client `a`, a WebSocket that awaits nothing; `aw`: one with subscriptions; else HTTP. */
  const open = (name: string): Connection & { opened: boolean } => {
    const connection: Connection = {
      name: name[0]!,
      kind: /^.[sw]/.test(name) ? 'socket' : 'http',
      awaits: () => name[1] === 'w',
      evict: () => evicted.push(name),
    }
    return Object.assign(connection, { opened: connections.open(connection) })
  }
  return { connections, evicted, open }
}

test('the idlest of the client that has most goes', () => {
  const { connections, evicted, open } = setUp(4, 4)
  const [a1, , a3] = [open('a1'), open('b1'), open('a3'), open('b2')]
  connections.begin(a1)
  connections.end(a1)
  open('c1')
  // As many of a as of b: then who is first.
  expect(evicted).toEqual(['b1'])
  open('c2')
  expect(evicted).toEqual(['b1', 'a3'])
  connections.close(a3)
  expect(connections.count('all')).toBe(4)
})

test('who has one connection keeps it, however long it was idle, while another opens more', () => {
  const { evicted, open } = setUp(3, 3)
  for (const name of ['b1', 'a1', 'a2', 'a3', 'a4']) expect(open(name).opened).toBe(true)
  expect(evicted).toEqual(['a1', 'a2'])
})

test('what is being answered stays, and what awaits notifications goes last', () => {
  const { connections, evicted, open } = setUp(4, 3)
  const [busy] = [open('a1'), open('aw1'), open('as2'), open('b1')]
  connections.begin(busy)
  for (const name of ['c1', 'd1', 'e1']) expect(open(name).opened).toBe(true)
  expect(evicted).toEqual(['as2', 'b1', 'c1'])
  const others = [open('f1'), open('f2')]
  expect(evicted).toEqual(['as2', 'b1', 'c1', 'd1', 'e1'])
  for (const one of others) connections.begin(one)
  expect(open('g1').opened).toBe(true)
  expect(evicted.at(-1)).toBe('aw1')
})

test('with none idle there is no room; WebSockets have a bound of their own', () => {
  const { connections, evicted, open } = setUp(9, 1)
  const socket = open('as1')
  connections.begin(socket)
  expect([connections.hasRoom('socket'), connections.hasRoom('http')]).toEqual([false, true])
  expect(open('bs1').opened).toBe(false)
  expect(open('b1').opened).toBe(true)
  connections.end(socket)
  expect(connections.hasRoom('socket')).toBe(true)
  expect([open('bs2').opened, evicted]).toEqual([true, ['as1']])
})
