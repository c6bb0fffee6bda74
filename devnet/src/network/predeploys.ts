/**
 * Contracts that clients and deployment tools look for at fixed addresses of every chain, and that a new network has in its
 * genesis (contracts/predeploys). Their code is that of the build, so a genesis says it in full and needs no build to
 * be read.
 */
import { predeployArtifact } from '@touchstone/contracts'
import { fromHex, type GenesisAccount } from '@touchstone/node'
import type { Hex } from 'viem'
import { create2FactoryAddress, multicall3Address } from './predeployAddresses.ts'

const predeploys: readonly { readonly folder: Parameters<typeof predeployArtifact>[0]; readonly address: Hex }[] = [
  { folder: 'multicall3', address: multicall3Address },
  { folder: 'create2Factory', address: create2FactoryAddress },
]

/**
 * The slot that the SDK's constructors write when they have run: keccak256("stylus_constructor")
 * (docs/protocol/artifacts.md).
 */
const constructedSlot = fromHex('0xd719fb9eca6bd48044bf2b38d80aea3dd666511b0236081cd9a2b95555fe7c8c')
const constructed = fromHex(`0x${'1'.padStart(64, '0')}`)

/** Reads what the last build made, and builds when that was of other sources. @throws BuildError */
export async function predeployedAccounts(): Promise<GenesisAccount[]> {
  const accounts: GenesisAccount[] = []
  // One after the other: the compiler takes a processor.
  for (const { folder, address } of predeploys) {
    const { deployedBytecode } = await predeployArtifact(folder)
    accounts.push({
      address: fromHex(address),
      balance: 0n,
      // EIP-161: that of a contract that was created.
      nonce: 1n,
      code: fromHex(deployedBytecode),
      storage: [{ slot: constructedSlot, value: constructed }],
    })
  }
  return accounts
}
