/** Listens on a port for the first who connects, of whom nothing is read. */
import { createServer } from 'node:net'

/** An open port on which nothing is answered. */
export interface Doorbell {
  /** The port that the system chose, where it was to choose. */
  readonly port: number
  /** Resolves when somebody has connected, who was hung up on; never, where nobody has before `close`. */
  readonly rung: Promise<void>
  /** The port is free when it resolves. Idempotent. */
  close(): Promise<void>
}

/** @throws what the system says of the address: in use, not ours. */
export async function openDoorbell(host: string, port: number): Promise<Doorbell> {
  const { promise: rung, resolve } = Promise.withResolvers<void>()
  const server = createServer((socket) => {
    socket.on('error', () => socket.destroy())
    socket.destroy()
    resolve()
  })
  await new Promise<void>((listening, reject) => {
    server.once('error', reject)
    server.listen({ host, port }, () => {
      server.off('error', reject)
      // Of connections that could not be accepted: the next one may be.
      server.on('error', () => undefined)
      listening()
    })
  })
  const address = server.address()
  let closing: Promise<void> | null = null
  return {
    port: typeof address === 'object' && address !== null ? address.port : port,
    rung,
    close() {
      closing ??= new Promise((closed) => server.close(() => closed()))
      return closing
    },
  }
}
