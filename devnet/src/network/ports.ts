/** Finding out which TCP ports are free before a node process is started on them. */
import { createServer } from 'node:net'
import { MAX_PORT } from '@touchstone/node/config-limits'
import { CliError, usageError } from '../output/errors.ts'
import { MAX_NODE_COUNT } from './limits.ts'

/** Below {@link anyPorts}. */
const peerPorts = { first: 10_000, networks: 500 }
const PORTS_TRIED = 2000

async function isPortFree(host: string, port: number): Promise<boolean> {
  return (await listenError(host, port)) === null
}

/** Ports of `count` nodes from `first` up. @throws CliError naming the first port that is taken, or is none. */
export async function requirePorts(
  host: string,
  first: number,
  count: number,
  option: '--port' | '--metrics-port' = '--port',
): Promise<number[]> {
  const last = first + count - 1
  if (last > MAX_PORT) {
    throw usageError(
      `${option} ${first}: ${count} nodes take the ports ${first} to ${last}, and the last there is is ${MAX_PORT}`,
      `choose a port from 1 to ${MAX_PORT - count + 1}`,
    )
  }
  const ports = Array.from({ length: count }, (_, position) => first + position)
  for (const port of ports) {
    const error = await listenError(host, port)
    if (error !== null) throw cannotListen(host, port, error, option)
  }
  return ports
}

function listenError(host: string, port: number): Promise<NodeJS.ErrnoException | null> {
  return new Promise((resolve) => {
    const server = createServer()
    server.once('error', resolve)
    server.listen({ host, port, exclusive: true }, () => server.close(() => resolve(null)))
  })
}

function cannotListen(host: string, port: number, error: NodeJS.ErrnoException, option: string): CliError {
  if (error.code === 'EADDRINUSE') {
    const other = port + 1000 > MAX_PORT - MAX_NODE_COUNT ? port - 1000 : port + 1000
    return new CliError(`port ${port} on ${host} is in use by another program`, {
      hint: `stop it, or choose other ports: ${option} ${other} (each node takes one, counting up)`,
    })
  }
  if (error.code === 'EACCES') {
    return new CliError(`this user may not listen on port ${port}`, {
      hint: `choose one above 1023, such as ${option} ${option === '--port' ? 8545 : 9100}`,
    })
  }
  return new CliError(`cannot listen on ${host}: ${error.message}`, {
    hint: `give an address of this machine: ${option === '--port' ? '--host' : '--metrics-host'} 127.0.0.1, or 0.0.0.0 for all of them`,
  })
}

/**
 * Free ports for libp2p; they need not stay the same from run to run. `taken` are not offered, free or not: of this network
 * too no port is in use before its node listens.
 */
export function findPeerPorts(host: string, count: number, taken: readonly number[]): Promise<number[]> {
  // Each network looks in another place first: a port is free for all until a node listens, and nodes take a second.
  const first = peerPorts.first + (process.pid % peerPorts.networks) * MAX_NODE_COUNT
  return findPorts(host, first, count, taken, "the nodes' peer connections")
}

/** The first free port from `first` up; `what` is said when there is none. */
export async function findPort(host: string, first: number, taken: readonly number[], what: string): Promise<number> {
  return (await findPorts(host, first, 1, taken, what))[0]!
}

async function findPorts(
  host: string,
  first: number,
  count: number,
  taken: readonly number[],
  what: string,
): Promise<number[]> {
  const found: number[] = []
  const last = Math.min(first + PORTS_TRIED, MAX_PORT + 1)
  for (let port = first; found.length < count && port < last; port++) {
    if (!taken.includes(port) && (await isPortFree(host, port))) found.push(port)
  }
  if (found.length < count) throw new CliError(`no ${count} free ports from ${first} up for ${what}`)
  return found
}

/**
 * Where networks that do not care are put: below the ports that systems give to outgoing connections (from 32768 on Linux).
 */
const anyPorts = { first: 20_000, count: 12_000 }

/** The first of `count` neighbouring ports that are all free, for a network that does not care which. */
export async function freePortRange(host: string, count: number): Promise<number> {
  for (let attempt = 0; attempt < 100; attempt++) {
    const first = anyPorts.first + ((process.pid * 131 + attempt * 997) % anyPorts.count)
    const ports = Array.from({ length: count }, (_, offset) => first + offset)
    if ((await Promise.all(ports.map((port) => isPortFree(host, port)))).every(Boolean)) return first
  }
  throw new CliError(
    `no ${count} neighbouring ports are free from ${anyPorts.first} to ${anyPorts.first + anyPorts.count}`,
  )
}
