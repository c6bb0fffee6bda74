import { compile } from '@touchstone/vm'
import { expect, it } from 'vitest'
import { shortenNames, shortName } from './shortNames.ts'

it('keeps the last part of every path', () => {
  expect(shortName('assembly/index/Token#transfer')).toBe('Token#transfer')
  expect(shortName('~lib/@touchstone/contracts/as/storage/value/loadField<~lib/string/String>')).toBe(
    'loadField<String>',
  )
  expect(shortName('a/b/Mapping<x/Address,~lib/array/Array<u8>>#get')).toBe('Mapping<Address,Array<u8>>#get')
  expect(shortName('user_entrypoint')).toBe('user_entrypoint')
})

it('drops names of the module, imports and locals, and other custom sections', () => {
  const text = (s: string) => [s.length, ...new TextEncoder().encode(s)]
  const section = (id: number, body: readonly number[]) => [id, body.length, ...body]
  const header = [0, 0x61, 0x73, 0x6d, 1, 0, 0, 0]
  const types = section(1, [1, 0x60, 0, 0])
  const imports = section(2, [1, ...text('m'), ...text('f'), 0, 0])
  const functions = section(3, [1, 0])
  const code = section(10, [1, 2, 0, 0x0b])
  const functionNames = section(1, [2, 0, ...text('a/imported'), 1, ...text('a/b/C#d')])
  const names = section(0, [...text('name'), ...section(0, text('module')), ...functionNames, ...section(2, [0])])
  const other = section(0, [...text('sourceMappingURL'), 1, 2, 3])
  const wasm = Uint8Array.from([...header, ...types, ...imports, ...functions, ...code, ...other, ...names])
  const kept = section(0, [...text('name'), ...section(1, [1, 1, ...text('C#d')])])
  expect([...shortenNames(wasm)]).toEqual([...header, ...types, ...imports, ...functions, ...code, ...kept])
  expect(compile(shortenNames(wasm)).module.functionCount).toBe(1)
})
