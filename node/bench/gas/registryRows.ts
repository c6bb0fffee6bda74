/** The validator registry at its fullest, on the node's own state, called as a contract would do it again and again. */
import { encodeFunctionData, hexToBytes, parseAbi } from 'viem'
import { toHex } from '../../src/codec/hex.ts'
import { ed25519PublicKey } from '../../src/crypto/ed25519.ts'
import type { EngineName } from '../../src/execution/executionConfig.ts'
import type { Message } from '../../src/execution/message.ts'
import type { TransactionContext } from '../../src/execution/transactionContext.ts'
import {
  MAX_SCHEDULED,
  type RegisteredValidator,
  type ValidatorChange,
} from '../../src/execution/validatorRegistry/registry.ts'
import { runRegistry } from '../../src/execution/validatorRegistry/registryCall.ts'
import { REGISTRY_ADDRESS, REGISTRY_INTERFACE } from '../../src/execution/validatorRegistry/registryInterface.ts'
import { changedWords, writeWords } from '../../src/execution/validatorRegistry/registryStorage.ts'
import { MAX_VALIDATORS } from '../../src/types/genesisCodec.ts'
import type { Row } from './row.ts'
import { nanosecondsOf } from './stopwatch.ts'
import { addressOf, BLOCK_GAS, SENDER, type World, wordOf } from './world.ts'

const ABI = parseAbi(REGISTRY_INTERFACE)
const NUMBER = 10n
const HEIGHT = 1_000n
const TURNS = 10

const validators: readonly RegisteredValidator[] = Array.from({ length: MAX_VALIDATORS }, (_, index) => ({
  publicKey: ed25519PublicKey(wordOf(index + 1)),
  power: 1n,
  feeRecipient: addressOf(0xfee0 + index),
  operator: addressOf(0x0be0_0000 + index),
}))

const changeOf = (index: number, approvals: number, isScheduled: boolean): ValidatorChange => ({
  id: BigInt(index + 1),
  validator: { ...validators[index % MAX_VALIDATORS]!, power: 2n },
  height: HEIGHT + BigInt(index),
  proposer: validators[index % MAX_VALIDATORS]!.operator,
  approvals: validators.slice(0, approvals).map(({ operator }) => operator),
  isScheduled,
})

/** One approval less than decides. */
const MOST_APPROVALS = Math.floor((2 * MAX_VALIDATORS) / 3)
const scheduled = Array.from({ length: MAX_SCHEDULED }, (_, index) => changeOf(index, MOST_APPROVALS + 1, true))
const open = validators.map((_, index) => changeOf(MAX_SCHEDULED + index, MOST_APPROVALS, false))

const input = (functionName: 'validators' | 'changes' | 'approve' | 'propose', args: readonly unknown[] = []) =>
  hexToBytes(encodeFunctionData({ abi: ABI, functionName, args } as Parameters<typeof encodeFunctionData>[0]))

const proposal = input('propose', [
  toHex(validators[0]!.publicKey),
  3n,
  toHex(addressOf(1)),
  toHex(addressOf(2)),
  HEIGHT,
])
const approval = input('approve', [open.at(-1)!.id])
const decider = validators.at(-1)!.operator

interface RegistryCase {
  readonly name: string
  readonly changes: readonly ValidatorChange[]
  readonly input: Uint8Array
  readonly caller: Uint8Array
}

const CASES: readonly RegistryCase[] = [
  { name: 'registry, validators() of a full set', changes: [], input: input('validators'), caller: SENDER },
  {
    name: 'registry, validators(), all changes there may be',
    changes: [...scheduled, ...open],
    input: input('validators'),
    caller: SENDER,
  },
  {
    name: 'registry, changes(), all there may be',
    changes: [...scheduled, ...open],
    input: input('changes'),
    caller: SENDER,
  },
  {
    name: 'registry, propose, all changes there may be',
    changes: [...scheduled, ...open],
    input: proposal,
    caller: decider,
  },
  {
    name: 'registry, approve, one more is scheduled',
    changes: [...scheduled.slice(1), ...open],
    input: approval,
    caller: decider,
  },
  { name: 'registry, propose, by a stranger', changes: [...scheduled, ...open], input: proposal, caller: SENDER },
]

export interface RegistryOptions {
  readonly engine: EngineName
  readonly rounds: number
  readonly wanted: (name: string) => boolean
}

/** Changes are undone after each call, as by a frame that reverts. */
export function registryRows(world: World, { engine, rounds, wanted }: RegistryOptions): Row[] {
  return CASES.filter(({ name }) => wanted(name)).map(({ name, changes, input, caller }) => {
    const state = world.open()
    state.setNonce(REGISTRY_ADDRESS, 1n)
    writeWords(state, changedWords(state, { validators, changes, nextId: 1_000n }))
    state.endTransaction()
    const context = { state, block: { number: NUMBER } } as unknown as TransactionContext
    const message = {
      codeAddress: REGISTRY_ADDRESS,
      caller,
      input,
      gas: BLOCK_GAS,
      value: 0n,
      isStatic: false,
      kind: 'call',
    } as unknown as Message
    let gas = 0
    let best = Number.POSITIVE_INFINITY
    for (let round = 0; round < rounds; round++) {
      const nanoseconds = nanosecondsOf(() => {
        for (let turn = 0; turn < TURNS; turn++) {
          const checkpoint = state.checkpoint()
          const result = runRegistry(context, message)
          if (result === null || result.kind === 'failure') throw new Error(`${name}: the call failed`)
          gas = Number(BLOCK_GAS - result.gasLeft)
          state.revert(checkpoint)
        }
      })
      best = Math.min(best, nanoseconds / TURNS)
    }
    return { group: 'registry', name, engine, gas, nanoseconds: best, ownNanoseconds: null }
  })
}
