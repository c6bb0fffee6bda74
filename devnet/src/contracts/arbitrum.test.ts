/** `devnet inspect --for arbitrum`: a reason for each rule of nitro's, none for what it takes, and its charges. */
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { codeOf, inspectModule } from '@touchstone/contracts'
import { watToWasm } from '@touchstone/node/testing/modules'
import { describe, expect, it } from 'vitest'
import { judgeForArbitrum } from './arbitrum.ts'

const foreign = (name: string) =>
  readFileSync(fileURLToPath(new URL(`../../../contracts/foreign/${name}`, import.meta.url)))
const judge = (wasm: Uint8Array) =>
  judgeForArbitrum(
    { wasm, contractName: null, stored: codeOf(wasm), initCode: null, source: 'wasm', remark: null },
    inspectModule(wasm),
  )
const MEMORY = '(memory (export "memory") 1 1)'
const ENTRY = '(func (export "user_entrypoint") (param i32) (result i32) (i32.const 0))'
const reasons = (text: string): string[] =>
  judge(watToWasm(`(module ${text})`)).refusals.map(({ what, source }) => `${what} <${source.split('/').at(-1)}>`)

describe('judgeForArbitrum', () => {
  it('takes what was made for it', () => {
    expect(judge(foreign('counter.wasm'))).toMatchObject({ accepted: true, refusals: [], accounts: 1 })
    // Linked without a maximum, which costs its author nothing here.
    expect(judge(foreign('counter-c.wasm')).refusals).toEqual([
      { what: expect.stringContaining('does not import vm_hooks.pay_for_memory_grow'), source: expect.anything() },
    ])
    expect(reasons(`${MEMORY} ${ENTRY}`)).toEqual([])
    // As its tests have: a float type that nothing computes with.
    expect(reasons(`${MEMORY} ${ENTRY} (func (local f64))`)).toEqual([])
    expect(reasons(`${MEMORY} ${ENTRY} (func (memory.fill (i32.const 0) (i32.const 0) (i32.const 0)))`)).toEqual([])
  })

  it.each([
    [/several results.*MULTIVALUE/, '(func (result i32 i32) (i32.const 1) (i32.const 2))'],
    [/blocks have parameters/, '(func (i32.const 1) (block (param i32) (drop)))'],
    [/uses tail-call \(return_call\)/, '(func $f (return_call $f))'],
    [/uses reference-types \(table\.get\)/, '(table 1 funcref) (func (drop (table.get 0 (i32.const 0))))'],
    [/memory\.init <depth\.rs>/, '(data $d "a") (func (memory.init $d (i32.const 0) (i32.const 0) (i32.const 0)))'],
    [/floats \(f64\.const, f64\.add\) <meter\.rs>/, '(func (drop (f64.add (f64.const 1) (f64.const 2))))'],
    [/reserved: a__stylus_b/, '(func (export "a__stylus_b"))'],
    [/imports console\.log_i32/, '(import "console" "log_i32" (func (param i32)))'],
    [
      /exports a name that it imports/,
      '(import "vm_hooks" "msg_value" (func (param i32))) (func (export "x__msg_value"))',
    ],
    [/4,097 elements of tables; at most 4,096/, `(table 4097 funcref)`],
    [/349 locals of a function; at most 348/, `(func (local ${'i32 '.repeat(349)}))`],
    [/129 data segments; at most 128/, '(data "")'.repeat(129)],
    [/4,097 functions; at most 4,096/, '(func)'.repeat(4_096)],
  ])('refuses, and says %s', (reason, text) => {
    const [imports, rest] = text.startsWith('(import') ? [text, ''] : ['', text]
    const found = reasons(`${imports} ${MEMORY} ${ENTRY} ${rest}`)
    expect(found).toHaveLength(1)
    expect(found[0]).toMatch(reason)
  })

  it('refuses memories that are too large, or grow for nothing', () => {
    expect(reasons(`(memory (export "memory") 129 129) ${ENTRY}`)).toEqual([expect.stringContaining('129 pages')])
    expect(reasons(`(memory (export "memory") 1) ${ENTRY}`)).toEqual([expect.stringContaining('pay_for_memory_grow')])
    const pays = '(import "vm_hooks" "pay_for_memory_grow" (func (param i32)))'
    expect(reasons(`${pays} (memory (export "memory") 1) ${ENTRY}`)).toEqual([])
  })

  it('counts fragments, and the bytes of the module', () => {
    let state = 1
    const noise = (bytes: number) =>
      Array.from({ length: bytes }, () => {
        state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
        return `\\${(state >>> 24).toString(16).padStart(2, '0')}`
      }).join('')
    const of = (bytes: number) =>
      judge(watToWasm(`(module (memory (export "memory") 3 3) (data "${noise(bytes)}") ${ENTRY})`))
    expect(of(24_000)).toMatchObject({ accepted: true, accounts: 1 })
    expect(of(40_000)).toMatchObject({ accepted: true, accounts: 3 })
    expect(of(60_000).refusals).toEqual([expect.objectContaining({ what: expect.stringContaining('3 fragments') })])
    const zeros = watToWasm(`(module (memory (export "memory") 3 3) (data "${'a'.repeat(131_072)}") ${ENTRY})`)
    expect(judge(zeros).refusals).toEqual([
      expect.objectContaining({ what: expect.stringContaining('at most 131,072') }),
    ])
  })

  it('charges by nitro’s formulas', () => {
    // 1 function of 1 parameter and 1 result, 100 bytes of data, 3 pages, no global but the four of its metering.
    const wasm = watToWasm(`(module (memory (export "memory") 3 3) (data "${'a'.repeat(100)}") ${ENTRY})`)
    const bytes = wasm.length
    const cached = 352 + (0 + 0 + 0 + 6 + 75 + 15)
    expect(judge(wasm).charges).toEqual({
      dataFee: 82_928_201 * (512_000 + 996 + 22 + Math.floor(bytes * 6.2628)),
      activationGas: 28 * (Math.floor(bytes * 0.31733) + 0 + 17 + 0 + 6_651 + 1),
      cachedCall: cached,
      uncachedCall: cached + 8_832 + 8 + 2 + Math.floor(bytes * 0.1286),
    })
  })
})
