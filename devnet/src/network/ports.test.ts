import { createServer } from 'node:net'
import { expect, it } from 'vitest'
import { findPeerPorts } from './ports.ts'

const HOST = '127.0.0.1'

it('offers peers no port that the network has planned for something else, though nobody listens on it yet', async () => {
  const [first, second] = await findPeerPorts(HOST, 2, [])
  const others = await findPeerPorts(HOST, 2, [first!, second!])
  expect(others.filter((port) => port === first || port === second)).toEqual([])
})

it('offers peers no port that is in use', async () => {
  const [first] = await findPeerPorts(HOST, 1, [])
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(first, HOST, resolve))
  try {
    const ports = await findPeerPorts(HOST, 20, [])
    expect(ports).not.toContain(first)
    expect(ports.length).toBe(20)
  } finally {
    await new Promise((resolve) => server.close(resolve))
  }
})
