import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseAbi } from 'viem'
import { afterAll, expect, it } from 'vitest'
import { readInterface } from './interfaceFile.ts'

const folder = mkdtempSync(join(tmpdir(), 'touchstone-interface-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const abi = parseAbi(['function number() view returns (uint256)'])
const file = (name: string, text: string) => {
  const path = join(folder, name)
  writeFileSync(path, text)
  return path
}

it('reads an ABI from a list, an artifact, or an interface', () => {
  expect(readInterface(file('One.abi.json', JSON.stringify(abi)))).toEqual({ name: 'One.abi', abi })
  const artifact = JSON.stringify({ contractName: 'Two', abi, bytecode: '0x' })
  expect(readInterface(file('file.json', artifact))).toEqual({ name: 'Two', abi })
  const solidity = 'interface IThree { function number() external view returns (uint256); }'
  expect(readInterface(file('Three.sol', solidity))).toEqual({ name: 'Three', abi })
})

function parameter(input: object): string {
  return JSON.stringify([{ type: 'function', name: 'f', inputs: [input], outputs: [] }])
}

function nest(depth: number): object {
  return depth === 0 ? { name: 'x', type: 'bool' } : { name: 'x', type: 'tuple', components: [nest(depth - 1)] }
}

it.each([
  ['nothing.json', '{}', /neither a list nor an object with a list "abi"/],
  ['broken.json', '{"abi": [', /has no ABI: /],
  ['items.json', '[{ "type": "fallback" }, null]', /item 1 has no "type"/],
  ['words.txt', 'hello', /no function/],
  ['name.json', '[{ "type": "function", "inputs": [] }]', /item 0 \(function\) has no "name"/],
  ['inputs.json', '[{ "type": "function", "name": "f" }]', /item 0 \(function f\): "inputs" is not a list/],
  ['type.json', parameter({ type: 'uint7' }), /"inputs"\[0\]: there is no type "uint7"/],
  ['wide.json', parameter({ type: 'uint256x' }), /there is no type "uint256x"/],
  ['proto.json', parameter({ type: '__proto__' }), /there is no type "__proto__"/],
  ['fields.json', parameter({ type: 'tuple[]' }), /"components" is not a list/],
  ['deep.json', parameter({ type: `bool${'[]'.repeat(40)}` }), /nested deeper than 32/],
  ['nested.json', parameter(nest(40)), /nested deeper than 32/],
])('says what is wrong with %s', (name, text, words) => {
  expect(() => readInterface(file(name, text))).toThrow(words)
})

it('takes the types that there are', () => {
  const types = ['uint8', 'int256', 'uint', 'bytes', 'bytes32', 'address[2][]', 'bool', 'string', 'function']
  const inputs = [...types.map((type) => ({ type })), nest(20)]
  const all = [{ type: 'function', name: 'f', stateMutability: 'view', inputs, outputs: [] }]
  expect(readInterface(file('all.json', JSON.stringify(all))).abi).toEqual(all)
})

it('says when there is no file', () => {
  expect(() => readInterface(join(folder, 'gone.sol'))).toThrow(/there is no file/)
  expect(() => readInterface(folder)).toThrow(/is not a file/)
})
