/** `devnet send` of ether alone, to names and addresses at which there may be nothing, on a node in this process. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { networkPaths } from '../network/paths.ts'
import { type InProcessRpc, startInProcessRpc } from '../testing/inProcessRpc.ts'
import { runInProcess } from '../testing/runInProcess.ts'

const folder = mkdtempSync(join(tmpdir(), 'touchstone-send-'))
const NOWHERE = '0x00000000000000000000000000000000000d0002'

let rpc: InProcessRpc
beforeAll(async () => {
  rpc = await startInProcessRpc()
})
afterAll(async () => {
  await rpc.close()
  rmSync(folder, { recursive: true })
})

const run = (...args: string[]) => runInProcess(...args, '--rpc', rpc.url, '--data', folder, '--json')

it('sends no ether to a name at which there is no contract any more, and takes an address as it is', async () => {
  const book = [{ name: 'Gone', address: NOWHERE, abi: [], artifact: 'Gone.json' }]
  writeFileSync(networkPaths(folder).deployments, JSON.stringify(book))
  const refused = await run('send', 'Gone', '--value', '1ether')
  expect(refused.code).toBe(1)
  expect(refused.out).toContain(`Gone: there is no contract at ${NOWHERE} on this network`)
  expect((await run('send', NOWHERE, '--value', '5')).code).toBe(0)
  expect((await run('send', '@1', '--value', '5')).code).toBe(0)
})
