/**
 * JSON-RPC over WebSocket (RFC 6455): each message is a request or a batch, and subscriptions send notifications
 * between the answers. A client that asks faster than it is answered is not read until it has been. One that does not read,
 * or does not answer pings, is disconnected: messages that wait for it are memory of ours.
 */
import { WebSocket } from 'ws'
import { bodyTooLarge } from '../errors.ts'
import type { RpcContext } from '../reading/context.ts'
import type { Subscriptions } from '../reading/subscriptions.ts'
import type { Connection, Connections } from './connections.ts'
import type { Dispatcher } from './dispatcher.ts'
import type { Gates } from './gate.ts'
import type { Held, Holding } from './held.ts'

/** RFC 6455's registry of close codes: try again later. */
const TRY_AGAIN_LATER = 1013
/** RFC 6455, 7.4.1: a message is too big. */
const MESSAGE_TOO_BIG = 1009
/** Milliseconds in which a client may answer that its connection is closed. */
const CLOSING_TIME = 1_000
/** Milliseconds until the server looks again for room for a message, when no answer of this socket will make room. */
const ROOM_INTERVAL = 100

/** A client this far behind is one of those who go when all of them together hold too much. */
const SLOW_READER_BYTES = 256 * 1024

/** Sockets on which ws closes what sends too much: they say first which bound it was, as HTTP does. */
export function socketsThatSay(maxBodyBytes: number): typeof WebSocket {
  return class SayingWebSocket extends WebSocket {
    override close(code?: number, reason?: string | Buffer): void {
      if (code !== MESSAGE_TOO_BIG || reason !== undefined) {
        super.close(code, reason)
        return
      }
      const { code: errorCode, message } = bodyTooLarge(maxBodyBytes)
      this.send(JSON.stringify({ jsonrpc: '2.0', id: null, error: { code: errorCode, message } }))
      super.close(code, message)
    }
  }
}

export interface SocketEndpoint {
  readonly dispatcher: Dispatcher
  readonly subscriptions: Subscriptions
  readonly connections: Connections
  readonly kind: Connection['kind']
  readonly gates: Gates
  /** Bytes of messages, with the bodies of HTTP. */
  readonly bodies: Held
  /** Bytes that wait to be read by all WebSocket clients together. */
  unreadByAll(): number
}

export function serveSocket(
  socket: WebSocket,
  endpoint: SocketEndpoint,
  shared: Omit<RpcContext, 'subscriptions'>,
): void {
  const { limits, backend, logger, caller } = shared
  const { dispatcher, connections, gates, bodies } = endpoint
  // Nothing more that it was to be told is made.
  const end = (): void => {
    ours.close()
    socket.terminate()
  }
  const send = (text: string): void => {
    if (socket.readyState !== WebSocket.OPEN) return
    const isSlow = socket.bufferedAmount > SLOW_READER_BYTES && endpoint.unreadByAll() > limits.maxHeldAnswerBytes
    if (isSlow || socket.bufferedAmount > limits.maxSocketBufferBytes) {
      logger.info({ buffered: socket.bufferedAmount }, 'JSON-RPC WebSocket closed: it does not read')
      end()
      return
    }
    socket.send(text)
  }
  const ours = endpoint.subscriptions.open(send, end)
  const context: RpcContext = { ...shared, subscriptions: ours }
  const connection: Connection = {
    name: caller.name,
    kind: endpoint.kind,
    awaits: () => ours.size > 0,
    evict() {
      socket.close(
        TRY_AGAIN_LATER,
        'idle, and others want the place (maxSockets, maxSocketsOfPages, maxConnections); connect again',
      )
      backend.clock.after(CLOSING_TIME, () => socket.terminate())
    },
  }
  const visitor = { gates, name: caller.name, connection }

  /** Messages that had arrived when reading stopped: at most those that one read of the system brought. */
  const waiting: Uint8Array[] = []
  /** Messages being answered: bounds parsed bodies as the gate bounds what runs. */
  let answering = 0
  const isGone = () => socket.readyState !== WebSocket.OPEN
  let alive = true
  let cancelRetry: (() => void) | null = null

  const answer = async (message: Uint8Array, holding: Holding): Promise<void> => {
    const text = await dispatcher.answer(message, context, visitor, isGone)
    bodies.give(holding)
    answering--
    connections.end(connection)
    if (text !== null) {
      send(text)
      ours.start(text)
    }
    answerWaiting()
  }
  const answerWaiting = (): void => {
    while (answering < limits.maxInFlightPerSocket && waiting.length > 0) {
      const holding: Holding = { name: caller.name, drop: null }
      if (!bodies.take(holding, waiting[0]!.length)) break
      answering++
      connections.begin(connection)
      void answer(waiting.shift()!, holding)
    }
    if (waiting.length > 0) {
      socket.pause()
      if (answering === 0) retryLater()
    } else if (socket.isPaused) {
      socket.resume()
      // From now on the socket is read again: messages that it answered meanwhile made room.
      alive = true
    }
  }
  const retryLater = (): void => {
    cancelRetry ??= backend.clock.after(ROOM_INTERVAL, () => {
      cancelRetry = null
      answerWaiting()
    })
  }

  if (!connections.open(connection)) {
    socket.close(TRY_AGAIN_LATER, 'too many WebSockets, none of them idle (maxSockets, maxSocketsOfPages)')
    ours.close()
    return
  }
  socket.on('message', (data: Uint8Array) => {
    alive = true
    waiting.push(data)
    answerWaiting()
  })

  let cancelPing = backend.clock.after(limits.pingInterval, function ping() {
    // While it is not read, its pongs are not either.
    if (!alive && !socket.isPaused) {
      socket.terminate()
      return
    }
    alive = false
    socket.ping()
    cancelPing = backend.clock.after(limits.pingInterval, ping)
  })
  socket.on('pong', () => {
    alive = true
  })
  socket.on('close', () => {
    waiting.length = 0
    cancelRetry?.()
    cancelPing()
    connections.close(connection)
    ours.close()
  })
  // A protocol error (a frame too large, text that is no UTF-8): ws closes the socket with the right code itself.
  socket.on('error', (error) => logger.debug({ error: error.message }, 'JSON-RPC WebSocket error'))
}
