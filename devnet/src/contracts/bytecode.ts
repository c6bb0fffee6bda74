/** Init code of whatever tool wrote it: what the chain would store of it, or why it would not. */
import { isWasm, parseInitCode, unpackCode } from '@touchstone/node/code-formats'
import { CliError } from '../output/errors.ts'

const evmHint =
  'write the contract in AssemblyScript (contracts/README.md), Rust or C; its interface can stay as it is in Solidity'
/** PUSH0, PUSH1, PUSH2, CALLVALUE, CALLER: with these, compilers for the EVM begin init code. */
const evmStarts = [0x5f, 0x60, 0x61, 0x34, 0x33]
const damageHint = 'build the contract again: npx devnet build DIR'

/** The hex of an artifact's code: a string as Hardhat writes it, or with it in `object` as Foundry does. Null for none. */
export function hexOf(value: unknown): string | null {
  const text = typeof value === 'object' && value !== null ? (value as { readonly object?: unknown }).object : value
  return typeof text === 'string' && text !== '0x' && text !== '' ? text : null
}

/** @param what such as `"bytecode" of Token.json`. @throws CliError for what is no hex of whole bytes */
export function bytesOfHex(text: string, what: string): Uint8Array {
  if (/^0x([0-9a-f]{2})+$/i.test(text)) return new Uint8Array(Buffer.from(text.slice(2), 'hex'))
  if (/__\$[0-9a-f]{34}\$__/i.test(text)) {
    throw new CliError(`${what} has places for the addresses of Solidity libraries: it is EVM code`, { hint: evmHint })
  }
  throw new CliError(`${what} is not a hex string that starts with 0x`, { hint: damageHint })
}

/** The code that init code puts on the chain, as it is stored. @throws CliError in the chain's own words */
export function storedCodeOf(initCode: Uint8Array, what: string): Uint8Array {
  const parsed = parseInitCode(initCode)
  if (parsed.ok) return parsed.code
  const { code, message } = parsed.error
  if (code === 'unknown-format' && evmStarts.includes(initCode[0] ?? -1)) {
    throw new CliError(
      `${what} begins with ${hexBytes(initCode.subarray(0, 8))}: EVM code, as solc, Hardhat and Foundry make it; this chain runs WebAssembly`,
      { hint: evmHint },
    )
  }
  throw new CliError(`${what}: ${message}`, { hint: damageHint })
}

/** @throws CliError for init code that no chain of ours stores, before it is paid for. */
export function requireDeployable(initCode: Uint8Array, what: string): void {
  const code = storedCodeOf(initCode, what)
  const unpacked = unpackCode(code)
  if (!unpacked.ok) throw new CliError(`${what}: ${unpacked.error.message}`, { hint: damageHint })
  if (!isWasm(unpacked.module)) {
    throw new CliError(`${what} holds ${hexBytes(unpacked.module.subarray(0, 8))}, which is no WebAssembly module`, {
      hint: damageHint,
    })
  }
}

export function hexBytes(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join(' ')
}
