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

it.each([
  ['nothing.json', '{}', /neither a list nor an object with a list "abi"/],
  ['broken.json', '{"abi": [', /has no ABI: /],
  ['items.json', '[{ "type": "fallback" }, null]', /item 1 has no "type"/],
  ['words.txt', 'hello', /no function/],
])('says what is wrong with %s', (name, text, words) => {
  expect(() => readInterface(file(name, text))).toThrow(words)
})

it('says when there is no file', () => {
  expect(() => readInterface(join(folder, 'gone.sol'))).toThrow(/there is no file/)
  expect(() => readInterface(folder)).toThrow(/is not a file/)
})
