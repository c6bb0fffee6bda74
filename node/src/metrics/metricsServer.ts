/**
 * Gives the metrics over HTTP, on a port of their own and on loopback unless told otherwise: they tell what a node does and
 * whom it talks to about how much.
 *
 * A web page must not read them, nor make the node collect them. The headers of browsers (Origin, Sec-Fetch-Site)
 * and the name it was sent to (Host, against DNS rebinding) are checked as by JSON-RPC; there are no CORS headers. A
 * caller that asks more often than is worth it gets the same text again.
 */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { isLoopback } from '../codec/ipAddress.ts'
import { callerOf, type OriginRules, refusedHost } from '../rpc/origin.ts'
import type { Clock } from '../runtime/clock.ts'
import type { Logger } from '../runtime/logging/logger.ts'
import { MAX_METRICS_CONNECTIONS, METRICS_LIFETIME, METRICS_REQUEST_TIMEOUT } from './limits.ts'
import type { NodeMetrics } from './nodeMetrics.ts'

export interface MetricsServerOptions {
  readonly metrics: Pick<NodeMetrics, 'text' | 'contentType'>
  readonly host: string
  /** 0 for any free port. */
  readonly port: number
  readonly clock: Clock
  readonly logger: Logger
}

export interface MetricsServer {
  readonly port: number
  close(): Promise<void>
}

const PATH = '/metrics'

/** @throws the system's error when the address is taken or not ours. */
export async function startMetricsServer(options: MetricsServerOptions): Promise<MetricsServer> {
  const { host, logger } = options
  const origins: OriginRules = { allowedHosts: isLoopback(host) ? ['localhost', host] : '*', allowedOrigins: [] }
  const text = collectedRarely(options)
  const server = createServer({
    requestTimeout: METRICS_REQUEST_TIMEOUT,
    headersTimeout: METRICS_REQUEST_TIMEOUT,
    keepAliveTimeout: METRICS_REQUEST_TIMEOUT,
    connectionsCheckingInterval: METRICS_REQUEST_TIMEOUT,
  })
  server.maxConnections = MAX_METRICS_CONNECTIONS
  // One that does not read its answer.
  server.timeout = 2 * METRICS_REQUEST_TIMEOUT
  server.on('request', (request, response) => {
    const refusal = refusalOf(origins, request)
    if (refusal !== null) return answer(request, response, refusal.status, 'text/plain', `${refusal.message}\n`)
    text().then(
      (body) => answer(request, response, 200, options.metrics.contentType, body),
      (error: unknown) => {
        logger.error({ error: String(error) }, 'the metrics could not be collected')
        answer(request, response, 500, 'text/plain', 'the metrics could not be collected; see the log of this node\n')
      },
    )
  })
  const { promise: listening, resolve, reject } = Promise.withResolvers<void>()
  server.once('error', reject)
  server.listen(options.port, host, resolve)
  await listening
  server.removeListener('error', reject)
  server.on('error', (error) => logger.error({ error: error.message }, 'metrics server error'))
  return {
    port: (server.address() as AddressInfo).port,
    close() {
      const { promise: closed, resolve: done } = Promise.withResolvers<void>()
      server.close(() => done())
      server.closeAllConnections()
      return closed
    },
  }
}

function refusalOf(origins: OriginRules, request: IncomingMessage): { status: number; message: string } | null {
  const { headers, method, url } = request
  const host = refusedHost(origins, headers.host)
  if (host !== null) return { status: 403, message: host }
  if (isOfAnotherSite(origins, headers)) {
    return { status: 403, message: 'metrics are not for web pages: ask from a program, or type this address' }
  }
  if (method !== 'GET' && method !== 'HEAD') return { status: 405, message: `ask with GET ${PATH}` }
  if (!/^\/metrics(\?|$)/.test(url ?? '')) return { status: 404, message: `the metrics are at ${PATH}` }
  return null
}

/** `none`: somebody typed the address, or followed a bookmark (w3.org/TR/fetch-metadata). */
function isOfAnotherSite(origins: OriginRules, headers: IncomingMessage['headers']): boolean {
  const site = headers['sec-fetch-site']
  if (headers.origin === undefined && (site === 'none' || site === 'same-origin')) return false
  return callerOf(origins, headers).kind !== 'program'
}

function answer(request: IncomingMessage, response: ServerResponse, status: number, type: string, text: string): void {
  if (response.destroyed) return
  // A body that nobody asked for is not read.
  if (!request.complete) response.setHeader('Connection', 'close')
  const bytes = Buffer.from(text)
  response.writeHead(status, {
    'Content-Type': type,
    'Content-Length': bytes.length,
    'Cache-Control': 'no-store',
    'X-Content-Type-Options': 'nosniff',
  })
  response.end(request.method === 'HEAD' ? undefined : bytes)
}

/** One collection at a time, which all who ask meanwhile and shortly after share. */
function collectedRarely({ metrics, clock }: MetricsServerOptions): () => Promise<string> {
  let last: Promise<string> | null = null
  let fresh = 0
  let isCollecting = false
  return () => {
    if (last !== null && (isCollecting || clock.monotonic() < fresh)) return last
    isCollecting = true
    last = metrics.text().finally(() => {
      isCollecting = false
      fresh = clock.monotonic() + METRICS_LIFETIME
    })
    return last
  }
}
