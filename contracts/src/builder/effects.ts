/**
 * The promises @view and @pure, held against everything that a function's code can call: found in the module, where
 * generics, overrides and calls through variables are resolved, and before optimisation, where every function is still
 * there. As in Solidity a call counts whether or not it would be executed.
 */

import { isConstructor } from './astNodes.ts'
import { type CallGraph, reach } from './callGraph.ts'
import type { MethodNode } from './compiler.ts'
import { parser } from './compiler.ts'
import { START_FUNCTION } from './compileWasm.ts'
import { allFunctions, chainOf } from './inheritance.ts'
import type { ContractModel, FunctionModel } from './model.ts'
import { BuildError, type Problem, positionAt } from './problem.ts'
import { shortName } from './shortNames.ts'

const { NodeKind } = parser

/** Begins AssemblyScript's names of the functions that run what stands outside functions and classes in a file. */
const FILE_START = 'start:'
const AT_START = ' where the module starts, which each call does first'

/** Host functions that change something, and what they do in words. */
const CHANGES: Readonly<Record<string, string>> = {
  'vm_hooks.storage_cache_bytes32': 'writes a field',
  'vm_hooks.transient_store_bytes32': 'writes a field',
  'vm_hooks.emit_log': 'emits an event',
  'vm_hooks.call_contract': 'makes a call that may change state (static calls and @view methods of interfaces do not)',
  'vm_hooks.delegate_call_contract': 'makes a delegate call',
  'vm_hooks.create1': 'creates a contract',
  'vm_hooks.create2': 'creates a contract',
}

/** Host functions that tell of the state, the transaction or the block. */
const READS: Readonly<Record<string, string>> = {
  'vm_hooks.storage_load_bytes32': 'reads a field',
  'vm_hooks.transient_load_bytes32': 'reads a field',
  'vm_hooks.static_call_contract': 'calls a contract',
  'vm_hooks.account_balance': 'reads a balance',
  'vm_hooks.account_code': 'reads the code of an account',
  'vm_hooks.account_code_size': 'reads the code of an account',
  'vm_hooks.account_codehash': 'reads the code of an account',
  'vm_hooks.msg_sender': 'reads msg.sender',
  'vm_hooks.msg_value': 'reads msg.value',
  'vm_hooks.tx_origin': 'reads tx.origin',
  'vm_hooks.tx_gas_price': 'reads tx.gasPrice',
  'vm_hooks.evm_gas_left': 'reads the gas left',
  'vm_hooks.contract_address': 'reads the address of the contract',
}

/** The host functions that a function may call and still depend on its arguments alone. */
const PURE: readonly string[] = [
  'vm_hooks.write_result',
  'vm_hooks.exit_early',
  'vm_hooks.native_keccak256',
  'vm_hooks.math_div',
  'vm_hooks.math_mod',
  'vm_hooks.math_pow',
  'vm_hooks.math_add_mod',
  'vm_hooks.math_mul_mod',
  'console.log_txt',
]

/** @throws BuildError with every function that does more than it says. */
export function checkEffects(contract: ContractModel, graph: CallGraph): void {
  const chain = chainOf(contract)
  const problems: Problem[] = []
  for (const model of allFunctions(contract).values()) {
    if (model.mutability !== 'view' && model.mutability !== 'pure') continue
    const running = chain.find((c) => methodOf(c, model.name) !== null)
    // A getter of a field reads what it says, and has no code of the author's.
    if (running === undefined) continue
    const node = methodOf(running, model.name) as MethodNode
    const root = `${internalName(running)}#${model.name}`
    if (!graph.calls.has(root)) throw new Error(`the module has no function ${root}`)
    const reached = reach(graph, root)
    const own = tooMuch(model, reached)
    const does = own ?? tooMuch(model, reach(graph, START_FUNCTION), AT_START)
    if (does === null) continue
    const { file } = running
    const message = `${model.name} is @${model.mutability} and ${does}`
    problems.push({
      file: file.path,
      ...positionAt(file.text, node.name.range.start),
      message,
      ...hintFor(own, reached),
    })
  }
  if (problems.length > 0) throw new BuildError(problems)
}

/** The mark that what the function does itself would have; none where it only is after what does too much. */
function hintFor(own: string | null, reached: ReadonlyMap<string, readonly string[]>): Pick<Problem, 'hint'> {
  if (own === null) return {}
  const isChange = [...reached.keys()].some((host) => CHANGES[host] !== undefined)
  return { hint: `write ${isChange ? '@external' : '@view'}, if it is meant to` }
}

/** The nearest thing that a function may not do, and through what it gets there; null when there is none. */
function tooMuch(model: FunctionModel, reached: ReadonlyMap<string, readonly string[]>, when = ''): string | null {
  for (const [host, way] of reached) {
    const does = doesTooMuch(model, host)
    if (does === null) continue
    const through = way.slice(1).filter((name) => !/^[~(]/.test(name) && !name.startsWith(FILE_START))
    return `${does}${when}${through.length === 0 ? '' : `, through ${through.map(shortName).join(', ')}`}`
  }
  return null
}

function doesTooMuch({ mutability }: FunctionModel, host: string): string | null {
  const changes = CHANGES[host]
  if (changes !== undefined || mutability === 'view') return changes ?? null
  if (PURE.includes(host)) return null
  return READS[host] ?? `reads the chain (${host.replace('vm_hooks.', '')})`
}

function methodOf(contract: ContractModel, name: string): MethodNode | null {
  for (const member of contract.node.members) {
    if (member.kind !== NodeKind['MethodDeclaration'] || member.name.text !== name) continue
    if (!isConstructor(member as MethodNode)) return member as MethodNode
  }
  return null
}

/** How AssemblyScript names a class: its file's path and its name. */
function internalName({ file, name }: ContractModel): string {
  return `${file.path.replace(/\.ts$/, '')}/${name}`
}
