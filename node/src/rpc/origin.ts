/**
 * Tells who talks to the server, and which methods it may call.
 *
 * A page on any site can make its visitor's browser send requests to a loopback address. Browsers say where a request is
 * from (Origin), and ask first (a preflight) before they send what a form could not: so what a page sends must be
 * `application/json`, and methods that sign, control or trace are for pages of this machine and named ones only.
 *
 * A page can also use a name that its author's DNS answers with a loopback address ("DNS rebinding"), and is then of the
 * server's own origin. Such a request carries that name in its Host header. So names are checked against a list; addresses
 * are allowed, because nobody's DNS answers for them.
 */
import type { IncomingHttpHeaders } from 'node:http'
import { isIP } from 'node:net'
import type { CallClient } from '../chain/chainService.ts'
import { isLoopback, machineOf } from '../codec/ipAddress.ts'
import { quotedText } from '../codec/visibleText.ts'
import { SHOWN_ORIGIN_LENGTH } from './limits.ts'

export interface OriginRules {
  /** Names that the Host header may have besides IP addresses; `*` for any. */
  readonly allowedHosts: readonly string[] | '*'
  /**
   * Origins whose pages may call every method, besides those of this machine; as browsers write them (https://app.example).
   */
  readonly allowedOrigins: readonly string[]
}

export interface Caller {
  /**
   * `program`: no browser. `trusted`: a page of this machine, or of an allowed origin. `page`: any other page.
   */
  readonly kind: 'program' | 'trusted' | 'page'
  /**
   * Of the client, which has turns and places. Another machine is one client, whatever origins it says its pages are
   * of: only browsers are bound to tell the truth. On this machine each origin is one, and its programs together.
   */
  readonly name: string
  /** Of a page. */
  readonly origin?: string
}

/** For calls, where pages of strangers together get no more than everybody else together. */
export function clientOf({ kind, name }: Caller): CallClient {
  return { group: kind === 'page' ? 'pages' : 'others', name }
}

/** Which kinds of methods a page of a stranger may call. */
/**
 * The purpose of a method, which says who may call it. `read` looks at the chain or runs a call on it, `send` takes what its
 * caller has signed: any web page may. `sign` uses keys of the node, `control` changes the node or its chain from outside,
 * `trace` shows every step of an execution: these are not for pages of strangers.
 */
export type MethodKind = 'read' | 'send' | 'sign' | 'control' | 'trace'

const FOR_ANY_PAGE: Readonly<Record<MethodKind, boolean>> = {
  read: true,
  send: true,
  sign: false,
  control: false,
  trace: false,
}

/** The description of each kind of method for a caller that may not use it. */
const DOES: Readonly<Record<MethodKind, string>> = {
  read: 'reads',
  send: 'sends',
  sign: 'signs with keys of the node',
  control: 'controls the node',
  trace: 'traces',
}

/** The sentence of the refusal; null when a request under this name may pass. */
export function refusedHost({ allowedHosts }: OriginRules, host: string | undefined): string | null {
  if (allowedHosts === '*' || host === undefined) return null
  const name = hostName(host)
  if (isIP(name) || allowedHosts.some((allowed) => allowed.toLowerCase() === name)) return null
  return `host ${quotedText(name, SHOWN_ORIGIN_LENGTH)} is not allowed: call an IP address, or add the name to allowedHosts`
}

/** `address`: of the other end of the connection. */
export function callerOf(rules: OriginRules, headers: IncomingHttpHeaders, address = ''): Caller {
  // Every browser names the origin with a POST and a WebSocket; one that did not would still send this one. Programs do not.
  const given = headers.origin ?? (headers['sec-fetch-site'] === undefined ? undefined : 'null')
  if (given === undefined) return { kind: 'program', name: machineOf(address) }
  const isTrusted = isLoopbackOrigin(given) || rules.allowedOrigins.includes(given)
  const origin = given.slice(0, SHOWN_ORIGIN_LENGTH)
  return { kind: isTrusted ? 'trusted' : 'page', name: isLoopback(address) ? origin : machineOf(address), origin }
}

/** The sentence of the refusal; null when the caller may call the method. */
export function refusedMethod(caller: Caller, method: string, kind: MethodKind): string | null {
  if (caller.kind !== 'page' || FOR_ANY_PAGE[kind]) return null
  const { origin = 'null' } = caller
  const remedy =
    origin === 'null'
      ? 'serve the page from this machine, or from an origin that --allow-origin (allowOrigin) names'
      : `to let them, start the node with --allow-origin ${origin} (allowOrigin)`
  return `unauthorized: ${method} ${DOES[kind]}, and is not for pages of ${quotedText(origin, SHOWN_ORIGIN_LENGTH)}; ${remedy}`
}

/**
 * The sentence of the refusal; null when a body of this type is read. A body that forms and scripts can send without
 * asking is refused from browsers. Programs may send what they like: curl -d says application/x-www-form-urlencoded.
 */
export function refusedContentType(caller: Caller, contentType: string | undefined): string | null {
  const type = /^[^;]*/
    .exec(contentType ?? '')![0]
    .trim()
    .toLowerCase()
  if (caller.kind === 'program' || type === 'application/json') return null
  const shown = contentType === undefined ? 'no content type' : quotedText(contentType, SHOWN_ORIGIN_LENGTH)
  return `a web page must send application/json, not ${shown}, so that its browser asks first`
}

/** `http` or `https`, on `localhost`, a name under it, or a loopback address. */
function isLoopbackOrigin(origin: string): boolean {
  if (!URL.canParse(origin)) return false
  const { protocol, hostname, origin: normal } = new URL(origin)
  // An origin that is not written as browsers write it (user names, paths) is none of theirs.
  if (normal !== origin || (protocol !== 'http:' && protocol !== 'https:')) return false
  const name = hostname.replace(/^\[(.*)\]$/, '$1')
  return isLoopback(name) || name.endsWith('.localhost')
}

/** Of a Host header: without port and brackets, lower case. */
function hostName(host: string): string {
  const bracketed = /^\[([^\]]*)\](?::\d*)?$/.exec(host)
  return (bracketed?.[1] ?? host.replace(/:\d*$/, '')).toLowerCase()
}
