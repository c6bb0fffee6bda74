/** Contracts that the network tests deploy: the examples as built, and small modules that do one bad thing each. */
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { packCode, watToWasm } from '@touchstone/node/testing/modules'
import type { Abi, Hex } from 'viem'
import { bytesToHex, concatHex, numberToHex } from 'viem'

export interface Artifact {
  readonly contractName: string
  readonly abi: Abi
  readonly bytecode: Hex
  readonly deployedBytecode: Hex
}

export function readExample(folder: string, name: string): Artifact {
  const path = fileURLToPath(new URL(`../../../contracts/examples/${folder}/build/${name}.json`, import.meta.url))
  return JSON.parse(readFileSync(path, 'utf8')) as Artifact
}

/** Init code as `cargo stylus` sends it: PUSH32 length, DUP1, PUSH1 43, PUSH1 0, CODECOPY, PUSH1 0, RETURN, version 00. */
export function initCode(wasm: Uint8Array): Hex {
  const code = bytesToHex(packCode(wasm))
  const length = numberToHex((code.length - 2) / 2, { size: 32 })
  return concatHex(['0x7f', length, '0x80602b6000396000f300', code])
}

/** A contract whose entrypoint runs `body` (Wasm text); it may use $len, and must leave the status on the stack. */
export function contractWith(body: string, extra = ''): Uint8Array {
  return watToWasm(`(module
    (import "vm_hooks" "read_args" (func $read_args (param i32)))
    (import "vm_hooks" "write_result" (func $write_result (param i32 i32)))
    (import "vm_hooks" "pay_for_memory_grow" (func $pay (param i32)))
    (memory (export "memory") 1)
    ${extra}
    (func $entry (export "user_entrypoint") (param $len i32) (result i32)
      ${body}))`)
}
