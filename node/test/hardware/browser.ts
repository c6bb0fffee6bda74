/**
 * The replay in browsers: the bundle as a module of an empty page, the export handed over as a file of its own server, to
 * which the page gives the report. So a browser needs no protocol to be driven by: it is started with the address of the
 * page, as a person would, and ended when the report has come.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'

/** How a browser is started with a page and nothing else, in a profile of its own. */
export interface Browser {
  readonly name: string
  /** Files of the profile. */
  readonly profile: Readonly<Record<string, string>>
  options(profile: string): string[]
}

const END_TIMEOUT_MS = 10_000
const MOST_REPORT_BYTES = 1 << 20

/** @param flags of the browser's own, besides */
export function chromium(flags: readonly string[] = []): Browser {
  return {
    name: 'chromium',
    profile: {},
    options: (profile) => [
      ...['--headless', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-sync'],
      ...['--disable-background-networking', '--disable-component-update', `--user-data-dir=${profile}`],
      ...flags,
    ],
  }
}

/** It looks for nothing in the network, and a script may run as long as it takes. */
const FIREFOX_PREFERENCES = {
  'app.update.enabled': false,
  'browser.shell.checkDefaultBrowser': false,
  'datareporting.policy.dataSubmissionEnabled': false,
  'dom.max_script_run_time': 0,
  'network.captive-portal-service.enabled': false,
  'network.connectivity-service.enabled': false,
  'toolkit.telemetry.enabled': false,
}

export function firefox(): Browser {
  const lines = Object.entries(FIREFOX_PREFERENCES).map(([name, value]) => `user_pref("${name}", ${value});`)
  return {
    name: 'firefox',
    profile: { 'user.js': `${lines.join('\n')}\n` },
    options: (profile) => ['--headless', '--no-remote', '--profile', profile],
  }
}

const PAGE = '<!doctype html><title>replay</title><script type="module" src="/page.mjs"></script>'

/** The report as JSON; `engine` as replayExport takes it. @throws what the page or the browser says went wrong. */
export async function replayInBrowser(
  { name, profile: profileFiles, options }: Browser,
  executablePath: string,
  bundle: string,
  file: Uint8Array,
  engine: string,
  timeoutMs: number,
): Promise<string> {
  const page = `
    const tell = (path, body) => fetch(path, { method: 'POST', body })
    try {
      const { replayExport } = await import('/replay.mjs')
      const file = new Uint8Array(await (await fetch('/chain.export')).arrayBuffer())
      const started = performance.now()
      const report = await replayExport([file], { engine: ${JSON.stringify(engine)} })
      const seconds = (performance.now() - started) / 1000
      const little = new Uint8Array(Uint16Array.of(1).buffer)[0] === 1
      const host = { arch: ${JSON.stringify(name)}, endianness: little ? 'LE' : 'BE' }
      const text = JSON.stringify({ ...report, seconds, host }, (_, value) => (typeof value === 'bigint' ? String(value) : value))
      await tell('/report', text)
    } catch (error) {
      await tell('/failure', String(error && error.stack ? error + ' ' + error.stack : error))
    }`
  const files = new Map<string, readonly [type: string, body: string | Uint8Array]>([
    ['/', ['text/html', PAGE]],
    ['/page.mjs', ['text/javascript', page]],
    ['/replay.mjs', ['text/javascript', bundle]],
    ['/chain.export', ['application/octet-stream', file]],
  ])
  const { promise: outcome, resolve: report, reject: fail } = Promise.withResolvers<string>()
  const server = createServer((request, response) => {
    if (request.method === 'POST') {
      void bodyOf(request).then((text) => {
        response.end()
        if (request.url === '/report') report(text)
        else fail(new Error(`the page failed: ${text}`))
      }, fail)
      return
    }
    const found = files.get(request.url ?? '')
    response.writeHead(found === undefined ? 404 : 200, { 'content-type': found?.[0] ?? 'text/plain' })
    response.end(found?.[1])
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const folder = mkdtempSync(join(tmpdir(), `touchstone-${name}-`))
  for (const [path, text] of Object.entries(profileFiles)) writeFileSync(join(folder, path), text)
  const address = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`
  const child = spawn(executablePath, [...options(folder), address], { stdio: ['ignore', 'ignore', 'pipe'] })
  let errors = ''
  child.stderr.on('data', (text: Buffer) => {
    errors = (errors + text.toString()).slice(-2_000)
  })
  child.on('error', (error) => fail(error))
  child.on('exit', (code, signal) => fail(new Error(`${name} ended (${signal ?? code}): ${errors.trim()}`)))
  const late = setTimeout(timeoutMs, undefined, { ref: false }).then(() => {
    throw new Error(`${name} gave no report in ${timeoutMs} ms`)
  })
  try {
    return await Promise.race([outcome, late])
  } finally {
    late.catch(() => undefined)
    await ended(child)
    server.closeAllConnections()
    server.close()
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 })
  }
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  let text = ''
  for await (const part of request) {
    text += String(part)
    if (text.length > MOST_REPORT_BYTES) throw new Error('the page gave a report that is too long')
  }
  return text
}

/** Ends a browser, as it wishes or not; its other processes end when it does. */
async function ended(child: ChildProcess): Promise<void> {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return
  const gone = once(child, 'exit')
  child.kill('SIGTERM')
  await Promise.race([gone, setTimeout(END_TIMEOUT_MS, undefined, { ref: false })])
  child.kill('SIGKILL')
  await gone
}
