/**
 * Who may talk to the server, from a browser's point of view. A page on any site can make the visitor's browser send
 * requests to a loopback address under a name that the attacker's DNS answers ("DNS rebinding"); such a request carries
 * that name in its Host header. So names are checked against a list; addresses are allowed, because nobody's DNS
 * answers for them.
 */
import { isIP } from 'node:net'

export interface OriginRules {
  /** Names that the Host header may have besides IP addresses; `*` for any. */
  readonly allowedHosts: readonly string[] | '*'
  /** Values that the Origin header may have; `*` for any. */
  readonly allowedOrigins: readonly string[] | '*'
}

/** The sentence of the refusal; null when the request may pass. */
export function refusal(rules: OriginRules, host: string | undefined, origin: string | undefined): string | null {
  if (rules.allowedHosts !== '*' && host !== undefined) {
    const name = hostName(host)
    if (!isIP(name) && !rules.allowedHosts.some((allowed) => allowed.toLowerCase() === name)) {
      return `host ${JSON.stringify(name)} is not allowed: call an IP address, or add the name to allowedHosts`
    }
  }
  if (rules.allowedOrigins !== '*' && origin !== undefined && !rules.allowedOrigins.includes(origin)) {
    return `origin ${JSON.stringify(origin)} is not allowed: add it to allowedOrigins`
  }
  return null
}

/** Of a Host header: without port and brackets, lower case. */
function hostName(host: string): string {
  const bracketed = /^\[([^\]]*)\](?::\d*)?$/.exec(host)
  return (bracketed?.[1] ?? host.replace(/:\d*$/, '')).toLowerCase()
}

/** Whether only this machine can reach a server bound to it. */
export function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || /^127(\.\d{1,3}){3}$/.test(host)
}
