/**
 * Vitest's `expect` with what contracts do: `import '@touchstone/contracts/testing/matchers'` once in a test file or a
 * setup file.
 */
import { inspect, isDeepStrictEqual } from 'node:util'
import { type Address, isAddress } from 'viem'
import { expect } from 'vitest'
import type { TestChain } from './chain.ts'
import type { Outcome } from './contract.ts'
import { Reverted } from './reverted.ts'

interface Result {
  readonly pass: boolean
  message(): string
}

interface ContractMatchers {
  /** The transaction is refused with this error of a contract, `Error` or `Panic`, or with a text that holds this. */
  toRevertWith(errorOrText: string, args?: readonly unknown[]): Promise<void>
  /** A contract that the test deployed emits the event; fields that are not named may be anything. */
  toEmit(eventName: string, args?: Readonly<Record<string, unknown>>): Promise<void>
  /** The balance of the account differs by so many wei afterwards. Expect it of a function that sends. */
  toChangeBalance(chain: TestChain, account: Address, wei: bigint): Promise<void>
  /** At most so much gas. */
  toUseGas(atMost: bigint): Promise<void>
}

declare module 'vitest' {
  interface Matchers<R extends void | Promise<void> = void | Promise<void>, T = unknown> extends ContractMatchers {}
}

type Sent = Promise<Outcome> | (() => Promise<Outcome>)

const settle = (sent: Sent): Promise<Outcome> => (typeof sent === 'function' ? sent() : sent)
const shown = (value: unknown) => inspect(value, { depth: 8, breakLength: 100 })
/** As a refusal says its own: `TooMuch(101, 100)`. */
const called = (name: string, args: readonly unknown[]) =>
  `${name}(${args.map((arg) => (typeof arg === 'object' ? shown(arg) : String(arg))).join(', ')})`

expect.extend({
  async toRevertWith(sent: Sent, wanted: string, args?: readonly unknown[]): Promise<Result> {
    let outcome: Outcome
    try {
      outcome = await settle(sent)
    } catch (error) {
      if (!(error instanceof Reverted)) throw error
      const isNamed = error.errorName === wanted || (args === undefined && error.message.includes(wanted))
      const pass = isNamed && (args === undefined || isDeepStrictEqual(plain(error.args), plain(args)))
      const expected = args === undefined ? wanted : called(wanted, args)
      return {
        pass,
        message: () => `expected ${pass ? 'another refusal than' : 'a refusal with'} ${expected}, got ${error.message}`,
      }
    }
    return { pass: false, message: () => `expected a refusal with ${wanted}, but ${outcome.hash} succeeded` }
  },

  async toEmit(sent: Sent, wanted: string, args: Readonly<Record<string, unknown>> = {}): Promise<Result> {
    const { events } = await settle(sent)
    const pass = events.some(
      (event) =>
        event.eventName === wanted &&
        Object.entries(args).every(([name, value]) => isDeepStrictEqual(plain(event.args[name]), plain(value))),
    )
    const seen = () => events.map(({ eventName, args: had }) => `${eventName} ${shown(had)}`).join('; ') || 'no event'
    return { pass, message: () => `expected ${pass ? 'no' : 'the'} event ${wanted} ${shown(args)}, got ${seen()}` }
  },

  async toChangeBalance(
    sent: () => Promise<unknown>,
    chain: TestChain,
    account: Address,
    wei: bigint,
  ): Promise<Result> {
    if (typeof sent !== 'function')
      throw new TypeError('toChangeBalance: give expect a function that sends, which is called')
    const before = await chain.balance(account)
    await sent()
    const change = (await chain.balance(account)) - before
    return {
      pass: change === wei,
      message: () => `expected the balance of ${account} to change by ${wei} wei, not ${change}`,
    }
  },

  async toUseGas(sent: Sent, atMost: bigint): Promise<Result> {
    const { gasUsed } = await settle(sent)
    const pass = gasUsed <= atMost
    return { pass, message: () => `expected ${pass ? 'more than' : 'at most'} ${atMost} gas, got ${gasUsed}` }
  },
})

/** Addresses are the same however they are written. */
function plain(value: unknown): unknown {
  if (typeof value === 'string' && isAddress(value, { strict: false })) return value.toLowerCase()
  if (Array.isArray(value)) return value.map(plain)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, plain(inner)]))
}
