/** The JSON-RPC server: HTTP and WebSocket on one port, wired to the node behind {@link RpcBackend}. */
import type { AddressInfo } from 'node:net'
import type { Duplex } from 'node:stream'
import { WebSocketServer } from 'ws'
import { toHex } from '../../codec/hex.ts'
import { isLoopback, machineOf } from '../../codec/ipAddress.ts'
import type { Logger } from '../../runtime/logging/logger.ts'
import type { RpcBackend } from '../backend.ts'
import { CLIENT_ID_BYTES, DEFAULT_RPC_LIMITS, type RpcLimits } from '../limits.ts'
import type { RpcMethod } from '../method.ts'
import { type Caller, callerOf, type OriginRules, refusedHost } from '../origin.ts'
import { Blocks } from '../reading/blocks.ts'
import { Filters } from '../reading/filters.ts'
import { SendHold } from '../reading/sendHold.ts'
import { Subscriptions } from '../reading/subscriptions.ts'
import { METHODS } from '../registry.ts'
import { type Connection, Connections } from './connections.ts'
import { Dispatcher, type RpcObserver } from './dispatcher.ts'
import { countsOf, createGates, type GateCounts } from './gate.ts'
import { Health } from './health.ts'
import { Held } from './held.ts'
import { answerHttp, type HttpEndpoint } from './http.ts'
import { serveSocket, socketsThatSay } from './webSocket.ts'

/** An import of the module would read all its exports, and one of them loads a client of WebSockets: 50 ms of a start. */
const { createServer, STATUS_CODES } = process.getBuiltinModule('node:http')

export interface RpcServerOptions {
  readonly backend: RpcBackend
  /** An IP address or name of this machine; loopback unless said otherwise. */
  readonly host?: string
  /** 0 for any free port. */
  readonly port: number
  readonly limits?: Partial<RpcLimits>
  /** Default: the backend's. */
  readonly logger?: Logger
  /** Default: `localhost` and the host itself on loopback, any name elsewhere. IP addresses are always allowed. */
  readonly allowedHosts?: OriginRules['allowedHosts']
  /** Default: every method there is. */
  readonly methods?: ReadonlyMap<string, RpcMethod>
  /** Default: none but those of this machine. */
  readonly allowedOrigins?: OriginRules['allowedOrigins']
  readonly observer?: RpcObserver | undefined
}

export interface RpcServer {
  readonly host: string
  readonly port: number
  /** Open connections by kind, and requests that run and wait, of everybody. */
  counts(): {
    readonly connections: Readonly<Record<Connection['kind'], number>>
    readonly requests: GateCounts
  }
  /** Ends every connection, and with it every subscription. */
  close(): Promise<void>
}

const LOOPBACK = '127.0.0.1'
/** Milliseconds between two looks for requests that take too long to arrive. */
const CHECKING_INTERVAL = 5_000

/** @throws the system's error when the address is taken or not ours. */
export async function startRpcServer(options: RpcServerOptions): Promise<RpcServer> {
  const host = options.host ?? LOOPBACK
  const { backend } = options
  const logger = options.logger ?? backend.logger
  const limits: RpcLimits = { ...DEFAULT_RPC_LIMITS, ...options.limits }
  const origins: OriginRules = {
    allowedHosts: options.allowedHosts ?? (isLoopback(host) ? ['localhost', host] : '*'),
    allowedOrigins: options.allowedOrigins ?? [],
  }

  const blocks = new Blocks(backend.chain, limits)
  const filters = new Filters(backend, blocks, limits, () => randomHex(CLIENT_ID_BYTES))
  const subscriptions = new Subscriptions(backend, blocks, limits.maxSubscriptionsPerSocket, () =>
    randomHex(CLIENT_ID_BYTES),
  )
  const dispatcher = new Dispatcher(options.methods ?? METHODS, randomHex, options.observer)
  const health = new Health(backend)
  const gates = {
    others: createGates(limits, backend.clock),
    pages: createGates(limits, backend.clock, 'OfPages'),
  }
  const gatesOf = ({ kind }: Caller) => (kind === 'page' ? gates.pages : gates.others)
  const connections = new Connections({
    all: limits.maxConnections,
    socket: limits.maxSockets,
    pageSocket: limits.maxSocketsOfPages,
  })
  const ofStream = new WeakMap<Duplex, Connection>()
  const bodies = { others: new Held(limits.maxHeldBodyBytes), pages: new Held(limits.maxHeldBodyBytesOfPages) }
  const bodiesOf = ({ kind }: Caller) => (kind === 'page' ? bodies.pages : bodies.others)
  const shared = {
    backend,
    limits,
    logger,
    blocks,
    filters,
    sendHold: new SendHold(backend.clock),
    isOver: () => false,
  }
  const endpoint: HttpEndpoint = {
    dispatcher,
    context: { ...shared, subscriptions: null },
    gatesOf,
    connections,
    connectionOf: ({ socket }) => ofStream.get(socket)!,
    bodiesOf,
    answers: new Held(limits.maxHeldAnswerBytes),
    origins,
    health,
  }

  const server = createServer({
    requestTimeout: limits.requestTimeout,
    keepAliveTimeout: limits.idleTimeout,
    connectionsCheckingInterval: Math.min(limits.requestTimeout, CHECKING_INTERVAL),
  })
  server.timeout = limits.idleTimeout
  server.on('connection', (stream) => {
    const connection: Connection = {
      name: machineOf(stream.remoteAddress ?? ''),
      kind: 'http',
      awaits: () => false,
      evict: () => stream.destroy(),
    }
    if (!connections.open(connection)) {
      stream.destroy()
      return
    }
    ofStream.set(stream, connection)
    stream.once('close', () => connections.close(connection))
  })
  server.on('request', (request, response) => {
    answerHttp(endpoint, request, response).catch((error: unknown) => {
      logger.error({ error: String(error) }, 'JSON-RPC over HTTP failed')
      response.destroy()
    })
  })

  /** Made for the first: a bundle loads the library then, which takes a tenth of a start. */
  let sockets: WebSocketServer | null = null
  const openSockets = () =>
    new WebSocketServer({
      noServer: true,
      maxPayload: limits.maxBodyBytes,
      perMessageDeflate: false,
      WebSocket: socketsThatSay(limits.maxBodyBytes),
    })
  const unreadByAll = () => {
    let bytes = 0
    for (const { bufferedAmount } of sockets?.clients ?? []) bytes += bufferedAmount
    return bytes
  }
  server.on('upgrade', (request, stream, head) => {
    const refused = refusedHost(origins, request.headers.host)
    if (refused !== null) return refuseUpgrade(stream, 403, refused)
    const caller = callerOf(origins, request.headers, request.socket.remoteAddress)
    const [kind, bound] =
      caller.kind === 'page' ? (['pageSocket', 'maxSocketsOfPages'] as const) : (['socket', 'maxSockets'] as const)
    if (!connections.hasRoom(kind)) {
      const message = `too many WebSockets: ${limits[bound]}, and each is being answered (${bound}); try again`
      return refuseUpgrade(stream, 503, message)
    }
    const bodies = bodiesOf(caller)
    const endpoint = { dispatcher, subscriptions, connections, kind, bodies, gates: gatesOf(caller), unreadByAll }
    sockets ??= openSockets()
    sockets.handleUpgrade(request, stream, head, (socket) => {
      // From now on it is a WebSocket's.
      connections.close(ofStream.get(stream)!)
      serveSocket(socket, endpoint, { ...shared, caller })
    })
  })

  const { promise: listening, resolve, reject } = Promise.withResolvers<void>()
  server.once('error', reject)
  server.listen(options.port, host, resolve)
  await listening
  server.removeListener('error', reject)
  server.on('error', (error) => logger.error({ error: error.message }, 'JSON-RPC server error'))
  const { port } = server.address() as AddressInfo

  return {
    host,
    port,
    counts() {
      return {
        connections: {
          http: connections.count('http'),
          socket: connections.count('socket'),
          pageSocket: connections.count('pageSocket'),
        },
        requests: countsOf([gates.others, gates.pages]),
      }
    },
    async close() {
      health.close()
      const closed = Promise.withResolvers<void>()
      server.close(() => closed.resolve())
      for (const socket of sockets?.clients ?? []) socket.terminate()
      sockets?.close()
      server.closeAllConnections()
      await closed.promise
      subscriptions.close()
      filters.close()
      blocks.close()
    },
  }
}

function randomHex(length: number): string {
  return toHex(crypto.getRandomValues(new Uint8Array(length)))
}

function refuseUpgrade(stream: Duplex, status: number, message: string): void {
  stream.on('error', () => stream.destroy())
  stream.end(
    `HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\nConnection: close\r\nContent-Type: text/plain\r\n` +
      `Content-Length: ${Buffer.byteLength(message)}\r\n\r\n${message}`,
  )
}
