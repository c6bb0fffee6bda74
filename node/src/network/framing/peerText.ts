import { printable } from '../../codec/visibleText.ts'

/** Characters of a peer's text that are shown. */
export const MAX_PEER_TEXT = 256

/** Text of a peer (UTF-8), fit for a log line. */
export function peerText(bytes: Uint8Array): string {
  return printable(new TextDecoder().decode(bytes), MAX_PEER_TEXT)
}
