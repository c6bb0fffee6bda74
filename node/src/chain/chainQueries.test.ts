import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { chainQueries } from './chainQueries.ts'

const tests = ['src', 'test'].flatMap((folder) => {
  const root = join(import.meta.dirname, '../..', folder)
  return readdirSync(root, { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.test.ts') && !path.endsWith('chainQueries.test.ts'))
    .map((path) => readFileSync(join(root, path), 'utf8'))
})

test('each query of the table is asked by a test: by its function, as a method, or through JSON-RPC', () => {
  const isAsked = (name: string, answer: { readonly name: string }) => {
    const asked = new RegExp(`\\b${answer.name}\\(|\\w*[cC]hain\\.${name}\\(|_${name}\\b`)
    return tests.some((text) => asked.test(text))
  }
  expect(Object.entries(chainQueries).filter(([name, answer]) => !isAsked(name, answer))).toEqual([])
})
