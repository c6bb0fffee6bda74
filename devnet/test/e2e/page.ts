/**
 * A web page in Chromium with viem and an EIP-1193 provider, as a dapp has them: it connects to a running network, reads,
 * sends, watches, and goes on after the node's restart. Skipped by name where Chromium is not installed.
 */
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type BrowserContext, chromium, type Page } from 'playwright-core'
import { rolldown } from 'rolldown'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { TestNetwork } from './harness.ts'

const browser = ['chromium', 'chromium-browser', 'google-chrome']
  .flatMap((name) => (process.env['PATH'] ?? '').split(':').map((folder) => join(folder, name)))
  .find((path) => existsSync(path))
const flags = [
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--no-proxy-server',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
]
/** A browser takes three seconds to start, and minutes where a dozen other programs want the processor. */
const PAGE_TIMEOUT_MS = 300_000
/** Another site, which the browser takes to be on this machine. */
const STRANGER = 'app.example'

/** The script of the page, with viem in it. */
async function pageScript(): Promise<string> {
  const bundle = await rolldown({
    input: fileURLToPath(new URL('./pageScript.ts', import.meta.url)),
    platform: 'browser',
  })
  try {
    const { output } = await bundle.generate({ format: 'esm', codeSplitting: false })
    return output[0].code
  } finally {
    await bundle.close()
  }
}

export function pageFlows(network: () => TestNetwork): void {
  describe.skipIf(browser === undefined)(`a page in Chromium${browser === undefined ? ' (not installed)' : ''}`, () => {
    let server: Server
    let context: BrowserContext
    const profile = mkdtempSync(join(tmpdir(), 'touchstone-page-'))

    beforeAll(async () => {
      const script = await pageScript()
      server = createServer((request, response) => {
        const isScript = request.url === '/page.mjs'
        response.writeHead(200, { 'content-type': isScript ? 'text/javascript' : 'text/html' })
        response.end(
          isScript ? script : '<!doctype html><title>dapp</title><script type="module" src="/page.mjs"></script>',
        )
      })
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
      context = await chromium.launchPersistentContext(profile, {
        ...{ executablePath: browser!, headless: true, chromiumSandbox: false, timeout: PAGE_TIMEOUT_MS },
        args: [...flags, `--host-resolver-rules=MAP ${STRANGER} 127.0.0.1`],
      })
    }, PAGE_TIMEOUT_MS)
    afterAll(async () => {
      await context?.close()
      server?.close()
      rmSync(profile, { recursive: true, force: true })
    })

    /** The page of that host, once its script has run; `dapp` is what pageScript.ts gives it. */
    const open = async (host: string): Promise<Page> => {
      const page = await context.newPage()
      page.setDefaultTimeout(PAGE_TIMEOUT_MS)
      await page.goto(`http://${host}:${(server.address() as AddressInfo).port}/`)
      await page.waitForFunction('window.dapp !== undefined')
      return page
    }
    const run = <T>(page: Page, call: string): Promise<T> => page.evaluate(`window.dapp.${call}`)

    it(
      'connects, reads, sends, watches, and reconnects after the restart of its node',
      async () => {
        const { rpc, ws } = network().ready.nodes[3]!
        const page = await open('127.0.0.1')
        const account = await run<string>(page, `connect(${JSON.stringify({ rpc, ws })})`)
        expect(account).toBe(network().ready.accounts[0]!.address)
        expect(await run(page, 'read()')).toMatchObject({ chainId: 31337, hasBalance: true })
        expect(await run(page, 'send()')).toMatchObject({ status: 'success' })
        const before = BigInt(await run<string>(page, 'watch()'))
        await network().kill(4)
        await network().start(4)
        // By polling, and over the WebSocket, which was cut.
        expect(BigInt(await run<string>(page, 'watch()'))).toBeGreaterThan(before)
        await page.close()
      },
      PAGE_TIMEOUT_MS,
    )

    it(
      'of another site reads and sends what it has signed, and gets no further',
      async () => {
        const { rpc, ws } = network().ready.nodes[0]!
        const page = await open(STRANGER)
        const key = network().ready.accounts[7]!.privateKey
        expect(await run(page, `asStranger(${JSON.stringify({ rpc, ws, key })})`)).toEqual({
          ...{ chainId: 31337, accounts: [], signed: 'success' },
          ...{ sent: 4100, controlled: 4100, overSocket: 4100 },
        })
        await page.close()
      },
      PAGE_TIMEOUT_MS,
    )
  })
}
