/** A node process that has seen a fork: it answers, shows both certificates, decides nothing, and ends with exit code 3. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { afterAll, expect, it } from 'vitest'
import { fromHex, toHex } from '../../src/codec/hex.ts'
import type { NodeConfigJson } from '../../src/config.ts'
import { openFaultRecord } from '../../src/consensus/faultRecord.ts'
import { signingKey } from '../../src/consensus/signer.ts'
import type { NodeMessage } from '../../src/processMessages.ts'
import { openLevelStore } from '../../src/runtime/levelStore.ts'
import type { Certificate } from '../../src/types/certificate.ts'

const folder = mkdtempSync(join(tmpdir(), 'touchstone-fork-'))
const dataDir = join(folder, 'data')
const seed = new Uint8Array(32).fill(5)
const running = new Set<ChildProcess>()

afterAll(() => {
  for (const child of running) child.kill('SIGKILL')
  rmSync(folder, { recursive: true, force: true })
})

const config: NodeConfigJson = {
  name: 'fork',
  genesisFile: join(folder, 'genesis.json'),
  dataDir,
  engine: 'reference',
  rpc: { host: '127.0.0.1', port: 0 },
  p2p: { host: '127.0.0.1', port: 0, seed: toHex(new Uint8Array(32).fill(6)), bootstrap: [] },
  validatorSeed: toHex(seed),
  validatorIsNew: true,
  feeRecipient: toHex(new Uint8Array(20).fill(7)),
  blockTimeMs: 50,
  logLevel: 'info',
}

const genesis = {
  chainId: '0x7a69',
  timestamp: '0x6553f100',
  gasLimit: '0x1c9c380',
  baseFeePerGas: '0x3b9aca00',
  schedule: 'touchstone/1',
  validators: [{ publicKey: toHex(signingKey(seed).publicKey), power: '0x1', feeRecipient: config.feeRecipient }],
  alloc: {},
}

async function start() {
  const path = join(folder, 'config.json')
  writeFileSync(path, JSON.stringify(config))
  writeFileSync(config.genesisFile, JSON.stringify(genesis))
  mkdirSync(dataDir, { recursive: true })
  const main = join(import.meta.dirname, '../../src/main.ts')
  const child = spawn(process.execPath, [main, path], { stdio: ['ignore', 'pipe', 'inherit', 'ipc'] })
  running.add(child)
  let log = ''
  child.stdout!.on('data', (chunk: Buffer) => {
    log += chunk.toString()
  })
  const [message] = (await once(child, 'message')) as [NodeMessage]
  if (message.kind !== 'ready') throw new Error(`the node did not start: ${message.message}`)
  const ask = async (method: string) => {
    const body = JSON.stringify({ jsonrpc: '2.0', id: 1, method, params: [] })
    const headers = { 'content-type': 'application/json' }
    const response = await fetch(`http://127.0.0.1:${message.rpcPort}`, { method: 'POST', headers, body })
    return ((await response.json()) as { result: unknown }).result
  }
  const stop = async () => {
    const exit = once(child, 'exit')
    child.kill('SIGTERM')
    const [code] = (await exit) as [number | null]
    running.delete(child)
    return code
  }
  return { genesisHash: fromHex(message.genesisHash), ask, stop, log: () => log }
}

it('a node that has seen a fork', async () => {
  const before = await start()
  expect(await before.ask('touchstone_status')).toMatchObject({ halted: null, evidence: [] })
  while ((await before.ask('eth_blockNumber')) === '0x0') await new Promise((resolve) => setTimeout(resolve, 20))
  expect(await before.stop()).toBe(0)

  const [one, other] = [1, 2].map(
    (fill): Certificate => ({
      chainId: 31337n,
      height: 1n,
      round: 0,
      blockHash: new Uint8Array(32).fill(fill),
      signatures: [{ index: 0, signature: new Uint8Array(64).fill(fill) }],
    }),
  )
  const store = await openLevelStore(join(dataDir, 'faults'))
  await (await openFaultRecord(store, before.genesisHash)).keepFork([one!, other!])
  await store.close()

  const after = await start()
  const height = await after.ask('eth_blockNumber')
  expect(await after.ask('touchstone_status')).toMatchObject({
    step: 'halted',
    halted: { reason: 'fork', certificates: [one, other].map((each) => ({ blockHash: toHex(each!.blockHash) })) },
  })
  expect(after.log()).toContain('two chains are certified')
  for (const { blockHash } of [one!, other!]) expect(after.log()).toContain(toHex(blockHash).slice(2))
  // Six block times.
  await new Promise((resolve) => setTimeout(resolve, 300))
  expect(await after.ask('eth_blockNumber')).toBe(height)
  expect(await after.stop()).toBe(3)
})
