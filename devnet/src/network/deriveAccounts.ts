/**
 * Development accounts of any mnemonic, derived as wallets do (BIP-39, BIP-32, BIP-44). Takes 100 ms and its libraries as
 * much again, so that devAccounts.ts loads it only where the accounts are not known.
 */
import { HDKey } from '@scure/bip32'
import { mnemonicToSeedSync } from '@scure/bip39'
import { bytesToHex } from 'viem'
import { privateKeyToAddress } from 'viem/accounts'
import { DEV_ACCOUNT_COUNT, type DevAccount, devMnemonic } from './accounts.ts'

/** Accounts m/44'/60'/0'/0/0 and up. */
export function deriveAccounts(mnemonic: string = devMnemonic, count: number = DEV_ACCOUNT_COUNT): DevAccount[] {
  const parent = HDKey.fromMasterSeed(mnemonicToSeedSync(mnemonic)).derive("m/44'/60'/0'/0")
  return Array.from({ length: count }, (_, index) => {
    const key = parent.deriveChild(index).privateKey
    if (key === null) throw new Error(`no private key at index ${index}`)
    const privateKey = bytesToHex(key)
    return { address: privateKeyToAddress(privateKey), privateKey }
  })
}
