/**
 * Addresses of peers as a configuration names them: `/ip4/127.0.0.1/tcp/30303/p2p/12D3KooW...` (libp2p's multiaddrs, of
 * which only TCP can be dialled here). Read without libp2p, which a node loads later.
 */
import { base58 } from '@scure/base'

const FORM = /^\/(ip4|ip6|dns|dns4|dns6)\/([^/\s]+)\/tcp\/(\d{1,5})\/p2p\/([1-9A-HJ-NP-Za-km-z]{1,64})$/
const IPV4 = /^(?:(?:25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)(?:\.(?!$)|$)){4}$/
const HOST_NAME = /^(?=.{1,253}$)[a-z\d_](?:[a-z\d_.-]*[a-z\d_])?$/i
const MAX_PORT = 65_535

/** How the bytes of a peer id begin, and how many there are: keys as they are (ed25519, secp256k1), and hashes of keys. */
const PEER_ID_FORMS = [
  { begin: [0, 36, 8, 1, 18, 32], length: 38 },
  { begin: [0, 37, 8, 2, 18, 33], length: 39 },
  { begin: [18, 32], length: 34 },
] as const

/** Whether it is an address that can be dialled, with the id of who is expected there. */
export function isPeerAddress(text: string): boolean {
  const [, kind, host, port, peer] = FORM.exec(text) ?? []
  if (kind === undefined || Number(port) > MAX_PORT) return false
  return isHost(kind, host!) && isPeerId(peer!)
}

function isHost(kind: string, host: string): boolean {
  if (kind === 'ip4') return IPV4.test(host)
  if (kind === 'ip6') return host.includes(':') && URL.canParse(`http://[${host}]`)
  return HOST_NAME.test(host)
}

function isPeerId(text: string): boolean {
  // The form has only digits of base 58.
  const bytes = base58.decode(text)
  return PEER_ID_FORMS.some(
    ({ begin, length }) => bytes.length === length && begin.every((byte, index) => bytes[index] === byte),
  )
}
