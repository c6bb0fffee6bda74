/** contracts/foreign/vm_hooks.h, by which contracts in C call the host, against the functions there are. */
import { readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import type { ValueType } from '../../binary/types.ts'
import { findHook, hookNames } from './hooks.ts'

const header = readFileSync(new URL('../../../../contracts/foreign/vm_hooks.h', import.meta.url), 'utf8')
const MODULES = { VM_HOOK: 'vm_hooks', CONSOLE: 'console' } as const

/** Of wasm32: pointers, size_t and bool are i32. */
function typeOf(written: string): ValueType[] {
  const type = written.trim()
  if (type === 'void') return []
  return [!type.includes('*') && /\bu?int64_t\b/.test(type) ? 'i64' : 'i32']
}

const declared = [...header.matchAll(/^(\w+) (VM_HOOK|CONSOLE)\((\w+)\)\(([^)]*)\);$/gms)].map(
  ([, result, macro, name, params]) => ({
    module: MODULES[macro as keyof typeof MODULES],
    name: name!,
    type: { params: params!.split(',').flatMap(typeOf), results: typeOf(result!) },
  }),
)

it('declares every function of vm_hooks', () => {
  const names = declared.filter(({ module }) => module === 'vm_hooks').map(({ name }) => name)
  expect(names.sort()).toEqual([...hookNames('vm_hooks')].sort())
})

it.each(declared.map((hook) => [`${hook.module}.${hook.name}`, hook] as const))(
  '%s has its type',
  (_, { module, name, type }) => {
    const hook = findHook(module, name)
    expect({ params: hook?.type.params, results: hook?.type.results }).toEqual(type)
  },
)
