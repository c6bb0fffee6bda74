/**
 * Our own tracer: the gas of a transaction by frame, function and host call, and how often each instruction ran. The ink of
 * all nodes together is the gas spent, to the unit; 10 000 ink are a gas, and below 2^53 (MAX_PROFILED_GAS).
 */
import { toHex, toQuantity } from '../../../codec/hex.ts'
import type { Profile, ProfiledContract, ProfiledNode } from '../../../execution/trace/profile.ts'

export function profileView({ gasUsed, gasSpent, refund, contracts, nodes, isCut }: Profile): object {
  return {
    gasUsed: toQuantity(gasUsed),
    gasSpent: toQuantity(gasSpent),
    refund: toQuantity(refund),
    isCut,
    nodes: nodes.map(nodeView),
    contracts: contracts.map(contractView),
  }
}

function nodeView({ what, parent, calls, ink }: ProfiledNode): object {
  const shown = what.kind === 'frame' ? { kind: 'frame', type: what.frame, to: toHex(what.to) } : what
  return { ...shown, parent, calls, ink }
}

function contractView({ moduleHash, addresses, functions, places, choices }: ProfiledContract): object {
  return {
    moduleHash: toHex(moduleHash),
    addresses: addresses.map(toHex),
    functions,
    places: places.map(({ functionIndex, offset, count, fuel }) => [functionIndex, offset, count, fuel]),
    choices: choices.map(({ functionIndex, offset, ways }) => [functionIndex, offset, ways]),
  }
}
