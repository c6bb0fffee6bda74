import { readFileSync } from 'node:fs'

/** Of this package, as web3_clientVersion shows it. */
export const version: string = (
  JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as { version: string }
).version
