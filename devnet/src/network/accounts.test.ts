import { describe, expect, it } from 'vitest'
import { DEV_ACCOUNT_COUNT, devMnemonic } from './accounts.ts'
import { deriveAccounts } from './deriveAccounts.ts'
import { devAccounts } from './devAccounts.ts'

describe('deriveAccounts', () => {
  it('gives the accounts that every Ethereum dev tool gives', () => {
    const accounts = deriveAccounts()
    expect(accounts).toHaveLength(10)
    // As hardhat and anvil print them.
    expect(accounts[0]).toEqual({
      address: '0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266',
      privateKey: '0xac0974bec39a17e36ba4a6b4d238ff944bacb478cbed5efcae784d7bf4f2ff80',
    })
    expect(accounts[9]!.address).toBe('0xa0Ee7A142d267C1f36714E4a8F75612F20a79720')
  })
})

describe('devAccounts', () => {
  it('are the derived ones, those that are written down too', async () => {
    const other = 'legal winner thank year wave sausage worth useful legal winner thank yellow'
    for (const mnemonic of [devMnemonic, other]) {
      expect(await devAccounts(mnemonic)).toEqual(deriveAccounts(mnemonic, DEV_ACCOUNT_COUNT))
    }
    expect(await devAccounts()).toEqual(await devAccounts(devMnemonic))
  })
})
