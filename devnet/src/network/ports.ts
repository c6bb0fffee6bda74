/** Finding out which TCP ports are free before a node process is started on them. */
import { createServer } from 'node:net'
import { CliError } from '../output/errors.ts'

const firstPeerPort = 30303
const peerPortsTried = 2000

export async function isPortFree(host: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer()
    server.once('error', () => resolve(false))
    server.listen({ host, port, exclusive: true }, () => server.close(() => resolve(true)))
  })
}

/** @throws CliError naming the first port that is taken. */
export async function requirePorts(host: string, ports: readonly number[]): Promise<void> {
  for (const port of ports) {
    if (await isPortFree(host, port)) continue
    throw new CliError(`port ${port} on ${host} is in use by another program`, {
      hint: `stop it, or choose other ports: --port ${port + 1000} (each node takes one, counting up)`,
    })
  }
}

/** Free ports for libp2p; they need not stay the same from run to run. */
export async function findPeerPorts(host: string, count: number): Promise<number[]> {
  const found: number[] = []
  for (let port = firstPeerPort; found.length < count && port < firstPeerPort + peerPortsTried; port++) {
    if (await isPortFree(host, port)) found.push(port)
  }
  if (found.length < count)
    throw new CliError(`no ${count} free ports from ${firstPeerPort} up for the nodes' peer connections`)
  return found
}
