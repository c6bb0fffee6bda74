/** Reports of coverage: whose files they have. */
import { watToWasm } from '@touchstone/vm/testing/wat'
import { expect, it } from 'vitest'
import { CoverageData } from './coverageData.ts'
import { coverageReport } from './coverageReport.ts'
import { SourceMap } from './sourceMap.ts'

it('has no lines of a library, although the source map has the text of parts', () => {
  const wasm = watToWasm('(module (func (export "a") (drop (i32.const 1))) (func (export "b") (drop (i32.const 2))))')
  const map = (sources: readonly string[]) =>
    // From the first byte on line 1 of the first source.
    new SourceMap(JSON.stringify({ version: 3, sources, sourcesContent: ['one'], names: [], mappings: 'AAAA' }))
  const filesOf = (source: string) =>
    coverageReport([{ contractName: 'A', moduleHash: '0x', wasm, lines: map([source]) }], new CoverageData()).files
  expect(filesOf('assembly/index.ts').map(({ file }) => file)).toEqual(['assembly/index.ts'])
  expect(filesOf('~lib/@touchstone/contracts/as/parts/erc20.ts')).toEqual([])
})
