import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { bytesToHex } from 'viem'
import { afterAll, describe, expect, it } from 'vitest'
import { networkPaths } from './paths.ts'
import { create2FactoryAddress, multicall3Address } from './predeployAddresses.ts'
import { setUpNetwork } from './setup.ts'

const folder = mkdtempSync(join(tmpdir(), 'touchstone-predeploys-'))
afterAll(() => rmSync(folder, { recursive: true }))
/** Building takes seconds where nothing has been built yet. */
const BUILD_TIMEOUT_MS = 180_000

describe('a new network', () => {
  const made = { nodes: 1, reset: false, now: 1n }

  it(
    'has the contracts that tools look for, in a genesis that can be read again',
    async () => {
      const paths = networkPaths(join(folder, 'with'))
      const { genesis, created } = await setUpNetwork(paths, made)
      expect(created).toBe(true)
      const contracts = genesis.alloc.filter(({ code }) => code !== undefined)
      expect(contracts.map(({ address }) => bytesToHex(address))).toEqual(
        [multicall3Address, create2FactoryAddress].map((address) => address.toLowerCase()),
      )
      const again = await setUpNetwork(paths, made)
      const byAddress = (alloc: typeof genesis.alloc) => new Map(alloc.map((one) => [bytesToHex(one.address), one]))
      expect(byAddress(again.genesis.alloc)).toEqual(byAddress(genesis.alloc))
      const without = setUpNetwork(paths, { ...made, predeploys: false })
      await expect(without).rejects.toThrow(/was made with contracts in its genesis/)
    },
    BUILD_TIMEOUT_MS,
  )

  it('has none of them where they are not wanted, and goes on so', async () => {
    const paths = networkPaths(join(folder, 'without'))
    const { genesis } = await setUpNetwork(paths, { ...made, predeploys: false })
    expect(genesis.alloc.filter(({ code }) => code !== undefined)).toEqual([])
    expect((await setUpNetwork(paths, { ...made, predeploys: false })).created).toBe(false)
  })
})
