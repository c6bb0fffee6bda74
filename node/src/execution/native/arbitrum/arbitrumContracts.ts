/** The functions that Stylus tools and contracts look for at Arbitrum's addresses. docs/protocol/arbitrum.md. */
import { absentContract, type NativeContract } from '../nativeContract.ts'
import {
  ABSENT,
  ARB_INFO_ADDRESS,
  ARB_OWNER_PUBLIC_ADDRESS,
  ARB_SYS_ADDRESS,
  ARB_WASM_ADDRESS,
  ARB_WASM_CACHE_ADDRESS,
  STYLUS_DEPLOYER_ADDRESS,
} from './addresses.ts'
import { arbInfo } from './arbInfo.ts'
import { arbOwnerPublic } from './arbOwnerPublic.ts'
import { arbSys } from './arbSys.ts'
import { arbWasm } from './arbWasm.ts'
import { arbWasmCache } from './arbWasmCache.ts'
import { stylusDeployer } from './stylusDeployer.ts'

export interface NativeAt {
  readonly address: Uint8Array
  readonly contract: NativeContract
}

export const arbitrumContracts: readonly NativeAt[] = [
  { address: ARB_SYS_ADDRESS, contract: arbSys },
  { address: ARB_INFO_ADDRESS, contract: arbInfo },
  { address: ARB_OWNER_PUBLIC_ADDRESS, contract: arbOwnerPublic },
  { address: ARB_WASM_ADDRESS, contract: arbWasm },
  { address: ARB_WASM_CACHE_ADDRESS, contract: arbWasmCache },
  { address: STYLUS_DEPLOYER_ADDRESS, contract: stylusDeployer },
  ...ABSENT.map(([name, address]) => ({
    address,
    contract: absentContract(name, 'this chain does not have the contract that Arbitrum has at this address'),
  })),
]
