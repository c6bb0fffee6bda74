/**
 * Makes vectors.jsonl of the folder `tests` of a checkout of ethereum/execution-apis: what is asked and what is answered, of
 * every file that rules.ts does not leave out. Run by hand where the vectors are taken anew:
 * `node node/test/rpc/executionApis/convert.ts CHECKOUT/tests COMMIT`.
 */
import { createHash } from 'node:crypto'
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { LEFT_OUT, OF_THEIR_CHAIN, STAND_INS_OF } from './rules.ts'
import type { Exchange } from './vectors.ts'

/** The EVM code of overrides by the name of what stands in for it. */
function withStandIns(value: unknown): unknown {
  return changed(value, (name, field) => {
    if (name !== 'code' || typeof field !== 'string' || field === '0x') return field
    const key = createHash('sha256').update(field).digest('hex').slice(0, 16)
    const standIn = STAND_INS_OF[key]
    if (standIn === undefined) throw new Error(`no stand-in for the code ${key}: ${field.slice(0, 40)}`)
    return standIn
  })
}

/** The answers of simulations without what no other chain can have: most of their length, and not compared. */
function withoutTheirs(value: unknown): unknown {
  return changed(value, (name, field) => (OF_THEIR_CHAIN.has(name) ? undefined : field))
}

function changed(value: unknown, change: (name: string, field: unknown) => unknown): unknown {
  if (Array.isArray(value)) return value.map((entry) => changed(entry, change))
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([name, field]) => [name, changed(change(name, field), change)]))
}

function exchangesOf(text: string): Exchange[] {
  const lines = text.split('\n')
  const of = (mark: string) => lines.filter((line) => line.startsWith(mark)).map((line) => JSON.parse(line.slice(3)))
  const answers = of('<< ')
  return of('>> ').map(({ method, params = [] }, index) => {
    const { result, error } = answers[index]
    const answer = error === undefined ? { result } : { error }
    if (method !== 'eth_simulateV1') return { method, params, ...answer }
    return { method, params: withStandIns(params) as unknown[], ...(withoutTheirs(answer) as object) }
  })
}

const [folder, commit] = process.argv.slice(2)
if (folder === undefined || commit === undefined) throw new Error('convert.ts FOLDER COMMIT')
const from = { source: 'https://github.com/ethereum/execution-apis/tree/main/tests', licence: 'CC0-1.0', commit }
const lines = [JSON.stringify(from)]
for (const method of readdirSync(folder).sort()) {
  if (method.includes('.') || LEFT_OUT[method] !== undefined) continue
  for (const file of readdirSync(join(folder, method)).sort()) {
    const name = `${method}/${file.replace(/\.io$/, '')}`
    if (LEFT_OUT[name] !== undefined) continue
    lines.push(JSON.stringify([name, exchangesOf(readFileSync(join(folder, method, file), 'utf8'))]))
  }
}
writeFileSync(new URL('vectors.jsonl', import.meta.url), `${lines.join('\n')}\n`)
