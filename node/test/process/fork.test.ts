/** A node process that has seen a fork: it answers, shows both certificates, decides nothing, and ends with exit code 3. */
import { join } from 'node:path'
import { afterAll, expect, it } from 'vitest'
import { fromHex, toHex } from '../../src/codec/hex.ts'
import { openFaultRecord } from '../../src/consensus/proofs/faultRecord.ts'
import { signingKey } from '../../src/consensus/signing/signer.ts'
import { openLevelStore } from '../../src/runtime/levelStore.ts'
import type { Certificate } from '../../src/types/certificate.ts'
import { NodeProcesses, processGenesis, until } from './nodeProcesses.ts'

const seed = new Uint8Array(32).fill(5)
const nodes = new NodeProcesses(
  processGenesis([
    { publicKey: toHex(signingKey(seed).publicKey), power: '0x1', feeRecipient: toHex(new Uint8Array(20).fill(7)) },
  ]),
)
const start = () => nodes.start('node', 6, { validatorSeed: toHex(seed), blockTimeMs: 50 })

afterAll(() => nodes.dispose())

it('a node that has seen a fork', async () => {
  const before = await start()
  expect(await before.ask('touchstone_status')).toMatchObject({ halted: null, evidence: [] })
  await until(async () => (await before.ask('eth_blockNumber')) !== '0x0')
  expect(await before.stop()).toBe(0)

  const certificates = [1, 2].map(
    (fill): Certificate => ({
      chainId: 31337n,
      height: 1n,
      round: 0,
      blockHash: new Uint8Array(32).fill(fill),
      signatures: [{ index: 0, signature: new Uint8Array(64).fill(fill) }],
    }),
  )
  const store = await openLevelStore(join(before.dataDir, 'faults'))
  await (await openFaultRecord(store, fromHex(before.genesisHash))).keepFork([certificates[0]!, certificates[1]!])
  await store.close()

  const after = await start()
  const height = await after.ask('eth_blockNumber')
  expect(await after.ask('touchstone_status')).toMatchObject({
    step: 'halted',
    halted: { reason: 'fork', certificates: certificates.map(({ blockHash }) => ({ blockHash: toHex(blockHash) })) },
  })
  expect(after.log()).toContain('two chains are certified')
  for (const { blockHash } of certificates) expect(after.log()).toContain(toHex(blockHash).slice(2))
  // Six block times.
  await new Promise((resolve) => setTimeout(resolve, 300))
  expect(await after.ask('eth_blockNumber')).toBe(height)
  expect(await after.stop()).toBe(3)
})
