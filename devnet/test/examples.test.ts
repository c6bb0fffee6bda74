/**
 * The examples in the comments of what packages export. Those of vm, node and contracts run: where a line says
 * `expression // => value`, the value is compared as Node prints it. Those of the SDK are contracts, and are built.
 */
import { stripTypeScriptTypes } from 'node:module'
import { inspect } from 'node:util'
import { describe, expect, it } from 'vitest'
import { build } from '../../contracts/test/sources.ts'
import { sources, textOf } from './documents/repository.ts'

interface Example {
  readonly name: string
  readonly code: string
}

/** An `@example` and its fenced text; without a fence nobody can tell where it ends. */
const EXAMPLE = /^ \* @example\n \* ```ts\n([\s\S]*?)^ \* ```$/gm

function examplesOf(under: RegExp): Example[] {
  return sources
    .filter((path) => under.test(path))
    .flatMap((path) =>
      [...textOf(path).matchAll(EXAMPLE)].map(([, text], index) => ({
        name: `${path}${index === 0 ? '' : `, ${index + 1}`}`,
        code: text!.replace(/^ \* ?/gm, ''),
      })),
    )
}

const packages: Readonly<Record<string, () => Promise<object>>> = {
  '@touchstone/vm': () => import('@touchstone/vm'),
  '@touchstone/vm/testing/wat': () => import('@touchstone/vm/testing/wat'),
  '@touchstone/node': () => import('@touchstone/node'),
  '@touchstone/contracts': () => import('@touchstone/contracts'),
}

async function run(code: string): Promise<void> {
  const plain = stripTypeScriptTypes(code)
    .replace(/^import \{([^}]*)\} from '([^']+)'$/gm, "const {$1} = await load('$2')")
    .replace(
      /^(.+) \/\/ => (.+)$/gm,
      (_, expression: string, value: string) =>
        `same(${expression}, ${JSON.stringify(value)}, ${JSON.stringify(expression)})`,
    )
  const AsyncFunction = (async () => {}).constructor as new (
    ...texts: string[]
  ) => (...args: unknown[]) => Promise<void>
  const load = (name: string) => packages[name]!()
  const same = (value: unknown, expected: string, expression: string) =>
    expect(inspect(value), expression).toBe(expected)
  await new AsyncFunction('load', 'same', plain)(load, same)
}

describe('examples', () => {
  const typescript = examplesOf(/^(vm|node|contracts)\/src\/.*(?<!\.test)\.ts$/)
  const contracts = examplesOf(/^contracts\/as\//)

  it('are found, and each has its fence', () => {
    expect(typescript.length).toBeGreaterThan(9)
    expect(contracts.length).toBeGreaterThan(5)
    const all = sources.filter((path) => /^(vm|node|contracts)\/(src|as)\//.test(path))
    const written = all.reduce((sum, path) => sum + (textOf(path).match(/^\s*\*.*@example/gm)?.length ?? 0), 0)
    expect(typescript.length + contracts.length).toBe(written)
  })

  it.each(typescript)('$name runs', ({ code }) => run(code))

  it('of the SDK build, all in one', async () => {
    const used =
      'abiDecode, Address, Bases, Bytes, Bytes32, construct, domainSeparator, emit, Indexed, Mapping, msg, recover, require, sendValue, staticCall, StorageArray, typedDataHash, U256, u256'
    const text = contracts.map(({ code }) => code).join('\n')
    const artifacts = await build({ 'index.ts': `import { ${used} } from '@touchstone/contracts/as'\n${text}` })
    const names = contracts.map(({ code }) => /^export class (\w+)/m.exec(code)![1]!)
    expect(Object.keys(artifacts).sort()).toEqual(names.sort())
  })
})
