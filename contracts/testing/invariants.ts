/** Invariants: what holds after every sequence of calls. */
import * as fc from 'fast-check'
import {
  type Abi,
  type AbiStateMutability,
  type Address,
  CallExecutionError,
  type ContractFunctionName,
  encodeFunctionData,
  type Hex,
} from 'viem'
import { amountsUpTo, inputsOf } from './arbitraries.ts'
import { addressNames, type Call, callWords, resultWords, type Target } from './callWords.ts'
import type { TestChain } from './chain.ts'
import { reason } from './property.ts'
import { Reverted } from './reverted.ts'
import { Falsified, search } from './search.ts'

const RUNS = 20
const LENGTH = 15
/** Few, so that they meet: a caller with a balance, a transfer to oneself. */
const CALLERS = 3
const MOST_VALUE = 10n ** 18n

type Changing = Extract<AbiStateMutability, 'nonpayable' | 'payable'>

export interface InvariantOptions<abi extends Abi | readonly unknown[] = Abi> {
  /** Names of the functions to call; all that may change the state unless said. */
  readonly functions?: readonly ContractFunctionName<abi, Changing>[]
  /** Who calls: the first three accounts unless said. */
  readonly callers?: readonly Address[]
  /**
   * Addresses among the arguments, and no others: name those whose balances the invariants add up. Unless said: callers,
   * contracts, and now and then the zero address and strangers.
   */
  readonly addresses?: readonly Address[]
  /** Most wei that is sent along to a payable function: 1 ether unless said. */
  readonly value?: bigint
  /** Sequences that are tried: 20 unless said. */
  readonly runs?: number
  /** Most calls in one: 15 unless said. */
  readonly length?: number
  /** A call that reverts is a failure too. */
  readonly failOnRevert?: boolean
  /** The same sequences again; others in each run unless said. It is printed with a failure. */
  readonly seed?: number
  /** Of a failure that was printed: that sequence alone. */
  readonly path?: string
  /** Ends the search; that of vitest's test context is aborted when the test has no time left. */
  readonly signal?: AbortSignal
}

export interface CallCounts {
  readonly succeeded: number
  readonly reverted: number
}

/** What was tried, by contract and function: `report['Token.transfer']`. */
export type InvariantReport = Readonly<Record<string, CallCounts>>

/** How a sequence ended that breaks an invariant. */
class Broken extends Error {
  readonly words: string
  /** Calls until then. */
  readonly calls: number

  constructor(words: string, calls: number, cause: unknown) {
    super(words, { cause })
    this.words = words
    this.calls = calls
  }
}

/**
 * Calls the contracts in random sequences, each from the state in which the chain is now, and checks the invariants
 * before the first and after every call. Callers, functions, arguments and wei are random; calls may revert. An
 * invariant fails by throwing, as `expect` does, or by giving false. Afterwards the chain is as it was, but numbers
 * and times of blocks go on; nothing of it is in the gas report.
 * @param invariants by what they say
 * @returns what was called how often: a function that always reverted was not tried
 * @throws Falsified with the shortest sequence that fails, call by call
 * @throws Error when no call of any sequence succeeded; RangeError for options that make no sense
 * @example
 * ```ts
 * await checkInvariants(chain, token, {
 *   'no more than the cap': async () => (await token.read.totalSupply()) <= CAP,
 * })
 * ```
 */
export async function checkInvariants<const abi extends Abi | readonly unknown[]>(
  chain: TestChain,
  contracts: Target<abi> | readonly Target<abi>[],
  invariants: Readonly<Record<string, () => Promise<unknown>>>,
  options: InvariantOptions<abi> = {},
): Promise<InvariantReport> {
  const { runs = RUNS, length = LENGTH, failOnRevert = false, ...repeated } = options
  if (!Number.isSafeInteger(length) || length < 1) {
    throw new RangeError(`length is a whole number of calls from 1 on, not ${length}`)
  }
  if (Object.keys(invariants).length === 0 && !failOnRevert)
    throw new RangeError('there is no invariant, and calls may revert: nothing could fail')
  const targets = [contracts].flat() as unknown as readonly Target[]
  const sequences = fc.array(calls(chain, targets, options), { minLength: 1, maxLength: length, size: 'max' })
  const counts = new Map<string, { succeeded: number; reverted: number }>()

  const check = async (made: number) => {
    for (const [name, holds] of Object.entries(invariants)) {
      const broken = (cause: unknown) => new Broken(`the invariant "${name}" does not hold`, made, cause)
      let held: unknown
      try {
        held = await holds()
      } catch (cause) {
        throw fc.PreconditionFailure.isFailure(cause) ? cause : broken(cause)
      }
      if (held === false) throw broken(new Error('it gave false'))
    }
  }
  const attempt = async (sequence: readonly Call[]) => {
    for (const [at, call] of sequence.entries()) {
      const refusal = await send(chain, call)
      count(counts, call, refusal)
      if (refusal !== null && failOnRevert) throw new Broken('a call reverts', at + 1, refusal)
      await check(at + 1)
    }
  }

  try {
    await check(0)
  } catch (error) {
    if (!(error instanceof Broken)) throw error
    throw new Error(`${error.words} before any call\nbecause: ${reason(error.cause)}`, { cause: error.cause })
  }
  const { seed, path, signal } = repeated
  const found = await search(chain, sequences, attempt, {
    runs,
    ...(seed === undefined ? {} : { seed }),
    ...(path === undefined ? {} : { path }),
    ...(signal === undefined ? {} : { signal }),
  })
  if (found === null) return reportOf(counts)
  const { cause } = found
  if (!(cause instanceof Broken)) throw cause
  const told = await replay(chain, targets, found.value.slice(0, cause.calls))
  const heading = `${cause.words} after ${cause.calls === 1 ? 'this call' : `these ${cause.calls} calls`}:`
  const words = [heading, ...told, `because: ${reason(cause.cause)}`].join('\n')
  throw new Falsified(words, { ...found, cause: cause.cause })
}

function calls<abi extends Abi | readonly unknown[]>(
  chain: TestChain,
  targets: readonly Target[],
  { functions, callers = chain.accounts.slice(0, CALLERS), addresses, value: most = MOST_VALUE }: InvariantOptions<abi>,
): fc.Arbitrary<Call> {
  if (callers.length === 0) throw new RangeError('callers is empty: name an account, or leave it out')
  const changing = targets.flatMap((target) =>
    target.abi.flatMap((item) =>
      item.type === 'function' && (item.stateMutability === 'nonpayable' || item.stateMutability === 'payable')
        ? [{ target, item }]
        : [],
    ),
  )
  const names = new Set(changing.map(({ item }) => item.name))
  const there = [...names].join(', ') || 'none'
  const missing = functions?.find((name) => !names.has(name))
  if (missing !== undefined) throw new RangeError(`no function ${missing} changes the state; there are: ${there}`)
  const chosen = changing.filter(({ item: { name } }) => functions === undefined || functions.some((f) => f === name))
  if (chosen.length === 0)
    throw new RangeError(`no function to call: of those that change the state there are ${there}`)

  if (addresses?.length === 0) throw new RangeError('addresses is empty: name one, or leave it out')
  const near = [...callers, ...targets.map(({ address }) => address)]
  const among = { preferred: addresses ?? [...new Set(near)], others: addresses === undefined }
  return fc.oneof(
    ...chosen.map(({ target, item }) =>
      fc.record({
        target: fc.constant(target),
        item: fc.constant(item),
        from: fc.constantFrom(...callers),
        args: inputsOf(item, among),
        value: item.stateMutability === 'payable' ? amountsUpTo(most) : fc.constant(0n),
      }),
    ),
  )
}

/** What it was refused with; null when it was not. */
async function send(chain: TestChain, { target, item, from, args, value }: Call): Promise<Reverted | null> {
  const data = encodeFunctionData({ abi: [item], functionName: item.name, args })
  try {
    await chain.send(target.address, { from, data, value })
    return null
  } catch (error) {
    if (error instanceof Reverted) return error
    throw error
  }
}

function count(
  counts: Map<string, { succeeded: number; reverted: number }>,
  call: Call,
  refusal: Reverted | null,
): void {
  const name = `${call.target.name}.${call.item.name}`
  const known = counts.get(name) ?? { succeeded: 0, reverted: 0 }
  known[refusal === null ? 'succeeded' : 'reverted']++
  counts.set(name, known)
}

function reportOf(counts: ReadonlyMap<string, CallCounts>): InvariantReport {
  const all = [...counts.values()]
  if (all.some(({ succeeded }) => succeeded > 0)) return Object.fromEntries(counts)
  const reverted = all.reduce((sum, each) => sum + each.reverted, 0)
  throw new Error(
    `all ${reverted} calls reverted, so the invariants were not tried: choose callers and functions that succeed, or prepare the state first`,
  )
}

/** The sequence once more, for what each call gives; the chain is then as it was. */
async function replay(chain: TestChain, targets: readonly Target[], sequence: readonly Call[]): Promise<string[]> {
  const names = addressNames(chain.accounts, targets)
  const back = await chain.snapshot()
  try {
    const lines: string[] = []
    for (const [at, call] of sequence.entries()) {
      const given = await resultOf(chain, call)
      const refusal = await send(chain, call)
      lines.push(
        `  ${at + 1}. ${callWords(call, names)} -> ${refusal?.message ?? resultWords(call.item, given, names)}`,
      )
    }
    return lines
  } finally {
    await back()
  }
}

/** What it would return now; undefined when it reverts. */
async function resultOf(chain: TestChain, { target, item, from, args, value }: Call): Promise<Hex | undefined> {
  const data = encodeFunctionData({ abi: [item], functionName: item.name, args })
  try {
    return (await chain.client.call({ account: from, to: target.address, data, value })).data
  } catch (error) {
    if (error instanceof CallExecutionError) return undefined
    throw error
  }
}
