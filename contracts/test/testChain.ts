/**
 * A chain in the test's own process: the node's real state transition over a state in memory, spoken to with viem's
 * encoders as the independent check of ours. One message = one transaction, without signatures and fees.
 */

import {
  type Abi,
  bytesToHex,
  decodeErrorResult,
  decodeEventLog,
  decodeFunctionResult,
  encodeDeployData,
  encodeFunctionData,
  type Hex,
  hexToBytes,
  toFunctionSelector,
} from 'viem'
import { applyMessage } from '../../node/src/execution/applyMessage.ts'
import { createProgramCache } from '../../node/src/execution/programCache.ts'
import { refusedValue, revertReason } from '../../node/src/execution/revertReason.ts'
import type { JournaledState } from '../../node/src/state/journaledState.ts'
import { openMemoryState } from '../../node/src/state/memoryState.ts'
import type { Artifact } from '../src/index.ts'

const GAS_LIMIT = 30_000_000n
const RICH = 10n ** 24n

export interface Sent {
  readonly kind: 'success' | 'revert' | 'failure'
  readonly output: Hex
  readonly gasUsed: bigint
  readonly logs: readonly { readonly address: Hex; readonly topics: readonly Hex[]; readonly data: Hex }[]
  readonly message: string | null
  readonly contractAddress: Hex | null
  /** The data that was sent. */
  readonly input: Hex
  readonly value: bigint
}

export interface SendOptions {
  readonly from?: Hex
  readonly value?: bigint
}

/** An account of the test: any address, rich from the start. */
export function account(index: number): Hex {
  return `0x${(index + 0xa0).toString(16).padStart(2, '0').repeat(20)}`
}

export class TestChain {
  readonly state: JournaledState = openMemoryState()
  readonly printed: string[] = []
  timestamp = 1_700_000_000n
  readonly #programs = createProgramCache()

  constructor() {
    for (let i = 0; i < 8; i++) this.state.setBalance(hexToBytes(account(i)), RICH)
    this.state.endTransaction()
  }

  /** Sends a message from outside and keeps what it changed. */
  send(to: Hex | null, data: Hex, { from = account(0), value = 0n }: SendOptions = {}): Sent {
    const block = {
      number: 1n,
      timestamp: this.timestamp,
      coinbase: new Uint8Array(20).fill(0xcb),
      gasLimit: GAS_LIMIT,
      baseFee: 7n,
      prevRandao: new Uint8Array(32),
    }
    const config = {
      chainId: 31_337n,
      schedule: 'touchstone/1',
      engine: 'reference' as const,
      programs: this.#programs,
      debug: (text: string) => this.printed.push(text),
    }
    const outer = {
      from: hexToBytes(from),
      to: to === null ? null : hexToBytes(to),
      value,
      data: hexToBytes(data),
      accessList: [],
      gasLimit: GAS_LIMIT,
      gasPrice: 7n,
    }
    const applied = applyMessage(this.state, outer, block, config)
    this.state.endTransaction()
    const { kind, output, gasUsed, logs, message, contractAddress } = applied
    return {
      kind,
      output: bytesToHex(output),
      gasUsed,
      message,
      input: data,
      value,
      contractAddress: contractAddress === null ? null : bytesToHex(contractAddress),
      logs: logs.map((log) => ({
        address: bytesToHex(log.address),
        topics: log.topics.map((topic) => bytesToHex(topic)),
        data: bytesToHex(log.data),
      })),
    }
  }

  /** Deploys; throws with the reason when that fails. */
  deploy(artifact: Artifact, args: readonly unknown[] = [], options: SendOptions = {}): TestContract {
    const sent = this.tryDeploy(artifact, args, options)
    if (sent.kind !== 'success' || sent.contractAddress === null) {
      throw new Error(`deploying ${artifact.contractName}: ${describeFailure(artifact, sent)}`)
    }
    return new TestContract(this, artifact, sent.contractAddress, sent.gasUsed)
  }

  tryDeploy(artifact: Artifact, args: readonly unknown[] = [], options: SendOptions = {}): Sent {
    const data = encodeDeployData({ abi: artifact.abi as Abi, bytecode: artifact.bytecode, args })
    return this.send(null, data, options)
  }

  /** The 32 bytes in a slot. */
  slot(contract: Hex, key: Hex | bigint): Hex {
    const bytes = typeof key === 'bigint' ? hexToBytes(`0x${key.toString(16).padStart(64, '0')}`) : hexToBytes(key)
    return bytesToHex(this.state.storage(hexToBytes(contract), bytes))
  }
}

export class TestContract {
  readonly chain: TestChain
  readonly artifact: Artifact
  readonly address: Hex
  /** Gas of the creation. */
  readonly gasUsed: bigint
  readonly #abi: Abi

  constructor(chain: TestChain, artifact: Artifact, address: Hex, gasUsed: bigint) {
    this.chain = chain
    this.artifact = artifact
    this.address = address
    this.gasUsed = gasUsed
    this.#abi = artifact.abi as Abi
  }

  trySend(functionName: string, args: readonly unknown[] = [], options: SendOptions = {}): Sent {
    return this.chain.send(this.address, encodeFunctionData({ abi: this.#abi, functionName, args }), options)
  }

  /** Sends and decodes the result. @throws with the decoded reason. */
  send<T = unknown>(functionName: string, args: readonly unknown[] = [], options: SendOptions = {}): T {
    const sent = this.trySend(functionName, args, options)
    if (sent.kind !== 'success') throw new Error(describeFailure(this.artifact, sent))
    return decodeFunctionResult({ abi: this.#abi, functionName, data: sent.output }) as T
  }

  /** Sends and gives the contract's own events, decoded. */
  events(functionName: string, args: readonly unknown[] = [], options: SendOptions = {}): readonly DecodedEvent[] {
    const sent = this.trySend(functionName, args, options)
    if (sent.kind !== 'success') throw new Error(describeFailure(this.artifact, sent))
    return sent.logs
      .filter((log) => log.address === this.address)
      .map((log) => {
        const topics = log.topics as [Hex, ...Hex[]]
        return decodeEventLog({ abi: this.#abi, data: log.data, topics }) as unknown as DecodedEvent
      })
  }
}

export interface DecodedEvent {
  readonly eventName: string
  readonly args: Readonly<Record<string, unknown>>
}

/** `ErrorName(args)` for revert data the ABI knows, a panic's meaning, or else the node's own words. */
export function describeFailure(artifact: Artifact, { kind, output, message, input, value }: Sent): string {
  if (kind !== 'revert') return `failed: ${message}`
  if (output === '0x') {
    const refused = value > 0n ? notPayable(artifact, input) : null
    return refused === null ? 'reverted without data' : refusedValue(refused, value)
  }
  const { errorName, args } = decodeErrorResult({ abi: artifact.abi as Abi, data: output })
  if (errorName === 'Panic') return revertReason(hexToBytes(output)) ?? output
  return `${errorName}(${(args ?? []).join(', ')})`
}

function notPayable({ abi }: Artifact, input: Hex): string | null {
  const called = (abi as Abi).find(
    (item) => item.type === 'function' && toFunctionSelector(item) === input.slice(0, 10),
  )
  return called?.type === 'function' && called.stateMutability !== 'payable' ? called.name : null
}
