/**
 * For tests: a cache of compiled contracts in which some fail as a machine may make them fail, on the engines named. What
 * execution does with that is the real thing: the failure leaves the contract where a native stack that is used up would.
 */

import { keyOf } from '../../codec/bytes.ts'
import { ENGINE_NAMES, type EngineName } from '../../execution/executionConfig.ts'
import { createProgramCache, type ProgramCache } from '../../execution/programCache.ts'

export interface FailingPrograms extends ProgramCache {
  /** Contracts with this code fail from now on, on these engines, with what `failure` makes. */
  fail(codeHash: Uint8Array, engines: readonly EngineName[], failure: () => unknown): void
  /** No contract fails any more. */
  heal(): void
  /** Executions that failed, by engine. */
  readonly failures: Record<EngineName, number>
}

export function failingPrograms(): FailingPrograms {
  const healthy = createProgramCache()
  const failing = new Map<string, { readonly engines: readonly EngineName[]; readonly failure: () => unknown }>()
  const failures = { compiled: 0, interpreter: 0, reference: 0 }
  return {
    failures,
    fail: (codeHash, engines, failure) => failing.set(keyOf(codeHash), { engines, failure }),
    heal: () => failing.clear(),
    get(key) {
      const [codeHash, schedule, engine] = splitKey(key)
      const fault = failing.get(codeHash)
      const found = healthy.get(key)
      if (fault === undefined || !fault.engines.includes(engine)) return found
      // Whichever engine it was compiled for: it does not get as far as running there.
      const any = ENGINE_NAMES.map((name) => healthy.get(`${codeHash}/${schedule}/${name}`)).find(Boolean)
      if (any === undefined) return undefined
      const execute = (): never => {
        failures[engine] += 1
        throw fault.failure()
      }
      return { ...any, abi: { ...any.abi, execute } }
    },
    set: (key, contract) => healthy.set(key, contract),
    // A program that fails goes on failing, however often it is compiled anew.
    clear() {},
    size: () => healthy.size(),
  }
}

/** Code hash, schedule and engine; the schedule's name has a stroke of its own. */
function splitKey(key: string): [codeHash: string, schedule: string, engine: EngineName] {
  const first = key.indexOf('/')
  const last = key.lastIndexOf('/')
  return [key.slice(0, first), key.slice(first + 1, last), key.slice(last + 1) as EngineName]
}
