import { request } from 'node:http'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { type LogLine, listLogger } from '../../testing/logger.ts'
import { manualClock } from '../../testing/manualClock.ts'
import { METRICS_LIFETIME } from './limits.ts'
import { type MetricsServer, startMetricsServer } from './metricsServer.ts'

const clock = manualClock()
const logged: LogLine[] = []
let server: MetricsServer
let collected = 0
let collect: () => Promise<string> = async () => `figures ${collected}\n`

beforeAll(async () => {
  const metrics = {
    contentType: 'text/plain; version=0.0.4; charset=utf-8',
    text() {
      collected++
      return collect()
    },
  }
  server = await startMetricsServer({ metrics, host: '127.0.0.1', port: 0, clock, logger: listLogger(logged) })
})
afterAll(() => server.close())
beforeEach(() => clock.advance(METRICS_LIFETIME))

interface Answer {
  readonly status: number
  readonly body: string
  readonly headers: Readonly<Record<string, unknown>>
}

/** Not by fetch, which sends no Host or Sec-Fetch-Site of one's own. */
function ask(headers: Record<string, string> = {}, path = '/metrics', method = 'GET'): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const sent = request({ host: '127.0.0.1', port: server.port, path, method, headers, agent: false }, (response) => {
      let body = ''
      response.setEncoding('utf8')
      response.on('data', (chunk: string) => {
        body += chunk
      })
      response.on('end', () => resolve({ status: response.statusCode!, body, headers: response.headers }))
    })
    sent.on('error', reject)
    sent.end()
  })
}

test('gives the metrics to a program, as Prometheus reads them', async () => {
  const { status, body, headers } = await ask()
  expect(status).toBe(200)
  expect(body).toBe(`figures ${collected}\n`)
  expect(headers['content-type']).toBe('text/plain; version=0.0.4; charset=utf-8')
  expect(headers).not.toHaveProperty('access-control-allow-origin')
  expect(await ask({}, '/metrics', 'HEAD')).toMatchObject({ status: 200, body: '' })
})

test.each([
  ['a page of another site', { origin: 'https://evil.example' }],
  ['a page that hides its origin', { origin: 'null' }],
  ['an image of another site', { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'no-cors' }],
  ['a page of the same site', { 'sec-fetch-site': 'same-site' }],
  ['a name whose DNS was pointed here', { host: 'evil.example' }],
  ['the same, as its browser sees it', { host: 'evil.example', 'sec-fetch-site': 'same-origin' }],
])('refuses %s, and collects nothing for it', async (_who, headers) => {
  const before = collected
  expect((await ask(headers)).status).toBe(403)
  expect(collected).toBe(before)
})

test('answers who types the address, by name or number', async () => {
  expect((await ask({ host: 'localhost:9100', 'sec-fetch-site': 'none' })).status).toBe(200)
  expect((await ask({ 'sec-fetch-site': 'same-origin' })).status).toBe(200)
})

test('has one page, to be read', async () => {
  expect((await ask({}, '/')).status).toBe(404)
  expect((await ask({}, '/metricsx')).status).toBe(404)
  expect((await ask({}, '/metrics?name=x')).status).toBe(200)
  expect((await ask({}, '/metrics', 'POST')).status).toBe(405)
})

test('collects once for all who ask at the same time and shortly after', async () => {
  const { promise, resolve } = Promise.withResolvers<void>()
  collect = async () => {
    await promise
    return 'shared\n'
  }
  const before = collected
  const asking = [ask(), ask(), ask()]
  await expect.poll(() => collected).toBe(before + 1)
  // However long it takes, it is not begun again meanwhile.
  await clock.advance(10 * METRICS_LIFETIME)
  asking.push(ask())
  resolve()
  expect((await Promise.all(asking)).map(({ body }) => body)).toEqual(asking.map(() => 'shared\n'))
  expect((await ask()).body).toBe('shared\n')
  expect(collected).toBe(before + 1)
  await clock.advance(METRICS_LIFETIME)
  await ask()
  expect(collected).toBe(before + 2)
})

test('says when it cannot, and goes on', async () => {
  collect = async () => {
    throw new Error('out of figures')
  }
  const { status, body } = await ask()
  expect([status, body]).toEqual([500, 'the metrics could not be collected; see the log of this node\n'])
  expect(logged.at(-1)).toMatchObject({ level: 'error', fields: { error: 'Error: out of figures' } })
  collect = async () => 'again\n'
  await clock.advance(METRICS_LIFETIME)
  expect((await ask()).body).toBe('again\n')
})
