/** The facts that an IP address, as text, tells of the machine behind it. */

/** Whether only this machine has the address, or the name `localhost`. A name such as 127.example is any machine's. */
export function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || /^(::ffff:)?127(\.\d{1,3}){3}$/i.test(host)
}

/**
 * The machine that has the address (or name, which stays as it is). Of IPv6 the first 64 bits, since a machine that has
 * one such address has all that begin alike.
 */
export function machineOf(address: string): string {
  // IPv4 in IPv6 is one address.
  if (!address.includes(':') || isLoopback(address) || /^::ffff:/i.test(address)) return address
  const [head = '', tail] = address.split('::')
  const groups = head.split(':')
  const rest = tail === undefined || tail === '' ? [] : tail.split(':')
  if (tail !== undefined) groups.push(...Array<string>(8 - groups.length - rest.length).fill('0'), ...rest)
  const network = groups.slice(0, 4).map((group) => Number.parseInt(group || '0', 16).toString(16))
  return `${network.join(':')}::/64`
}
