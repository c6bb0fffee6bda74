/**
 * JSON-RPC over HTTP: one POST, one answer. Whatever is wrong with the JSON-RPC in it, the status is 200 and the body
 * says what; other statuses are for requests that never get that far (another method, a host or origin not allowed).
 */
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { RpcContext } from './context.ts'
import type { Dispatcher } from './dispatcher.ts'
import { INVALID_REQUEST } from './errors.ts'
import type { RpcLimits } from './limits.ts'
import { type OriginRules, refusal } from './origin.ts'
import type { Slots } from './slots.ts'

/** Seconds a browser may remember that it may call us. */
const PREFLIGHT_MAX_AGE = '86400'

export interface HttpEndpoint {
  readonly dispatcher: Dispatcher
  readonly context: RpcContext
  readonly slots: Slots
  readonly origins: OriginRules
}

export async function answerHttp(
  endpoint: HttpEndpoint,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const { dispatcher, context, slots, origins } = endpoint
  const { origin, host } = request.headers
  setCorsHeaders(response, origins, origin)
  const refused = refusal(origins, host, origin)
  if (refused !== null) return refuse(request, response, 403, refused)
  if (request.method === 'OPTIONS') {
    response.writeHead(204).end()
    return
  }
  if (request.method !== 'POST') {
    response.setHeader('Allow', 'POST, OPTIONS')
    return refuse(request, response, 405, 'send JSON-RPC 2.0 requests with POST, or open a WebSocket')
  }
  const body = await readBody(request, context.limits)
  if (body === null) return
  if (body === 'too-large') {
    const { maxBodyBytes } = context.limits
    return refuse(request, response, 200, `request body too large: at most ${maxBodyBytes} bytes (maxBodyBytes)`)
  }
  send(response, 200, await dispatcher.answer(body, context, slots))
}

function setCorsHeaders(response: ServerResponse, { allowedOrigins }: OriginRules, origin: string | undefined): void {
  if (allowedOrigins === '*') {
    response.setHeader('Access-Control-Allow-Origin', '*')
  } else {
    response.setHeader('Vary', 'Origin')
    if (origin === undefined || !allowedOrigins.includes(origin)) return
    response.setHeader('Access-Control-Allow-Origin', origin)
  }
  response.setHeader('Access-Control-Allow-Methods', 'POST, OPTIONS')
  response.setHeader('Access-Control-Allow-Headers', 'Content-Type, Authorization, Accept')
  response.setHeader('Access-Control-Max-Age', PREFLIGHT_MAX_AGE)
}

/** For a request whose body was not read to its end: the connection cannot carry another. */
function refuse(request: IncomingMessage, response: ServerResponse, status: number, message: string): void {
  if (!request.complete) response.setHeader('Connection', 'close')
  send(response, status, JSON.stringify({ jsonrpc: '2.0', id: null, error: { code: INVALID_REQUEST, message } }))
}

function send(response: ServerResponse, status: number, text: string | null): void {
  if (response.destroyed) return
  if (text === null) {
    response.writeHead(204).end()
    return
  }
  const bytes = Buffer.from(text)
  response.writeHead(status, { 'Content-Type': 'application/json', 'Content-Length': bytes.length }).end(bytes)
}

/**
 * Never holds more than `maxBodyBytes`. What comes after is thrown away, up to `maxDrainBytes`, because a client that
 * is still sending reads no refusal. Null when the client went away.
 */
function readBody(
  request: IncomingMessage,
  { maxBodyBytes, maxDrainBytes }: Pick<RpcLimits, 'maxBodyBytes' | 'maxDrainBytes'>,
): Promise<Uint8Array | 'too-large' | null> {
  if (Number(request.headers['content-length'] ?? 0) > maxDrainBytes) return Promise.resolve('too-large')
  const { promise, resolve } = Promise.withResolvers<Uint8Array | 'too-large' | null>()
  let chunks: Uint8Array[] = []
  let length = 0
  request.on('data', (chunk: Uint8Array) => {
    length += chunk.length
    if (length <= maxBodyBytes) {
      chunks.push(chunk)
      return
    }
    chunks = []
    if (length > maxDrainBytes) {
      request.pause()
      resolve('too-large')
    }
  })
  request.on('end', () => resolve(length > maxBodyBytes ? 'too-large' : joined(chunks, length)))
  request.on('error', () => resolve(null))
  request.on('close', () => resolve(null))
  return promise
}

function joined(chunks: readonly Uint8Array[], length: number): Uint8Array {
  return chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks, length)
}
