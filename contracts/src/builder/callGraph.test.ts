import { expect, it } from 'vitest'
import { callGraph, reach, waysBetween } from './callGraph.ts'

const TEXT = `(module
 (type $0 (func))
 (import "vm_hooks" "emit_log" (func $~lib/hostio/emit_log (param i32 i32 i32)))
 (import "console" "log_txt" (func $"~lib/log (text)" (param i32 i32)))
 (elem $0 (i32.const 1) $index/a $"index/b[0]")
 (func $index/a (type $0)
  (call $"~lib/log (text)" (i32.const 0) (i32.const 1))
 )
 (func $"index/b[0]" (call $"index/gr\\c3\\b6\\c3\\9fe") (call $index/a))
 (func $"index/gr\\c3\\b6\\c3\\9fe" (param $0 i32)
  (if (local.get $0) (then (call $~lib/hostio/emit_log (i32.const 0) (i32.const 0) (i32.const 0))))
 )
 (func $index/through (call_indirect $0 (type $0) (i32.const 1)))
 (func $index/nothing (nop))
)`

it('finds who can reach the host, and how, through the table too', () => {
  const graph = callGraph(TEXT)
  const from = (name: string) => Object.fromEntries(reach(graph, name))
  expect(from('index/nothing')).toEqual({})
  expect(from('index/a')).toEqual({ 'console.log_txt': ['index/a'] })
  expect(from('index/through')).toEqual({
    'console.log_txt': ['index/through', '(table)', 'index/a'],
    'vm_hooks.emit_log': ['index/through', '(table)', 'index/b[0]', 'index/größe'],
  })
})

it('counts the ways from one function to another, as often as code may stand inlined', () => {
  const ways = waysBetween(
    callGraph(`(module
 (elem $0 (i32.const 1) $leaf)
 (func $leaf (nop))
 (func $once (call $leaf))
 (func $twice (call $leaf) (call $once))
 (func $top (call $twice) (call $once))
 (func $round (call $back))
 (func $back (call $round) (call $leaf))
 (func $beside (call $round))
 (func $through (call_indirect $0 (type $0) (i32.const 1)))
)`),
  )
  const counted = (from: string, to: string) => [from, to, ways(from, to)]
  expect([
    counted('once', 'leaf'),
    counted('twice', 'leaf'),
    counted('top', 'leaf'),
    counted('top', 'twice'),
    counted('leaf', 'top'),
    counted('through', 'leaf'),
    counted('beside', 'leaf'),
    counted('round', 'round'),
    counted('beside', 'round'),
  ]).toEqual([
    ['once', 'leaf', 1],
    ['twice', 'leaf', 2],
    ['top', 'leaf', 3],
    ['top', 'twice', 1],
    ['leaf', 'top', 0],
    ['through', 'leaf', 1],
    ...['beside', 'round', 'beside'].map((from, i) => [from, i === 0 ? 'leaf' : 'round', Number.POSITIVE_INFINITY]),
  ])
})
