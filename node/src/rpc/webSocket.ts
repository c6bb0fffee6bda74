/**
 * JSON-RPC over WebSocket (RFC 6455): each message is a request or a batch, and subscriptions send notifications
 * between the answers. A client that does not read, or does not answer pings, is disconnected: what waits for it is
 * memory of ours.
 */
import { WebSocket } from 'ws'
import type { RpcContext } from './context.ts'
import type { Dispatcher } from './dispatcher.ts'
import { Slots } from './slots.ts'
import type { Subscriptions } from './subscriptions.ts'

/** RFC 6455, 7.4.1: policy violation. */
const POLICY_VIOLATION = 1008

/** A client this far behind is one of those who go when all of them together hold too much. */
const SLOW_READER_BYTES = 256 * 1024

export function serveSocket(
  socket: WebSocket,
  dispatcher: Dispatcher,
  shared: Omit<RpcContext, 'subscriptions'>,
  subscriptions: Subscriptions,
  allSlots: Slots,
  /** Bytes that wait to be read by all WebSocket clients together. */
  unreadByAll: () => number,
): void {
  const { limits, backend, logger } = shared
  const send = (text: string): void => {
    if (socket.readyState !== WebSocket.OPEN) return
    const isSlow = socket.bufferedAmount > SLOW_READER_BYTES && unreadByAll() > limits.maxHeldAnswerBytes
    if (isSlow || socket.bufferedAmount > limits.maxSocketBufferBytes) {
      logger.info({ buffered: socket.bufferedAmount }, 'JSON-RPC WebSocket closed: it does not read')
      socket.terminate()
      return
    }
    socket.send(text)
  }
  const ours = subscriptions.open(send)
  const context: RpcContext = { ...shared, subscriptions: ours }
  const slots = new Slots(limits.maxInFlightPerSocket, allSlots)
  /** Messages being answered: bounds parsed bodies as the slots bound what runs. */
  let answering = 0

  socket.on('message', (data: Uint8Array) => {
    if (answering >= limits.maxInFlightPerSocket) {
      socket.close(POLICY_VIOLATION, 'too many messages in flight (maxInFlightPerSocket)')
      return
    }
    answering++
    dispatcher
      .answer(data, context, slots, () => socket.readyState !== WebSocket.OPEN)
      .then((answer) => {
        answering--
        if (answer === null) return
        send(answer)
        ours.start(answer)
      })
  })

  let alive = true
  let cancelPing = backend.clock.after(limits.pingInterval, function ping() {
    if (!alive) {
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
    cancelPing()
    ours.close()
  })
  // A protocol error (a frame too large, text that is no UTF-8): ws closes the socket with the right code itself.
  socket.on('error', (error) => logger.debug({ error: error.message }, 'JSON-RPC WebSocket error'))
}
