/**
 * The status handshake, first thing on a connection. The dialler opens the stream and sends its hello; the listener
 * answers with its own hello and a verdict; the dialler sends its verdict. A peer on another chain or another protocol
 * version is told so in words and disconnected. Chain height is no part of it: that is sync's `status` request.
 *
 * Hello: protocol version (2 bytes, big-endian), genesis hash (32 bytes), session (8 random bytes, new at each start
 * of a node, so that a peer that came back is told from one that dialled twice), agent name (the rest, UTF-8, at most
 * 64 bytes). Verdict: one byte, 0 for welcome and 1 for refused, then the reason (UTF-8, at most 256 bytes).
 */
import type { Stream } from '@libp2p/interface'
import type { Clock } from '../../runtime/clock.ts'
import { encodeFrame } from '../framing/framing.ts'
import type { Room } from '../framing/heldBytes.ts'
import { peerText } from '../framing/peerText.ts'
import { FrameQueue, sendFrame } from '../framing/streamFrames.ts'
import { NetworkError } from '../networkError.ts'
import { PROTOCOL_VERSION } from '../topics.ts'

const HASH_BYTES = 32
const SESSION_BYTES = 8
const FIXED_BYTES = 2 + HASH_BYTES + SESSION_BYTES
const MAX_AGENT_BYTES = 64
const MAX_REASON_BYTES = 256
const MAX_FRAME_BYTES = 1 + MAX_REASON_BYTES

export interface Hello {
  readonly version: number
  readonly genesisHash: Uint8Array
  readonly session: Uint8Array
  readonly agent: string
}

export type HandshakeOutcome =
  | { readonly ok: true; readonly agent: string; readonly session: string }
  /** `ours` when we refuse the peer, `theirs` when it refuses us. */
  | { readonly ok: false; readonly by: 'ours' | 'theirs'; readonly reason: string }

export interface HandshakeOptions {
  readonly hello: Hello
  readonly clock: Clock
  readonly timeout: number
  readonly room: Room
}

export function encodeHello(hello: Hello): Uint8Array {
  const agent = new TextEncoder().encode(hello.agent).subarray(0, MAX_AGENT_BYTES)
  const bytes = new Uint8Array(FIXED_BYTES + agent.length)
  new DataView(bytes.buffer).setUint16(0, hello.version, false)
  bytes.set(hello.genesisHash, 2)
  bytes.set(hello.session, 2 + HASH_BYTES)
  bytes.set(agent, FIXED_BYTES)
  return bytes
}

/** @throws NetworkError `protocol-violation`. */
export function decodeHello(bytes: Uint8Array): Hello {
  if (bytes.length < FIXED_BYTES || bytes.length > FIXED_BYTES + MAX_AGENT_BYTES) {
    throw new NetworkError('protocol-violation', `a hello of ${bytes.length} bytes; it has 42 to 106`)
  }
  return {
    version: new DataView(bytes.buffer, bytes.byteOffset).getUint16(0, false),
    genesisHash: bytes.slice(2, 2 + HASH_BYTES),
    session: bytes.slice(2 + HASH_BYTES, FIXED_BYTES),
    agent: peerText(bytes.subarray(FIXED_BYTES)),
  }
}

/** Why a peer with `theirs` cannot be ours; null when it can. */
export function incompatibility(ours: Hello, theirs: Hello): string | null {
  if (theirs.version !== ours.version) {
    return `another protocol version: yours is ${theirs.version}, ours ${ours.version}`
  }
  if (!ours.genesisHash.every((byte, index) => byte === theirs.genesisHash[index])) {
    return `another chain: your genesis is ${hex(theirs.genesisHash)}, ours ${hex(ours.genesisHash)}`
  }
  return null
}

/** The dialler's side. @throws NetworkError when the exchange did not come to an end. */
export function greet(stream: Stream, options: HandshakeOptions): Promise<HandshakeOutcome> {
  return timed(stream, options, async (frames) => {
    await sendFrame(stream, encodeFrame(encodeHello(options.hello)))
    const theirs = decodeHello(await frames.next())
    const verdict = decodeVerdict(await frames.next())
    const reason = incompatibility(options.hello, theirs)
    await sendFrame(stream, encodeFrame(encodeVerdict(reason)))
    await stream.close()
    if (reason !== null) return { ok: false, by: 'ours', reason }
    if (verdict !== null) return { ok: false, by: 'theirs', reason: verdict }
    return { ok: true, agent: theirs.agent, session: hex(theirs.session) }
  })
}

/** The listener's side. `refusal` is a reason of its own to refuse, besides another chain or version. */
export function answerGreeting(
  stream: Stream,
  options: HandshakeOptions,
  refusal: string | null,
): Promise<HandshakeOutcome> {
  return timed(stream, options, async (frames) => {
    const theirs = decodeHello(await frames.next())
    const reason = incompatibility(options.hello, theirs) ?? refusal
    await sendFrame(stream, encodeFrame(encodeHello(options.hello)))
    await sendFrame(stream, encodeFrame(encodeVerdict(reason)))
    if (reason !== null) {
      // It may hang up as soon as it has read ours; that is no failure of the handshake.
      await frames.next().catch(() => undefined)
      return { ok: false, by: 'ours', reason }
    }
    const verdict = decodeVerdict(await frames.next())
    await stream.close()
    if (verdict !== null) return { ok: false, by: 'theirs', reason: verdict }
    return { ok: true, agent: theirs.agent, session: hex(theirs.session) }
  })
}

/** @param session 8 random bytes. */
export function makeHello(genesisHash: Uint8Array, session: Uint8Array, agent: string): Hello {
  if (genesisHash.length !== HASH_BYTES) throw new RangeError('a genesis hash has 32 bytes')
  if (session.length !== SESSION_BYTES) throw new RangeError('a session has 8 bytes')
  return { version: PROTOCOL_VERSION, genesisHash, session, agent }
}

async function timed<T>(stream: Stream, options: HandshakeOptions, exchange: (frames: FrameQueue) => Promise<T>) {
  const frames = new FrameQueue(stream, { maxFrameBytes: MAX_FRAME_BYTES, maxWaiting: 2, room: options.room })
  const cancel = options.clock.after(options.timeout, () =>
    frames.fail(new NetworkError('timeout', `no status handshake within ${options.timeout} ms`)),
  )
  try {
    return await exchange(frames)
  } catch (error) {
    stream.abort(error instanceof Error ? error : new Error(String(error)))
    throw error
  } finally {
    cancel()
  }
}

function encodeVerdict(reason: string | null): Uint8Array {
  if (reason === null) return Uint8Array.of(0)
  const text = new TextEncoder().encode(reason).subarray(0, MAX_REASON_BYTES)
  const bytes = new Uint8Array(1 + text.length)
  bytes[0] = 1
  bytes.set(text, 1)
  return bytes
}

/** Null for welcome, else the reason. */
function decodeVerdict(bytes: Uint8Array): string | null {
  if (bytes[0] === 0 && bytes.length === 1) return null
  if (bytes[0] !== 1) throw new NetworkError('protocol-violation', 'a verdict that is neither welcome nor refusal')
  return peerText(bytes.subarray(1))
}

function hex(bytes: Uint8Array): string {
  return `0x${[...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join('')}`
}
