/**
 * Creating a contract, by a transaction or from a contract (docs/protocol/execution.md, "A creation"). Code is unpacked,
 * validated, checked against its ABI and compiled before it is stored, so what is wrong with it is the creation's
 * error. A constructor runs in the same creation: when it reverts, nothing was created, and its data is the output.
 */
import { equalBytes, keyOf } from '../codec/bytes.ts'
import { toHex } from '../codec/hex.ts'
import { EMPTY_CODE_HASH, keccak256 } from '../crypto/keccak.ts'
import { codeSource, unpackWhole } from './codeSource.ts'
import { compileContract, sizesOf } from './contractHost.ts'
import { CODE_DEPOSIT_BYTE_GAS, compilingGas, densityGas, MODULE_BYTE_GAS } from './fees.ts'
import { parseInitCode } from './initCode.ts'
import { MAX_CODE_BYTES, MAX_MODULE_BYTES } from './limits.ts'
import { runContract } from './message.ts'
import { isFragment } from './storedCode.ts'
import { failure, type MessageResult, noteRevert, type TransactionContext, transfer } from './transactionContext.ts'

export interface Creation {
  readonly creator: Uint8Array
  /** Where the contract will live. The creator's nonce was raised already. */
  readonly address: Uint8Array
  /** Wei; the creator has that much. */
  readonly value: bigint
  readonly initCode: Uint8Array
  readonly gas: bigint
  readonly depth: number
}

/** The output of a success is the code that was stored. */
export function createContract(context: TransactionContext, creation: Creation): MessageResult {
  const { state } = context
  const { address } = creation
  const { tracer } = context.config
  tracer?.enterCreation(creation)
  // EIP-2929: warm even when the creation fails.
  state.warmAddress(address)
  const before = context.innerRevert
  context.innerRevert = null
  const result = isTaken(context, address)
    ? failure(`the address ${toHex(address)} is in use already`)
    : createAt(context, creation)
  noteRevert(context, { isOutermost: creation.depth === 0, address, value: creation.value }, result, before)
  if (result.kind !== 'success' && creation.depth > 0) context.innerFailures++
  if (result.kind === 'failure' && creation.depth > 0) {
    context.innerFailure = `the creation of ${toHex(address)} failed: ${result.reason}`
  }
  tracer?.leave(result)
  return result
}

/** EIP-684 and EIP-7610. */
function isTaken({ state }: TransactionContext, address: Uint8Array): boolean {
  return (
    state.nonce(address) !== 0n || !equalBytes(state.codeHash(address), EMPTY_CODE_HASH) || state.hasStorage(address)
  )
}

function createAt(context: TransactionContext, creation: Creation): MessageResult {
  const { state } = context
  const checkpoint = state.checkpoint()
  // EIP-161: a contract's nonce starts at 1.
  state.setNonce(creation.address, 1n)
  transfer(context, creation.creator, creation.address, creation.value)
  const result = storeAndConstruct(context, creation)
  if (result.kind !== 'success') state.revert(checkpoint)
  return result
}

function storeAndConstruct(context: TransactionContext, creation: Creation): MessageResult {
  const { state, config } = context
  const init = parseInitCode(creation.initCode)
  if (!init.ok) return failure(init.error.message)

  // The stored bytes are paid for before anything looks into them, and their number bounds that work (codec/brotli/work.ts).
  const deposit = CODE_DEPOSIT_BYTE_GAS * BigInt(init.code.length)
  if (creation.gas < deposit) {
    return failure(
      `out of gas: limit ${creation.gas}, but to store ${init.code.length} bytes of code costs ${deposit}, and ${MODULE_BYTE_GAS} for each byte of the module comes on top`,
    )
  }
  // Stored apart from the transaction's data, which it would otherwise keep alive.
  const code = init.code.slice()
  if (isFragment(code)) return storeFragment(context, creation, code, init.constructorInput, creation.gas - deposit)
  const codeHash = keccak256(code)
  const source = codeSource(state, code, codeHash, creation.gas - deposit)
  if (source === null) return failure('out of gas: the fragments of the contract cost more to reach than is left')
  const left = creation.gas - deposit - source.accessGas
  const affordable = left / MODULE_BYTE_GAS
  const whole = source.whole()
  const unpacked = unpackWhole(whole, affordable < MAX_MODULE_BYTES ? Number(affordable) : MAX_MODULE_BYTES)
  if (!unpacked.ok) return failure(unpacked.error.message)
  const compiled = compileContract(unpacked.module, source.key, config)
  if (!compiled.ok) return failure(compiled.error.message)
  const ofModule = MODULE_BYTE_GAS * BigInt(unpacked.module.length)
  const sizes = sizesOf(compiled.contract)
  const price = deposit + source.accessGas + ofModule + densityGas(sizes)
  // All but the last was there, as no more than that was unpacked. V8 compiles nothing before an instance is made.
  if (creation.gas < price) {
    return failure(
      `out of gas: limit ${creation.gas}, but to create a contract of so many loops and locals costs ${price}`,
    )
  }
  // A code that was paid for here is not paid for again when it is loaded.
  const weight = compilingGas({ ...sizes, storedBytes: whole.ok ? whole.code.length : 0 })
  context.loaded.set(keyOf(source.key), { key: source.key, weight })
  state.setCode(creation.address, code)

  const gasLeft = creation.gas - price
  if (init.constructorInput === null) return { kind: 'success', output: code, gasLeft }
  const constructed = runContract(
    context,
    {
      caller: creation.creator,
      self: creation.address,
      codeAddress: creation.address,
      value: creation.value,
      input: init.constructorInput,
      gas: gasLeft,
      isStatic: false,
      kind: 'call',
      depth: creation.depth,
    },
    code,
  )
  if (constructed.kind !== 'success') return constructed
  return { kind: 'success', output: code, gasLeft: constructed.gasLeft }
}

/** A part of a contract, which its root will name. It is looked into with the others, when the root is created. */
function storeFragment(
  { state }: TransactionContext,
  { address }: Creation,
  code: Uint8Array,
  constructorInput: Uint8Array | null,
  gasLeft: bigint,
): MessageResult {
  if (constructorInput !== null) return failure('a fragment of a contract (EFF001) has no constructor')
  if (code.length > MAX_CODE_BYTES) {
    return failure(`the code has ${code.length} bytes; an account may hold ${MAX_CODE_BYTES}`)
  }
  state.setCode(address, code)
  return { kind: 'success', output: code, gasLeft }
}
