/**
 * The attacks of somebody with a key (an account's or a validator's) and money, against a live network of four validators:
 * two turns of each attack, for longer with `npm run hostile`. Nobody stops, nobody differs, blocks go on being made,
 * and the nodes stay connected and have nothing against each other.
 */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { installCrypto } from '../../../src/runtime/installCrypto.ts'
import { FUNDED_ATTACKS } from './fundedAttacks.ts'
import { type FundedNetwork, startFundedNetwork } from './fundedNetwork.ts'
import { runFundedAttack } from './runFundedAttack.ts'

/** Turns of each attack, and no longer. */
const TURNS = 2
let network: FundedNetwork

beforeAll(async () => {
  await installCrypto()
  network = await startFundedNetwork()
}, 60_000)
afterAll(() => network?.stop())

describe('a network that somebody with money attacks with', () => {
  test.each(FUNDED_ATTACKS.map((attack) => [attack.name, attack] as const))(
    '%s',
    async (_name, attack) => {
      const report = await runFundedAttack(network, attack, TURNS, 0)
      expect(report.faults, JSON.stringify(report)).toEqual([])
      expect(report.transfers).toBeGreaterThan(0)
    },
    180_000,
  )
})
