/** A profile as it leaves the thread that made it: flat, bounded, and with the costs of the transaction itself. */
import { type ExecutedChoice, type ExecutedPlace, INK_PER_GAS } from '../contractHost.ts'
import { type IntrinsicFields, intrinsicCosts, REFUND_QUOTIENT } from '../fees.ts'
import { MAX_PROFILE_ADDRESSES, MAX_PROFILE_NODES, MAX_PROFILE_PLACES, MAX_PROFILED_MODULE_BYTES } from '../limits.ts'
import type { FrameKind } from './callTree.ts'
import type { FrameCost, Node, ProfileLabel, RawProfile, Recorded } from './profiler.ts'
import { TraceTooLarge } from './recorder.ts'

/** Costs of a transaction before anything runs, and the least that its calldata costs (EIP-7623). */
export type TransactionCost = 'transaction' | 'calldata' | 'creation' | 'access list' | 'calldata floor' | 'operations'

export type ProfiledWhat =
  | { readonly kind: 'frame'; readonly frame: FrameKind; readonly to: Uint8Array }
  /** `contract`: its place in the list. */
  | {
      readonly kind: 'function'
      readonly contract: number
      readonly functionIndex: number
      /** Byte offset of the instruction of the caller that calls it; null where no instruction of the caller's did. */
      readonly at: number | null
    }
  | { readonly kind: 'host'; readonly name: string }
  | { readonly kind: 'fixed'; readonly name: FrameCost | TransactionCost }
  | { readonly kind: 'burnt' }

export interface ProfiledNode {
  readonly what: ProfiledWhat
  /** Place of the caller in the list, before this one; -1 for the transaction. */
  readonly parent: number
  readonly calls: number
  /** Ink of its own. */
  readonly ink: number
}

export interface ProfiledContract {
  readonly moduleHash: Uint8Array
  readonly addresses: readonly Uint8Array[]
  /** Those that ran. */
  readonly functions: readonly { readonly index: number; readonly name: string | null }[]
  readonly places: readonly ExecutedPlace[]
  readonly choices: readonly ExecutedChoice[]
}

export interface Profile {
  /** As in the receipt: {@link gasSpent} less {@link refund}. */
  readonly gasUsed: bigint
  /** That of all nodes together. */
  readonly gasSpent: bigint
  readonly refund: bigint
  readonly contracts: readonly ProfiledContract[]
  readonly nodes: readonly ProfiledNode[]
  /** Whether some functions have no node of their own, since there are too many (MAX_PROFILE_NODES). */
  readonly isCut: boolean
}

/** By the outermost message. */
export interface Paid extends Pick<IntrinsicFields, 'to' | 'data'> {
  readonly gasLimit: bigint
  /** As in the receipt. */
  readonly gasUsed: bigint
}

/** The room for the profiles of one trace, which may be of many transactions. */
export class ProfileRoom {
  nodes = MAX_PROFILE_NODES
  places = MAX_PROFILE_PLACES
  moduleBytes = MAX_PROFILED_MODULE_BYTES

  /** @throws TraceTooLarge. */
  take(what: 'nodes' | 'places' | 'moduleBytes', count: number): void {
    this[what] -= count
    if (this[what] >= 0) return
    throw new TraceTooLarge(
      `the profile has more than ${MAX_PROFILE_NODES} functions, host calls and frames (MAX_PROFILE_NODES), ${MAX_PROFILE_PLACES} instructions and choices (MAX_PROFILE_PLACES) or ${MAX_PROFILED_MODULE_BYTES} bytes of modules (MAX_PROFILED_MODULE_BYTES); ask for one transaction, or for a tracer that keeps less`,
    )
  }
}

/**
 * Keeps nothing of what was recorded but the profile itself, which waits for what the transaction paid. @throws
 * TraceTooLarge.
 */
export function profileOf(raw: RawProfile, room: ProfileRoom): (paid: Paid) => Profile {
  const { outermost, refund: earned, isCut } = raw
  const contracts = profiled(raw.contracts, room)
  const ran = outermost === null ? [] : flatNodes(raw)
  return (paid) => {
    const { fixed, refund } = fixedCosts(outermost, earned, paid)
    const nodes = [...fixed]
    for (const node of ran) nodes.push(node.parent < 0 ? node : { ...node, parent: node.parent + fixed.length })
    return { gasUsed: paid.gasUsed, gasSpent: paid.gasUsed + refund, refund, contracts, nodes, isCut }
  }
}

/** Costs of the transaction itself, and the part of `earned` that it gets back. */
function fixedCosts(outermost: RawProfile['outermost'], earned: bigint, paid: Paid) {
  const fixed: ProfiledNode[] = []
  const pay = (name: TransactionCost, gas: bigint) => {
    if (gas > 0n) fixed.push({ what: { kind: 'fixed', name }, parent: -1, calls: 1, ink: Number(gas * INK_PER_GAS) })
  }
  if (outermost === null) {
    pay('operations', paid.gasUsed)
    return { fixed, refund: 0n }
  }
  const { transaction, calldata, creation } = intrinsicCosts(paid)
  pay('transaction', transaction)
  pay('calldata', calldata)
  pay('creation', creation)
  pay('access list', paid.gasLimit - outermost.gas - transaction - calldata - creation)
  const spent = paid.gasLimit - outermost.gas + outermost.used
  // EIP-3529.
  const most = spent / REFUND_QUOTIENT
  const refund = earned < most ? earned : most
  pay('calldata floor', paid.gasUsed - (spent - refund))
  return { fixed, refund }
}

/** Without recursion: functions may have called themselves as deep as the stack of contracts is. */
function flatNodes({ root, contracts }: RawProfile): ProfiledNode[] {
  const nodes: ProfiledNode[] = []
  const places = new Map(contracts.map(({ contract }, place) => [contract, place]))
  const waiting: { readonly node: Node; readonly parent: number }[] = [...root.children].map((node) => ({
    ...{ node, parent: -1 },
  }))
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    const { node, parent } = next
    const place = nodes.push({ what: whatOf(node.label, places), parent, calls: node.calls, ink: node.self }) - 1
    for (const child of [...node.children].reverse()) waiting.push({ node: child, parent: place })
  }
  return nodes
}

function whatOf(label: ProfileLabel, places: ReadonlyMap<Recorded['contract'], number>): ProfiledWhat {
  switch (label.kind) {
    case 'function': {
      const { functionIndex, at } = label
      return { kind: 'function', contract: places.get(label.contract)!, functionIndex, at }
    }
    case 'host':
      return { kind: 'host', name: label.contract.importName(label.functionIndex) }
    case 'root':
      throw new Error('a profile has its root below another node')
    default:
      return label
  }
}

function profiled(contracts: readonly Recorded[], room: ProfileRoom): ProfiledContract[] {
  return contracts.map(({ contract, moduleHash, addresses }) => {
    const places = contract.places()
    const choices = contract.choices()
    room.take(
      'places',
      choices.reduce((sum, { ways }) => sum + ways.length, places.length),
    )
    const indices = [...new Set(places.map(({ functionIndex }) => functionIndex))]
    return {
      ...{ moduleHash, places, choices },
      addresses: [...addresses.values()].slice(0, MAX_PROFILE_ADDRESSES),
      functions: indices.map((index) => ({ index, name: contract.functionName(index) })),
    }
  })
}
