import { expect, it } from 'vitest'
import { callGraph, reach } from './callGraph.ts'

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
