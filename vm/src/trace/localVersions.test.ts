/** Versions of locals: which values are the same, by branches, loops and settings; functions whose code is the same. */
import { describe, expect, it } from 'vitest'
import { watToWasm } from '../../testing/wat.ts'
import { functionsAlike } from './functionsAlike.ts'
import { localVersions, NOT_REACHED } from './localVersions.ts'

/** Of local 0, in a function of these instructions: a letter for each version, `.` where control does not come to. */
function versionsOf(head: string, instructions: string): string {
  const [versions] = localVersions(watToWasm(`(module (func (export "f") ${head} ${instructions}))`))
  const letters = new Map<number, string>()
  const letter = (version: number) => {
    if (version === NOT_REACHED) return '.'
    const known = letters.get(version) ?? String.fromCharCode(97 + letters.size)
    letters.set(version, known)
    return known
  }
  return versions!.offsets.map((_, position) => letter(versions!.at(0, position))).join('')
}

describe('versions of locals', () => {
  it.each([
    // The end of the function is an instruction too.
    ['a parameter', '(param i32)', 'local.get 0 drop i32.const 1 local.set 0 nop', 'aaaabb'],
    ['a tee', '(local i32)', 'i32.const 1 local.tee 0 drop nop', 'aabbb'],
    ['one arm', '(param i32)', 'i32.const 1 if i32.const 2 local.set 0 nop end nop', 'aaaabbcc'],
    ['the same after an arm that sets nothing', '(param i32)', 'i32.const 1 if nop end nop', 'aaaaaa'],
    [
      'two arms',
      '(param i32)',
      'i32.const 1 if i32.const 2 local.set 0 nop else nop i32.const 3 local.set 0 end nop',
      'aaaabbaaacdd',
    ],
    [
      'an arm that leaves',
      '(param i32)',
      'i32.const 1 if i32.const 2 local.set 0 return else nop end nop',
      'aaaab.aaaa',
    ],
    [
      'a block that is left earlier',
      '(param i32)',
      'block i32.const 1 br_if 0 i32.const 2 local.set 0 nop end nop',
      'aaaaabbcc',
    ],
    ['a loop that sets it', '(param i32)', 'nop loop local.get 0 drop i32.const 1 local.set 0 end nop', 'aabbbbccc'],
    ['a loop that does not', '(param i32)', 'loop local.get 0 drop end nop', 'aaaaaa'],
    ['what comes after a branch', '(param i32)', 'block br 0 nop end nop', 'aa..aa'],
  ])('%s', (_, head, instructions, versions) => {
    expect(versionsOf(head, instructions)).toBe(versions)
  })
})

describe('functions whose code is the same', () => {
  it('are those that call the same, too, whatever their names', () => {
    const wasm = watToWasm(`(module
      (func $a (param i32) (result i32) (i32.add (local.get 0) (i32.const 1)))
      (func $b (param i32) (result i32) (i32.add (local.get 0) (i32.const 2)))
      (func $c (param i32) (result i32) (i32.add (local.get 0) (i32.const 1)))
      (func $d (param i32) (result i32) (call $c (local.get 0)))
      (func $e (param i32) (result i32) (call $b (local.get 0)))
      (func $f (param i32) (result i32) (call $a (local.get 0)))
      (func $g (param i32) (result i32) (local i32) (i32.add (local.get 0) (i32.const 1))))`)
    expect([...functionsAlike(wasm)]).toEqual([
      [2, 0],
      [5, 3],
    ])
  })
})
