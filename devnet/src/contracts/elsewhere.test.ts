/** `devnet inspect --for soroban|near|cosmwasm|ink`: a reason for each rule of the chains', none for what they take. */
import { inspectModule } from '@touchstone/contracts'
import { watToWasm } from '@touchstone/node/testing/modules'
import { describe, expect, it } from 'vitest'
import { createTerminal } from '../output/terminal.ts'
import { elsewhereText, judgeElsewhere, OTHER_CHAINS, type OtherChain } from './elsewhere.ts'

const reportOf = (text: string) => inspectModule(watToWasm(`(module ${text})`))
const judge = (chain: OtherChain, text: string) => {
  const { code, interface: ofInterface } = judgeElsewhere(chain, reportOf(text))
  return [...code.map(({ what }) => `code: ${what}`), ...ofInterface.map(({ what }) => `interface: ${what}`)]
}

/** The least that each of them takes. */
const TAKEN: Readonly<Record<OtherChain, readonly [imports: string, rest: string]>> = {
  soroban: [
    '(import "l" "_" (func (param i64 i64) (result i64)))',
    '(memory (export "memory") 1) (func (export "add"))',
  ],
  near: ['(import "env" "input" (func (param i64)))', '(memory 1) (func (export "get"))'],
  cosmwasm: [
    '(import "env" "db_read" (func (param i32) (result i32)))',
    `(memory (export "memory") 1) (func (export "interface_version_8"))
    (func (export "allocate") (param i32) (result i32) (i32.const 0)) (func (export "deallocate") (param i32))`,
  ],
  ink: [
    '(import "seal0" "input" (func (param i32 i32))) (import "env" "memory" (memory 1 16))',
    '(func (export "deploy")) (func (export "call"))',
  ],
}
/** The section that wat has no words for. */
const META = 'it has no custom section contractenvmetav0, which says for which version of the host it was made'

describe('judgeElsewhere', () => {
  it.each(OTHER_CHAINS)('takes what was made for %s', (chain) => {
    expect(judge(chain, TAKEN[chain].join(' '))).toEqual(chain === 'soroban' ? [`interface: ${META}`] : [])
  })

  it('takes for NEAR what its protocol has from version 84 on', () => {
    const fill = '(func (memory.fill (i32.const 0) (i32.const 0) (i32.const 0)))'
    const saturating = '(func (drop (i32.trunc_sat_f32_s (f32.const 1))))'
    expect(judge('near', `${TAKEN.near.join(' ')} ${fill} ${saturating} (func (drop (ref.null func)))`)).toEqual([])
  })

  it('takes a module of Soroban that says so', () => {
    const plain = watToWasm(`(module ${TAKEN.soroban.join(' ')})`)
    const name = new TextEncoder().encode('contractenvmetav0')
    const section = Uint8Array.of(0, name.length + 1, name.length, ...name)
    const report = inspectModule(Uint8Array.of(...plain, ...section))
    expect(judgeElsewhere('soroban', report)).toEqual({ accepted: true, code: [], interface: [] })
  })

  it.each<[OtherChain, string, RegExp]>([
    ['soroban', '(func (drop (f64.const 1)))', /^code: it uses floats \(f64\.const\)$/],
    ['soroban', '(func (result i32 i32) (i32.const 1) (i32.const 2))', /^code: it uses multi-value$/],
    ['soroban', '(table 1001 funcref)', /^code: 1,001 elements of tables; at most 1,000$/],
    ['soroban', `(func (export "f") (param ${'i64 '.repeat(33)}))`, /^code: 33 parameters of an exported function/],
    ['soroban', '(func $s) (start $s)', /^interface: it has a start function$/],
    ['near', '(func $f (return_call $f))', /^code: it uses tail-call \(return_call\)$/],
    ['near', '(func (result i32 i32) (i32.const 1) (i32.const 2))', /^code: it uses multi-value$/],
    ['near', '(table 10001 funcref)', /^code: 10,001 elements/],
    ['cosmwasm', '(func (memory.fill (i32.const 0) (i32.const 0) (i32.const 0)))', /^code: .*bulk-memory.*wasm-opt/],
    ['cosmwasm', `(func (param ${'i64 '.repeat(101)}))`, /^code: 101 parameters of a function; at most 100$/],
    ['ink', '(func (drop (f32.const 1)))', /^code: it uses floats/],
    ['ink', '(func (export "other"))', /^interface: it exports function other;/],
    ['ink', '(global (export "g") i32 (i32.const 1))', /^interface: it exports global g;/],
  ])('refuses for %s: %s', (chain, text, reason) => {
    const found = judge(chain, `${TAKEN[chain].join(' ')} ${text}`).filter((one) => !one.endsWith(META))
    expect(found).toEqual([expect.stringMatching(reason)])
  })

  it.each<[OtherChain, string, readonly RegExp[]]>([
    ['near', '(memory 1)', [/exports no function without parameters/]],
    [
      'cosmwasm',
      '(memory 513 600)',
      [/does not export interface_version_8, allocate, deallocate/, /513 pages/, /maximum/],
    ],
    ['cosmwasm', '', [/does not export/, /no memory/]],
    ['ink', '(memory (export "memory") 17)', [/must import env\.memory/, /17 pages/, /deploy, call/, /memory memory/]],
  ])('tells all that %s lacks', (chain, text, reasons) => {
    expect(judge(chain, text)).toEqual(reasons.map((reason) => expect.stringMatching(reason)))
  })

  it('tells the code of a contract from its interface', () => {
    const stylus = `(import "vm_hooks" "msg_value" (func (param i32))) (memory (export "memory") 1)
      (func (export "user_entrypoint") (param i32) (result i32) (i32.const 0))`
    for (const chain of OTHER_CHAINS) {
      const judged = judgeElsewhere(chain, reportOf(stylus))
      expect(judged.code).toEqual([])
      expect(judged.interface[0]!.what).toMatch(/^it imports vm_hooks\.msg_value; /)
      const lines = elsewhereText('Token.json', chain, judged, createTerminal(PLAIN).color)
      expect(lines.join('\n')).toMatch(/^code +taken$/m)
      expect(lines.join('\n')).toMatch(/^interface +refused: \d reasons?$/m)
    }
  })
})

const PLAIN = { json: false, quiet: true, verbose: false, color: 'never' } as const
