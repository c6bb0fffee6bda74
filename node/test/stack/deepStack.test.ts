/**
 * The result of a transaction does not depend on the work of V8's compilers on a contract: not where its frames are as
 * large as they can be, not at the deepest that is allowed, and not where a precompile runs at the bottom of it all.
 */
import { fork } from 'node:child_process'
import { describe, expect, it } from 'vitest'
import { DEFAULT_LIMITS, NATIVE_STACK_RATIO } from '../../../vm/src/limits.ts'
import { HOST_STACK_MB } from '../../src/chain/worker/client.ts'
import { WORKER_STACK_MB } from '../../src/chain/worker/executionThread.ts'
import { MAX_CALL_DEPTH } from '../../src/execution/limits.ts'
import type { DeepQuestion } from './deepChild.ts'

/** Values on each side of the recursive call; 65 536 bytes of body are just enough for them. */
const TERMS = 3_500
/** Each takes 56 KB by the rule, of 1 MiB. */
const DEEPEST = 15

const CALLS = [
  [0, 3],
  [0, DEEPEST],
  [4, 2_200],
  [12, DEEPEST],
] as const

const TIERS = { 'in baseline code': ['--liftoff-only'], 'in optimised code': ['--no-liftoff'] }
/** As {@link TIERS}; it runs in baseline code at first, which takes some calls to become optimised code. */
const WARM = ['--wasm-sync-tier-up', '--wasm-tiering-budget=100000']

function ask(question: DeepQuestion, flags: readonly string[]): Promise<readonly string[]> {
  return new Promise((resolve, reject) => {
    const child = fork(new URL('./deepChild.ts', import.meta.url), { execArgv: [...flags], serialization: 'advanced' })
    child.on('message', (answers) => resolve(answers as readonly string[]))
    child.on('exit', (code) => reject(new Error(`the process ended with ${code}`)))
    child.send(question)
  })
}

describe('a contract with the largest frames', { timeout: 120_000 }, () => {
  const question = { terms: TERMS, calls: CALLS, warmUp: 0 }
  const reference = ask({ ...question, engine: 'reference' }, [])

  it('recurs as deep as the rule says, and no further', async () => {
    const outcomes = (await reference).map((line) => line.split(' ')[0])
    expect(outcomes).toEqual(['success', 'success', 'failure', 'success'])
    expect((await reference)[2]).toContain('call stack exhausted')
  })

  it.each(Object.entries(TIERS))('ends the same %s', async (_tier, flags) => {
    expect(await ask({ ...question, engine: 'compiled' }, flags)).toEqual(await reference)
  })

  it('ends the same in code that became hot', async () => {
    expect(await ask({ ...question, engine: 'compiled', warmUp: 12 }, WARM)).toEqual(await reference)
  })
})

it('the execution worker has room for all that may nest, twice, besides the host', () => {
  const contracts = (MAX_CALL_DEPTH * DEFAULT_LIMITS.stackBytes * NATIVE_STACK_RATIO) / 2 ** 20
  expect(WORKER_STACK_MB - HOST_STACK_MB).toBeGreaterThanOrEqual(2 * contracts)
})
