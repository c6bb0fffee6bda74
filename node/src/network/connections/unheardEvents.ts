/**
 * libp2p's streams tell by an event that all they had to send is sent (`idle`), on each of three layers for each frame, and
 * nobody listens unless a stream is closing. Making such an event and sending it round costs about as much as a frame of
 * the muxer; where nobody listens it is left out, which nobody can tell.
 */
import type { MessageStream } from '@libp2p/interface'

/** The part of libp2p's streams that dispatches events with nothing but a name. */
interface Telling {
  safeDispatchEvent(type: string, detail?: unknown): boolean
  listenerCount(type: string): number
}

/** Another kind of stream than libp2p's is left as it is. */
export function tellListenersAlone(stream: MessageStream): void {
  if (!isTelling(stream)) return
  const tell = stream.safeDispatchEvent.bind(stream)
  stream.safeDispatchEvent = (type, detail) => (stream.listenerCount(type) === 0 ? true : tell(type, detail))
}

function isTelling(stream: MessageStream): stream is MessageStream & Telling {
  const { safeDispatchEvent, listenerCount } = stream as Partial<Telling>
  return typeof safeDispatchEvent === 'function' && typeof listenerCount === 'function'
}
