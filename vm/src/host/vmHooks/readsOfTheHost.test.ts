/**
 * Where each host function has its answer from. Contracts that could read what only their node knows (its pool, its peers,
 * its version) have split other chains; a function that is added has to be given its source here.
 */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { hookModules, hookNames } from './hooks.ts'

type Source = 'header' | 'transaction' | 'frame' | 'state' | 'gas' | 'own memory' | 'nothing'

const sources: Readonly<Record<string, Readonly<Partial<Record<Source, string>>>>> = {
  vm_hooks: {
    header: 'block_basefee block_coinbase block_gas_limit block_number block_timestamp',
    // The chain's id and the price of ink are the genesis's.
    transaction: 'chainid tx_gas_price tx_ink_price tx_origin',
    frame: 'contract_address msg_reentrant msg_sender msg_value read_args read_return_data return_data_size',
    state: [
      'account_balance account_code account_code_size account_codehash call_contract create1 create2',
      'delegate_call_contract static_call_contract storage_cache_bytes32 storage_flush_cache storage_load_bytes32',
      'transient_load_bytes32 transient_store_bytes32',
    ].join(' '),
    gas: 'evm_gas_left evm_ink_left',
    'own memory': 'math_add_mod math_div math_mod math_mul_mod math_pow native_keccak256',
    nothing: 'emit_log exit_early pay_for_memory_grow write_result',
  },
}

it('is the header, the transaction, the frame, the state, gas, or the contract itself', () => {
  for (const module of hookModules) {
    const known = Object.values(sources[module] ?? { nothing: hookNames(module).join(' ') })
      .join(' ')
      .split(' ')
    expect({ module, names: known.filter((name) => name !== '').sort() }).toEqual({
      module,
      names: [...hookNames(module)].sort(),
    })
  }
})

it('of the modules for people is nothing: what they print is not answered', () => {
  const text = readFileSync(join(import.meta.dirname, 'consoleHooks.ts'), 'utf8')
  expect(text).not.toMatch(/write(?:Bytes|Word|Memory)|memory\.write/)
})

it('is in no hook a global of the host', () => {
  for (const name of readdirSync(import.meta.dirname).filter(
    (file) => file.endsWith('.ts') && !file.endsWith('.test.ts'),
  )) {
    expect([
      name,
      /\b(?:globalThis|process|Date|performance|crypto|navigator)\b[.(]/.exec(
        readFileSync(join(import.meta.dirname, name), 'utf8'),
      ),
    ]).toEqual([name, null])
  }
})
