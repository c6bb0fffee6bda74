/**
 * JSON-RPC over HTTP: one POST, one answer. The status is 200 whatever is wrong with the JSON-RPC in it, and the body
 * says what; other statuses are for requests that never get that far (another method, a host that is not allowed, a
 * content type that a page may send without asking).
 */
import type { IncomingMessage, ServerResponse } from 'node:http'
import { bodyTooLarge, INVALID_REQUEST, LIMIT_EXCEEDED, RpcError } from '../errors.ts'
import type { RpcLimits } from '../limits.ts'
import { type Caller, callerOf, type OriginRules, refusedContentType, refusedHost } from '../origin.ts'
import type { RpcContext } from '../reading/context.ts'
import type { Connection, Connections } from './connections.ts'
import type { Dispatcher } from './dispatcher.ts'
import type { Gates } from './gate.ts'
import type { Health } from './health.ts'
import type { Held, Holding } from './held.ts'

type Headers = Readonly<Record<string, string>>

const METHODS = 'POST, GET, HEAD, OPTIONS'
/** Every page may read the chain and send what is signed; its further rights depend on the method (origin.ts). */
const FOR_ANY_PAGE: Headers = { 'Access-Control-Allow-Origin': '*' }
/** Seconds a browser may remember that it may call us. */
const PREFLIGHT_MAX_AGE = '86400'
/** The page for load balancers and watchdogs, as from geth: the server is there. */
const HEALTHY = 'This is a Touchstone node. Send JSON-RPC 2.0 requests with POST, or open a WebSocket.\n'
/** Names of headers with commas between them (RFC 9110, 5.6.1 and 5.6.2). */
const HEADER_NAMES = /^[!#$%&'*+.^_`|~\w-]+([ \t]*,[ \t]*[!#$%&'*+.^_`|~\w-]+)*$/

export interface HttpEndpoint {
  readonly dispatcher: Dispatcher
  /** A request's own is this and who calls. */
  readonly context: Omit<RpcContext, 'caller'>
  readonly gatesOf: (caller: Caller) => Gates
  readonly connections: Connections
  readonly connectionOf: (request: IncomingMessage) => Connection
  /** Where the bytes of a caller's bodies count. */
  readonly bodiesOf: (caller: Caller) => Held
  /** Bytes of answers that are not read yet, all clients together. */
  readonly answers: Held
  readonly origins: OriginRules
  readonly health: Health
}

export async function answerHttp(
  endpoint: HttpEndpoint,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const { dispatcher, connections, origins } = endpoint
  const { headers } = request
  const hostRefusal = refusedHost(origins, headers.host)
  if (hostRefusal !== null) return refuse(request, response, 403, hostRefusal)
  if (request.method === 'OPTIONS') {
    response.writeHead(204, { ...FOR_ANY_PAGE, ...preflightHeaders(headers) }).end()
    return
  }
  if (request.method === 'GET' || request.method === 'HEAD') {
    const [path] = (request.url ?? '').split('?', 1)
    if (path === '/') {
      const text = { 'Content-Type': 'text/plain', 'Content-Length': HEALTHY.length }
      response.writeHead(200, { ...FOR_ANY_PAGE, ...text }).end(HEALTHY)
      return
    }
    if (path === '/health' || path === '/ready') {
      const state = path === '/health' ? await endpoint.health.live() : endpoint.health.ready()
      send(response, state.reasons.length === 0 ? 200 : 503, JSON.stringify(state), { 'Cache-Control': 'no-store' })
      return
    }
  }
  if (request.method !== 'POST') {
    const message = 'send JSON-RPC 2.0 requests with POST, or open a WebSocket'
    return refuse(request, response, 405, message, INVALID_REQUEST, { Allow: METHODS })
  }
  const caller = callerOf(origins, headers, request.socket.remoteAddress)
  const typeRefusal = refusedContentType(caller, headers['content-type'])
  if (typeRefusal !== null) {
    return refuse(request, response, 415, typeRefusal, INVALID_REQUEST, { 'Accept-Post': 'application/json' })
  }
  const context: RpcContext = { ...endpoint.context, caller }
  const body = new Body(endpoint.bodiesOf(caller), caller.name, context.limits)
  const connection = endpoint.connectionOf(request)
  let begun = false
  try {
    const bytes = await body.read(request)
    if (bytes instanceof RpcError) return refuse(request, response, 200, bytes.message, bytes.code)
    if (bytes === null) return
    // Not before: a connection whose request does not come to its end is as good as idle.
    connections.begin(connection)
    begun = true
    // A client that waits for an answer, or for its turn, has nothing to do meanwhile.
    request.socket.setTimeout(0)
    const visitor = { gates: endpoint.gatesOf(caller), name: caller.name, connection }
    const answer = await dispatcher.answer(bytes, context, visitor, () => response.destroyed)
    sendHeld(endpoint.answers, caller.name, response, answer)
  } finally {
    if (begun) {
      connections.end(connection)
      request.socket.setTimeout(context.limits.idleTimeout)
    }
    body.release()
  }
}

/**
 * To a browser that asks first. With whatever headers it wants to send: libraries that trace requests add some, and none of
 * them means anything here.
 *
 * Private Network Access (wicg.github.io/private-network-access): before a page of the internet reaches an address of
 * this machine, browsers ask whether we want that. We do, as with CORS.
 */
function preflightHeaders(headers: IncomingMessage['headers']): Headers {
  const asked = headers['access-control-request-headers']
  const isPrivate = headers['access-control-request-private-network'] === 'true'
  return {
    'Access-Control-Allow-Methods': METHODS,
    'Access-Control-Allow-Headers':
      asked !== undefined && HEADER_NAMES.test(asked) ? asked : 'Content-Type, Authorization, Accept',
    'Access-Control-Max-Age': PREFLIGHT_MAX_AGE,
    ...(isPrivate ? { 'Access-Control-Allow-Private-Network': 'true' } : {}),
  }
}

/** For a request whose body was not read to its end: the connection cannot carry another. */
function refuse(
  request: IncomingMessage,
  response: ServerResponse,
  status: number,
  message: string,
  code: number = INVALID_REQUEST,
  headers: Headers = {},
): void {
  const text = JSON.stringify({ jsonrpc: '2.0', id: null, error: { code, message } })
  send(response, status, text, request.complete ? headers : { ...headers, Connection: 'close' })
}

/** An answer counts until its client has read it or is gone: slow readers must not fill memory together. */
function sendHeld(held: Held, name: string, response: ServerResponse, text: string | null): void {
  if (response.destroyed) return
  // Characters, a little less than the bytes: what is not ASCII in an answer are names and reasons.
  const length = text?.length ?? 0
  const holding: Holding = { name, drop: () => response.destroy() }
  if (!held.take(holding, length)) {
    const message = 'too many answers wait to be read (maxHeldAnswerBytes); try again'
    send(response, 200, JSON.stringify({ jsonrpc: '2.0', id: null, error: { code: LIMIT_EXCEEDED, message } }))
    return
  }
  response.once('close', () => held.give(holding))
  send(response, 200, text)
}

function send(response: ServerResponse, status: number, text: string | null, headers: Headers = {}): void {
  if (response.destroyed) return
  if (text === null) {
    response.writeHead(204, FOR_ANY_PAGE).end()
    return
  }
  const length = Buffer.byteLength(text)
  // As text, which goes to the socket in one piece with the headers.
  response
    .writeHead(status, { 'Content-Type': 'application/json', 'Content-Length': length, ...FOR_ANY_PAGE, ...headers })
    .end(text)
}

const NO_ROOM = 'too many request bodies at once (maxHeldBodyBytes; of pages of other sites, maxHeldBodyBytesOfPages)'

/**
 * The body of one request. Never holds more than `maxBodyBytes`, nor all bodies together more than `maxHeldBodyBytes`.
 * The body throws away any bytes after that, up to `maxDrainBytes`, because a client that is still sending reads no refusal.
 */
class Body {
  readonly #held: Held
  readonly #holding: Holding
  readonly #limits: RpcLimits
  readonly #read = Promise.withResolvers<Uint8Array | RpcError | null>()
  #chunks: Uint8Array[] = []
  #length = 0
  #refusal: RpcError | null = null

  constructor(held: Held, name: string, limits: RpcLimits) {
    this.#held = held
    this.#limits = limits
    this.#holding = {
      name,
      drop: () => {
        this.#refuse(new RpcError(LIMIT_EXCEEDED, `${NO_ROOM}, and this one did not come to its end; try again`))
        this.#read.resolve(this.#refusal)
      },
    }
  }

  /** Null when the client went away. */
  read(request: IncomingMessage): Promise<Uint8Array | RpcError | null> {
    const { maxDrainBytes } = this.#limits
    if (Number(request.headers['content-length'] ?? 0) > maxDrainBytes) return Promise.resolve(this.#tooLarge())
    const { promise, resolve } = this.#read
    let received = 0
    request.on('data', (chunk: Uint8Array) => {
      received += chunk.length
      this.#add(chunk)
      if (received <= maxDrainBytes) return
      request.pause()
      resolve(this.#refusal)
    })
    request.on('end', () => {
      this.#holding.drop = null
      resolve(this.#refusal ?? Buffer.concat(this.#chunks, this.#length))
    })
    request.on('error', () => resolve(null))
    request.on('close', () => resolve(null))
    return promise
  }

  release(): void {
    this.#held.give(this.#holding)
    this.#chunks = []
    this.#length = 0
  }

  #add(chunk: Uint8Array): void {
    if (this.#refusal !== null) return
    if (this.#length + chunk.length > this.#limits.maxBodyBytes) {
      this.#refuse(this.#tooLarge())
    } else if (!this.#held.take(this.#holding, chunk.length)) {
      this.#refuse(new RpcError(LIMIT_EXCEEDED, `${NO_ROOM}; try again`))
    } else {
      this.#chunks.push(chunk)
      this.#length += chunk.length
    }
  }

  #refuse(refusal: RpcError): void {
    this.#refusal = refusal
    this.release()
  }

  #tooLarge(): RpcError {
    return bodyTooLarge(this.#limits.maxBodyBytes)
  }
}
