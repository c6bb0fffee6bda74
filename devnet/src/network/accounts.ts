/**
 * The well-known development accounts: the mnemonic every Ethereum dev tool uses, derived as wallets do (BIP-39,
 * BIP-32, BIP-44).
 */
import { HDKey } from '@scure/bip32'
import { mnemonicToSeedSync } from '@scure/bip39'
import { bytesToHex, type Hex } from 'viem'
import { privateKeyToAddress } from 'viem/accounts'

export const devMnemonic = 'test test test test test test test test test test test junk'
export const DEV_ACCOUNT_COUNT = 10
/** Wei each account starts with: 10 000 ether. */
export const DEV_ACCOUNT_BALANCE = 10_000n * 10n ** 18n

export interface DevAccount {
  /** EIP-55 checksummed. */
  readonly address: Hex
  readonly privateKey: Hex
}

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
