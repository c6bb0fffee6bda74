import { predeployArtifact } from '@touchstone/contracts'
import { type Abi, type AbiParameter, toFunctionSelector } from 'viem'
import { describe, expect, it } from 'vitest'
import { networkPaths } from '../network/paths.ts'
import { create2FactoryAddress, multicall3Address } from '../network/predeployAddresses.ts'
import { knownContracts } from './knownContracts.ts'
import { findSystemContract, systemContracts } from './systemContracts.ts'

/** Building takes seconds where nothing has been built yet. */
const BUILD_TIMEOUT_MS = 180_000

/** What a caller can tell apart: what is called how, and what comes back. */
function interfaceOf(abi: Abi): string[] {
  return abi
    .map((item) => {
      if (item.type !== 'function') return JSON.stringify(item)
      const { name, stateMutability, inputs, outputs } = item
      return [toFunctionSelector(item), name, stateMutability, namesOf(inputs), namesOf(outputs)].join(' ')
    })
    .sort()
}

function namesOf(parameters: readonly AbiParameter[]): string {
  const texts = parameters.map((parameter) => {
    const members = 'components' in parameter ? namesOf(parameter.components) : ''
    return `${parameter.type}${members} ${parameter.name ?? ''}`
  })
  return `(${texts.join(', ')})`
}

describe('contracts of every network', () => {
  it.each(['multicall3', 'create2Factory'] as const)(
    '%s has the interface that its build has',
    async (folder) => {
      const { contractName, abi } = await predeployArtifact(folder)
      expect(interfaceOf(findSystemContract(contractName)!.abi)).toEqual(interfaceOf(abi as Abi))
    },
    BUILD_TIMEOUT_MS,
  )

  it('are named wherever an address is shown', () => {
    const known = knownContracts({ paths: networkPaths('/nowhere'), accounts: [] })
    const addresses = [multicall3Address, create2FactoryAddress] as const
    expect(addresses.map((address) => known.nameOf(address))).toEqual(['Multicall3', 'Create2Factory'])
    expect(known.labelled(`the call to ${multicall3Address.toLowerCase()} failed`)).toBe(
      `the call to Multicall3 ${multicall3Address} failed`,
    )
    expect(new Set(systemContracts.map(({ address }) => address)).size).toBe(systemContracts.length)
  })
})
