/** The replay in Chromium: the bundle as a module of an empty page, the export handed over as a file of its own server. */
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { chromium } from 'playwright-core'

const LAUNCH_TIMEOUT_MS = 60_000
const flags = [
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
]

/** The report as JSON, with the browser's version; `engine` as replayExport takes it. */
export async function replayInChromium(
  executablePath: string,
  bundle: string,
  file: Uint8Array,
  engine: string,
  timeoutMs: number,
): Promise<{ readonly report: string; readonly version: string }> {
  const files = new Map<string, readonly [type: string, body: string | Uint8Array]>([
    ['/', ['text/html', '<!doctype html><title>replay</title>']],
    ['/replay.mjs', ['text/javascript', bundle]],
    ['/chain.export', ['application/octet-stream', file]],
  ])
  const server = createServer((request, response) => {
    const found = files.get(request.url ?? '')
    response.writeHead(found === undefined ? 404 : 200, { 'content-type': found?.[0] ?? 'text/plain' })
    response.end(found?.[1])
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const profile = mkdtempSync(join(tmpdir(), 'touchstone-chromium-'))
  try {
    const context = await chromium.launchPersistentContext(profile, {
      executablePath,
      headless: true,
      chromiumSandbox: false,
      args: flags,
      timeout: LAUNCH_TIMEOUT_MS,
    })
    try {
      const page = await context.newPage()
      page.setDefaultTimeout(timeoutMs)
      await page.goto(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`)
      // As text: what is checked here by types would be the browser's globals, which Node has not.
      const report = await page.evaluate<string>(`(async () => {
        const { replayExport } = await import('/replay.mjs')
        const file = new Uint8Array(await (await fetch('/chain.export')).arrayBuffer())
        const started = performance.now()
        const report = await replayExport([file], { engine: ${JSON.stringify(engine)} })
        const seconds = (performance.now() - started) / 1000
        const little = new Uint8Array(Uint16Array.of(1).buffer)[0] === 1
        const host = { arch: 'chromium', endianness: little ? 'LE' : 'BE' }
        return JSON.stringify({ ...report, seconds, host }, (_, value) => (typeof value === 'bigint' ? String(value) : value))
      })()`)
      return { report, version: context.browser()?.version() ?? '' }
    } finally {
      await context.close()
    }
  } finally {
    server.close()
    rmSync(profile, { recursive: true, force: true })
  }
}
