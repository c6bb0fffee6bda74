/** Two processes run with the key of one validator: who hears the other first signs nothing more, and says why. */
import { afterAll, expect, it } from 'vitest'
import { toHex } from '../../src/codec/hex.ts'
import { signingKey } from '../../src/consensus/signing/signer.ts'
import { type NetworkNode, NodeProcesses, processGenesis, until } from './nodeProcesses.ts'

const [strong, weak] = [41, 42].map((fill) => new Uint8Array(32).fill(fill)) as [Uint8Array, Uint8Array]
/** The strong one decides without the other. */
const validators = [
  { seed: strong, power: '0x3' },
  { seed: weak, power: '0x1' },
].map(({ seed, power }) => {
  return { publicKey: toHex(signingKey(seed).publicKey), power, feeRecipient: toHex(new Uint8Array(20).fill(7)) }
})
const nodes = new NodeProcesses(processGenesis(validators))
afterAll(() => nodes.dispose())

const start = (name: string, fill: number, seed: Uint8Array, bootstrap: readonly string[] = []) =>
  nodes.start(name, fill, { validatorSeed: toHex(seed), blockTimeMs: 100 }, bootstrap)

interface Status {
  readonly height: string
  readonly abstaining: boolean
  readonly twin: { readonly height: string; readonly round: number; readonly step: string } | null
}
const statusOf = (node: NetworkNode) => node.ask<Status>('touchstone_status')

it('a validator whose key another node uses notices it, and follows without a vote', async () => {
  const first = await start('strong', 1, strong)
  const twins = await Promise.all(['one', 'other'].map((name, at) => start(name, 2 + at, weak, [first.p2p])))
  let noticed: NetworkNode | undefined
  await until(async () => {
    const all = await Promise.all(twins.map(statusOf))
    noticed = twins[all.findIndex(({ twin }) => twin !== null)]
    return noticed !== undefined
  })
  const { abstaining, twin, height } = await statusOf(noticed!)
  expect(abstaining).toBe(true)
  expect(twin).toMatchObject({ height: expect.stringMatching(/^0x[1-9a-f]/), step: expect.any(String) })
  expect(noticed!.log()).toContain("a message was signed with this validator's key and not by this node")
  await until(async () => BigInt((await statusOf(noticed!)).height) > BigInt(height) + 3n)
  expect(await statusOf(first)).toMatchObject({ abstaining: false, twin: null, halted: null })
  expect(await noticed!.stop()).toBe(0)
})
