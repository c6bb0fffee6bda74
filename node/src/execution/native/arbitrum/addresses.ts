/** Where Arbitrum has what tools and contracts ask for. 20 bytes each. */

import { bigintToBytes } from '../../../codec/bytes.ts'
import { fromHex } from '../../../codec/hex.ts'

const low = (number: bigint): Uint8Array => bigintToBytes(number, 20)

export const ARB_SYS_ADDRESS = low(0x64n)
export const ARB_INFO_ADDRESS = low(0x65n)
export const ARB_OWNER_PUBLIC_ADDRESS = low(0x6bn)
export const ARB_WASM_ADDRESS = low(0x71n)
export const ARB_WASM_CACHE_ADDRESS = low(0x72n)
/** Of the contract that `cargo stylus deploy` calls for a contract with a constructor; its code there is EVM code. */
export const STYLUS_DEPLOYER_ADDRESS = fromHex('0xcEcba2F1DC234f70Dd89F2041029807F8D03A990')

/** The functions of Arbitrum that this chain lacks, by their names there. */
export const ABSENT: readonly (readonly [name: string, address: Uint8Array])[] = [
  ['ArbAddressTable', low(0x66n)],
  ['ArbBLS', low(0x67n)],
  ['ArbFunctionTable', low(0x68n)],
  ['ArbosTest', low(0x69n)],
  ['ArbGasInfo', low(0x6cn)],
  ['ArbAggregator', low(0x6dn)],
  ['ArbRetryableTx', low(0x6en)],
  ['ArbStatistics', low(0x6fn)],
  ['ArbOwner', low(0x70n)],
  ['ArbNativeTokenManager', low(0x73n)],
  ['NodeInterface', low(0xc8n)],
  ['NodeInterfaceDebug', low(0xc9n)],
  ['ArbDebug', low(0xffn)],
]
