/**
 * Which contract ABI a module is written for, told from its imports and exports (docs/protocol/vm_hooks.md, "The module").
 */
import type { ModuleSummary } from '../binary/moduleSummary.ts'
import { SHOWN_NAME_LENGTH, SHOWN_NAMES } from '../limits.ts'
import { quotedText } from '../visibleText.ts'
import { AbiError, type ContractAbi } from './abi.ts'
import { stylusAbi } from './vmHooks/stylusAbi.ts'

/** Every ABI this chain runs, in the order they are asked. */
const abis: readonly ContractAbi[] = [stylusAbi]

/** Systems whose contracts are WebAssembly too, so that a stranger's module is refused by name. */
const foreign: readonly { readonly name: string; readonly matches: (module: ModuleSummary) => boolean }[] = [
  { name: 'Substrate pallet-contracts (ink!)', matches: (module) => imports(module, /^seal\d+$/) },
  { name: 'Internet Computer', matches: (module) => imports(module, /^ic0$/) || exports(module, /^canister_/) },
  { name: 'Ewasm (EEI)', matches: (module) => imports(module, /^ethereum$/) },
  { name: 'CosmWasm', matches: (module) => exports(module, /^(interface_version_|cosmwasm_vm_version_)/) },
  { name: 'Antelope (EOSIO)', matches: (module) => exports(module, /^apply$/) },
  {
    name: 'browsers (wasm-bindgen, wasm-pack)',
    matches: (module) => imports(module, /^(wbg|__wbindgen_\w*|\.\/\w+_bg\.js)$/) || exports(module, /^__wbindgen_/),
  },
  { name: 'WASI', matches: (module) => imports(module, /^(wasi_|__marine)/) },
  {
    name: 'NEAR',
    matches: (module) =>
      module.imports.some(
        (item) => item.module === 'env' && /^(input|read_register|storage_write|value_return)$/.test(item.name),
      ),
  },
]

/**
 * The ABI that claims the module.
 * @throws AbiError `foreign-abi`, naming the system the module seems to be made for, or `unknown-abi`.
 */
export function detectAbi(module: ModuleSummary): ContractAbi {
  const abi = abis.find((candidate) => candidate.detects(module))
  if (abi !== undefined) return abi
  const stranger = foreign.find((system) => system.matches(module))
  const hint =
    'contracts here use the Stylus ABI: import from "vm_hooks", export user_entrypoint(length: i32) -> i32 and "memory"'
  if (stranger !== undefined) {
    throw new AbiError('foreign-abi', `the module is made for ${stranger.name}, which this chain does not run`, hint)
  }
  throw new AbiError('unknown-abi', `the module is no contract of a known ABI: ${outline(module)}`, hint)
}

function outline(module: ModuleSummary): string {
  const from = [...new Set(module.imports.map((item) => item.module))]
  const names = module.exports.map((item) => item.name)
  return `it imports from ${shownNames(from) ?? 'nothing'} and exports ${shownNames(names) ?? 'nothing'}`
}

/** Names of imports or exports for a message: the first few, made safe to show. Null when there are none. */
export function shownNames(names: readonly string[]): string | null {
  if (names.length === 0) return null
  const shown = names.slice(0, SHOWN_NAMES).map((name) => quotedText(name, SHOWN_NAME_LENGTH))
  return shown.join(', ') + (names.length > SHOWN_NAMES ? ', ...' : '')
}

function imports(module: ModuleSummary, pattern: RegExp): boolean {
  return module.imports.some((item) => pattern.test(item.module))
}

function exports(module: ModuleSummary, pattern: RegExp): boolean {
  return module.exports.some((item) => pattern.test(item.name))
}
