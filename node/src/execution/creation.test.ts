/** Creating contracts, by a message and from a contract: every accepted form, every refusal, and what each costs. */

import { brotliCompressSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { packCode, watToWasm } from '../../testing/modules.ts'
import { prefixCodes } from '../codec/brotli/testing/costlyStreams.ts'
import { bytesToBigint, concatBytes } from '../codec/bytes.ts'
import { toHex } from '../codec/hex.ts'
import { create2Address, createAddress } from './contractAddress.ts'
import { encodeInitCode, INIT_CODE_PREFIX_BYTES } from './initCode.ts'
import { ALICE, address, command, newWorld, outputOf, PUPPET_CODE, PUPPET_MODULE, word } from './testing/puppet.ts'

const A = address(0xaaaan)
const STORE = encodeInitCode(PUPPET_CODE, null)
const CONSTRUCT = encodeInitCode(PUPPET_CODE, word(77n))
const created = createAddress(ALICE, 0n)

describe('a creation message', () => {
  it('stores the code and answers it', () => {
    const { run } = newWorld()
    const outcome = run(null, STORE)
    expect(outputOf(outcome)).toEqual(PUPPET_CODE)
  })
  it('charges the deposit and the module by the byte', () => {
    const { run } = newWorld()
    const { gasUsed } = run(null, STORE)
    const nonzero = STORE.filter((byte) => byte !== 0).length
    const intrinsic = 53_000 + 16 * nonzero + 4 * (STORE.length - nonzero)
    expect(gasUsed).toBe(BigInt(intrinsic + 200 * PUPPET_CODE.length + 32 * PUPPET_MODULE.length))
    expect(run(null, STORE, { gas: gasUsed }).kind).toBe('success')
    const short = run(null, STORE, { gas: gasUsed - 1n })
    expect(short.kind === 'failure' && short.message).toMatch(
      new RegExp(`^out of gas: the gas left pays for unpacking ${PUPPET_MODULE.length - 1} bytes`),
    )
  })
  it('stops unpacking where the gas ends', () => {
    const { run } = newWorld()
    const bomb = encodeInitCode(packCode(new Uint8Array(1_000_000)), null)
    const outcome = run(null, bomb, { gas: 200_000n })
    expect(outcome.kind === 'failure' && outcome.message).toMatch(
      /out of gas: the gas left pays for unpacking \d+ bytes/,
    )
  })
  it('is paid for by what is stored before that is looked into', () => {
    const { run } = newWorld()
    const rubbish = encodeInitCode(Uint8Array.of(0xef, 0xf0, 0, 0, ...prefixCodes(2)), null)
    const deposit = 200 * (rubbish.length - INIT_CODE_PREFIX_BYTES)
    const intrinsic = rubbish.reduce((gas, byte) => gas + (byte === 0 ? 4 : 16), 53_000)
    const poor = run(null, rubbish, { gas: BigInt(intrinsic + deposit - 1) })
    expect(poor).toMatchObject({ kind: 'failure', gasUsed: BigInt(intrinsic + deposit - 1) })
    expect(poor.kind === 'failure' && poor.message).toContain(`costs ${deposit}`)
    const rich = run(null, rubbish, { gas: BigInt(intrinsic + deposit + 32 * 64) })
    expect(rich.kind === 'failure' && rich.message).toContain('asks for more work than its bytes account for')
  })
  it('takes a bare module', () => {
    const { run } = newWorld()
    expect(outputOf(run(null, PUPPET_MODULE))).toEqual(PUPPET_MODULE)
  })

  const refused: [string, Uint8Array, RegExp][] = [
    ['EVM bytecode', Uint8Array.of(0x60, 0x80, 0x60, 0x40), /EVM bytecode\? This chain runs WebAssembly/],
    [
      'a truncated module',
      encodeInitCode(packCode(PUPPET_MODULE.subarray(0, 500)), null),
      /past the end of the module/,
    ],
    [
      'floats',
      encodeInitCode(
        packCode(
          watToWasm(`(module (import "vm_hooks" "read_args" (func (param i32))) (memory (export "memory") 1)
            (func $average (result i32) (i32.trunc_f64_s (f64.const 1.5)))
            (func (export "user_entrypoint") (param i32) (result i32) (call $average)))`),
        ),
        null,
      ),
      /floating point.*average/,
    ],
    [
      'an unknown import',
      encodeInitCode(
        packCode(
          watToWasm(`(module (import "env" "abort" (func)) (import "vm_hooks" "read_args" (func (param i32)))
            (memory (export "memory") 1)
            (func (export "user_entrypoint") (param i32) (result i32) (i32.const 0)))`),
        ),
        null,
      ),
      /"env"."abort".*imports only from vm_hooks, console, debug/,
    ],
    [
      'no entry point',
      encodeInitCode(packCode(watToWasm('(module (memory (export "memory") 1) (func (export "main")))')), null),
      /no contract of a known ABI.*"main"/,
    ],
    ['trailing arguments', concatBytes(STORE, word(1n)), /runs no constructor.*use version 01/],
    ['rubbish after the stream', encodeInitCode(concatBytes(PUPPET_CODE, Uint8Array.of(0)), null), /goes on after/],
  ]
  for (const [name, data, words] of refused) {
    it(`refuses ${name}, says why, and burns the gas`, () => {
      const { run } = newWorld()
      const outcome = run(null, data, { gas: 5_000_000n })
      expect(outcome).toMatchObject({ kind: 'failure', gasUsed: 5_000_000n })
      expect(outcome.kind === 'failure' && outcome.message).toMatch(words)
    })
  }
  it('refuses an address in use', () => {
    const { run, state, place } = newWorld()
    place(created)
    expect(run(null, STORE)).toMatchObject({
      kind: 'failure',
      message: `the address ${toHex(created)} is in use already`,
    })
    const other = newWorld()
    other.state.setStorage(created, word(1n), word(1n))
    other.state.setBalance(created, 1n)
    expect(other.run(null, STORE).kind).toBe('failure')
    expect(state.nonce(created)).toBe(1n)
  })
  it('keeps a balance that was there before', () => {
    const { run, state } = newWorld()
    state.setBalance(created, 5n)
    state.endTransaction()
    expect(run(null, STORE, { value: 3n }).kind).toBe('success')
  })
})

describe('a constructor', () => {
  const deployer = () => {
    const world = newWorld()
    world.place(A)
    return world
  }
  const nextAddress = createAddress(A, 1n)
  const createThen = (initCode: Uint8Array, then: Uint8Array, value = 0n) =>
    command.sequence(command.create(initCode, { value }), then)

  it('runs in the same creation, with its arguments and the value', () => {
    const { run } = deployer()
    const slot = (key: bigint) =>
      bytesToBigint(
        outputOf(
          run(A, createThen(CONSTRUCT, command.call('call', nextAddress, command.load(key)), 5n), { value: 5n }),
        ).slice(1),
      )
    expect(slot(0n)).toBe(77n)
    expect(slot(1n)).toBe(5n)
  })
  it('that reverts undoes the creation, and its data is the output', () => {
    const { run } = deployer()
    const bad = encodeInitCode(PUPPET_CODE, new Uint8Array(0))
    const outcome = run(null, bad, { value: 9n })
    expect(outcome).toMatchObject({ kind: 'revert', output: new TextEncoder().encode('!bad') })
    const output = outputOf(run(A, command.create(bad)))
    expect(output).toEqual(concatBytes(new Uint8Array(20), new TextEncoder().encode('!bad')))
    const after = outputOf(run(A, createThen(bad, command.account(nextAddress), 4n), { value: 4n }))
    expect(after).toEqual(new Uint8Array(68))
  })
  it('that is not there leaves version 00 with the value', () => {
    const { run } = deployer()
    const output = outputOf(run(A, createThen(STORE, command.account(nextAddress), 4n), { value: 4n }))
    expect(bytesToBigint(output.slice(0, 32))).toBe(4n)
  })
})

describe('a creation by a contract', () => {
  it('gives the address of CREATE by nonce and of CREATE2 by salt', () => {
    const { run, place } = newWorld()
    place(A)
    expect(outputOf(run(A, command.create(STORE)))).toEqual(createAddress(A, 1n))
    expect(outputOf(run(A, command.sequence(command.create(STORE), command.create(STORE))))).toEqual(
      createAddress(A, 2n),
    )
    expect(outputOf(run(A, command.create(STORE, { salt: 3n })))).toEqual(create2Address(A, word(3n), STORE))
  })
  it('collides the second time with one salt, and that burns what was given', () => {
    const { run, place } = newWorld()
    place(A)
    const twice = command.sequence(command.create(STORE, { salt: 3n }), command.create(STORE, { salt: 3n }))
    const outcome = run(A, twice, { gas: 10_000_000n })
    expect(outputOf(outcome)).toEqual(new Uint8Array(20))
    expect(outcome.gasUsed).toBeGreaterThan(9_000_000n)
  })
  it('raises the nonce even when it fails', () => {
    const { run, place } = newWorld()
    place(A)
    const data = command.sequence(command.create(Uint8Array.of(1)), command.create(STORE))
    expect(outputOf(run(A, data, { gas: 400_000_000n }))).toEqual(createAddress(A, 2n))
  })
  it('with more value than there is fails before the nonce rises', () => {
    const { run, place } = newWorld()
    place(A)
    const data = command.sequence(command.create(STORE, { value: 1n }), command.create(STORE))
    expect(outputOf(run(A, data))).toEqual(createAddress(A, 1n))
  })
  it('gives contracts the nonce 1', () => {
    const { run, place } = newWorld()
    place(A)
    const child = createAddress(A, 1n)
    const data = command.sequence(command.create(STORE), command.call('call', child, command.create(STORE)))
    expect(outputOf(run(A, data)).slice(1)).toEqual(createAddress(child, 1n))
  })
})

describe('code whose segments do not fit the memory', () => {
  it('is stored, and fails when called', () => {
    const { run, place } = newWorld()
    const module = watToWasm(`(module (import "vm_hooks" "read_args" (func (param i32))) (memory (export "memory") 1)
      (data (i32.const 65535) "ab") (func (export "user_entrypoint") (param i32) (result i32) (i32.const 0)))`)
    const code = concatBytes(Uint8Array.of(0xef, 0xf0, 0, 0), Uint8Array.from(brotliCompressSync(module)))
    place(A, code)
    expect(run(A, new Uint8Array(0), { gas: 100_000n })).toMatchObject({ kind: 'failure', gasUsed: 100_000n })
  })
})
