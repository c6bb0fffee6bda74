/**
 * When a stream gives its peer new room. js-yamux does it after each frame of data, so every message of a node was answered
 * by a frame of its own, encrypted and written: half of all frames between nodes. Here room is given when half of the window
 * is used up, as in HashiCorp's implementation (`sendWindowUpdate` in its stream.go); the peer has the other half meanwhile.
 */
import type { Stream } from '@libp2p/interface'

/** js-yamux's `StreamState.Established`; in other states an update also says that a stream was taken, or nothing. */
const ESTABLISHED = 3

/** A stream of js-yamux: bytes that its peer may send in all, and those of them that it still may. */
export interface WindowedStream {
  readonly state: number
  readonly recvWindow: number
  readonly recvWindowCapacity: number
  sendWindowUpdate(): void
}

/** Another muxer's streams are left as they are. */
export function updateWindowLate(stream: Stream): void {
  if (!isWindowed(stream)) return
  const send = stream.sendWindowUpdate.bind(stream)
  stream.sendWindowUpdate = () => {
    if (stream.state === ESTABLISHED && stream.recvWindowCapacity * 2 > stream.recvWindow) return
    send()
  }
}

function isWindowed(stream: Stream): stream is Stream & WindowedStream {
  const { state, recvWindow, recvWindowCapacity, sendWindowUpdate } = stream as Partial<WindowedStream>
  return [state, recvWindow, recvWindowCapacity].every(Number.isInteger) && typeof sendWindowUpdate === 'function'
}
