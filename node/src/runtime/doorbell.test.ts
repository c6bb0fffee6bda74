/** A port on which the first who connects is noticed, and nothing is read. */
import { connect } from 'node:net'
import { expect, it } from 'vitest'
import { openDoorbell } from './doorbell.ts'

/** Resolves when the other side has hung up. */
function knock(port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host: '127.0.0.1', port })
    socket.on('error', (error: NodeJS.ErrnoException) => (error.code === 'ECONNRESET' ? resolve() : reject(error)))
    socket.on('close', () => resolve())
    socket.resume()
  })
}

it('rings for who connects, who is hung up on; its port is free when it is closed', async () => {
  const doorbell = await openDoorbell('127.0.0.1', 0)
  const second = openDoorbell('127.0.0.1', doorbell.port)
  await expect(second).rejects.toMatchObject({ code: 'EADDRINUSE' })
  await knock(doorbell.port)
  await doorbell.rung
  await knock(doorbell.port)
  await doorbell.close()
  await doorbell.close()
  const again = await openDoorbell('127.0.0.1', doorbell.port)
  expect(again.port).toBe(doorbell.port)
  await again.close()
})
