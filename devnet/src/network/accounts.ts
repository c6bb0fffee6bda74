/** The development accounts of a network: those of every Ethereum dev tool, or of a mnemonic that it was made with. */
import type { Hex } from 'viem'

export const devMnemonic = 'test test test test test test test test test test test junk'
export const DEV_ACCOUNT_COUNT = 10
/** Wei each account starts with: 10 000 ether. */
export const DEV_ACCOUNT_BALANCE = 10_000n * 10n ** 18n

export interface DevAccount {
  /** EIP-55 checksummed. */
  readonly address: Hex
  readonly privateKey: Hex
}
