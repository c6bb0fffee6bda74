import { expect, test } from 'vitest'
import { ConfigError, type NodeConfigJson, parseNodeConfig } from './config.ts'

const config = {
  name: 'node',
  genesisFile: 'genesis.json',
  dataDir: 'data',
  engine: 'reference',
  rpc: { host: '127.0.0.1', port: 0 },
  p2p: { host: '127.0.0.1', port: 0, seed: `0x${'01'.repeat(32)}`, bootstrap: [] },
  validatorSeed: null,
  validatorIsNew: false,
  feeRecipient: `0x${'01'.repeat(20)}`,
  blockTimeMs: null,
  logLevel: 'info',
} satisfies NodeConfigJson
const withRpc = (fields: object) => ({ ...config, rpc: { ...config.rpc, ...fields } })

test('calls have options with bounds, all of which may be left out', () => {
  expect(parseNodeConfig(config)).toEqual(config)
  const calls = {
    callTimeout: 1,
    callGasCap: 21_000,
    callWorkers: 16,
    allowOrigin: ['https://a.example', 'http://[::1]:1'],
  }
  expect(parseNodeConfig(withRpc(calls)).rpc).toEqual({ ...config.rpc, ...calls })
})

test('a field that there is not is told with those that there are, and a missing one as missing', () => {
  const of = (given: object) => () => parseNodeConfig(given)
  expect(of({ ...config, engines: 'compiled' })).toThrow(
    /^engines: there is no such field; known are name, genesisFile, /,
  )
  expect(of(withRpc({ prot: 1 }))).toThrow(/^rpc\.prot: there is no such field; known are host, port, allowOrigin, /)
  expect(of({ ...config, metrics: { port: 1, path: '/' } })).toThrow(
    'metrics.path: there is no such field; known are host, port',
  )
  const { dataDir: _, ...without } = config
  expect(of(without)).toThrow(/^dataDir: missing$/)
})

test.each<[string, unknown]>([
  ['callTimeout', 0],
  ['callTimeout', 600_001],
  ['callTimeout', 1.5],
  ['callTimeout', '5000'],
  ['callGasCap', 20_999],
  ['callGasCap', 2 ** 53],
  ['callGasCap', -1],
  ['callWorkers', 0],
  ['callWorkers', 17],
  ['allowOrigin', 'https://a.example'],
  ['allowOrigin', Array(65).fill('https://a.example')],
])('%s: %j is refused by its name', (field, value) => {
  expect(() => parseNodeConfig(withRpc({ [field]: value }))).toThrow(ConfigError)
  expect(() => parseNodeConfig(withRpc({ [field]: value }))).toThrow(`rpc.${field}`)
})

test.each(['*', 'null', 'a.example', 'https://a.example/', 'https://A.example', 'https://a.example:443', 'file:///a'])(
  'an origin %j is refused, and what one looks like is said',
  (origin) => {
    expect(() => parseNodeConfig(withRpc({ allowOrigin: [origin] }))).toThrow(
      'rpc.allowOrigin.0: must be an origin as browsers write it, such as https://app.example',
    )
  },
)
