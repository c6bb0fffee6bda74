import { parseAbi } from 'viem'
import { describe, expect, it } from 'vitest'
import { findFunction } from './functions.ts'

const abi = parseAbi([
  'function transfer(address to, uint256 amount)',
  'function mint(uint256 amount)',
  'function mint(address to, uint256 amount)',
  'function burn(uint256 amount)',
  'function burn(address from)',
])

describe('findFunction', () => {
  it('finds by name, by argument count and by signature', () => {
    expect(findFunction(abi, 'transfer', 2, 'Token').inputs).toHaveLength(2)
    expect(findFunction(abi, 'mint', 1, 'Token').inputs).toHaveLength(1)
    expect(findFunction(abi, 'burn(address)', 1, 'Token').inputs[0]!.type).toBe('address')
    expect(findFunction(abi, 'burn(uint)', 1, 'Token').inputs[0]!.type).toBe('uint256')
    expect(findFunction(abi, 'mint(address, uint)', 2, 'Token').inputs).toHaveLength(2)
    const ints = parseAbi(['function mint(int256[2] a, uint8 b)', 'function mint(int256 a, uint8 b)'])
    expect(findFunction(ints, 'mint(int[2],uint8)', 2, 'Ints').inputs[0]!.type).toBe('int256[2]')
  })

  it('asks when a name stands for several', () => {
    expect(() => findFunction(abi, 'burn', 1, 'Token')).toThrow('Token has several functions "burn"')
  })

  it('suggests what was meant', () => {
    expect(() => findFunction(abi, 'trasfer', 2, 'Token')).toThrow(
      expect.objectContaining({ hint: 'did you mean transfer?', exitCode: 2 }),
    )
  })
})
