import { parseAbi } from 'viem'
import { expect, it } from 'vitest'
import { differences, sameLogs } from './sameWork.ts'

const WORD = { label: 'uint256', encoding: 'inplace', numberOfBytes: '32' } as const

function described(abi: readonly string[], slot: string) {
  const field = { astId: 1, contract: 'x:X', label: 'sum', offset: 0, slot, type: 't_word' }
  return { abi: parseAbi(abi), storageLayout: { storage: [field], types: { t_word: WORD } } }
}

it('finds the same in two that differ in names of arguments and in order', () => {
  const left = described(['function add(uint256 value) returns (bool)', 'error Full(uint256 sum)'], '0')
  const right = described(['error Full(uint256)', 'function add(uint256) returns (bool)'], '0')
  expect(differences(left, right)).toEqual([])
})

it('names what only one has', () => {
  const left = described(['function add(uint256 value)', 'event Added(address indexed by)'], '0')
  const right = described(['function add(uint256 value) payable', 'event Added(address by)'], '1')
  expect(differences(left, right)).toEqual([
    'only ours: function add(uint256) nonpayable returns ()',
    'only ours: event Added(indexed address)',
    'only ours: uint256 sum at byte 0 of slot 0',
    "only solc's: function add(uint256) payable returns ()",
    "only solc's: event Added(address)",
    "only solc's: uint256 sum at byte 0 of slot 1",
  ])
})

it('compares topics and data of logs, and no addresses', () => {
  const log = { topics: ['0x01', '0x02'], data: '0xab' } as const
  const called = (...logs: (typeof log)[]) => ({ gasUsed: 1n, logs })
  expect(sameLogs(called(log), called({ ...log, address: '0x11' } as typeof log))).toBe(true)
  expect(sameLogs(called(log), called())).toBe(false)
  expect(sameLogs(called(log), called({ ...log, data: '0xac' } as unknown as typeof log))).toBe(false)
})
