/** The facts that a contract may learn about any account. Addresses are 20 bytes. */
import { type Hook, hook } from './hook.ts'
import { ACCOUNT_CODE_GAS, ACCOUNT_REQUIRED_GAS, writeInk } from './prices.ts'
import { wordToBytes } from './words.ts'

export const accountHooks = {
  /** Wei, 32 bytes. */
  account_balance: hook('ii', '', (frame, address: number, dest: number) => {
    frame.payBase('account_balance')
    frame.requireGas(ACCOUNT_REQUIRED_GAS)
    const { value, gas } = frame.environment.balance(frame.read(address, 20))
    frame.payGas(gas)
    frame.write(dest, wordToBytes(value))
    return undefined
  }),

  /** Copies the part of the code that exists, without padding; the number of bytes copied. Paid by the whole length. */
  account_code: hook('iiii', 'i', (frame, address: number, offset: number, size: number, dest: number) => {
    frame.payBase('account_code')
    frame.requireGas(ACCOUNT_REQUIRED_GAS)
    const { value: code, gas } = frame.environment.code(frame.read(address, 20))
    frame.payGas(gas + ACCOUNT_CODE_GAS)
    frame.payInk(writeInk(frame.prices, code.length))
    const start = Math.min(offset >>> 0, code.length)
    const part = code.subarray(start, Math.min(start + (size >>> 0), code.length))
    frame.write(dest, part)
    return part.length
  }),

  /** Bytes of the code as stored. */
  account_code_size: hook('i', 'i', (frame, address: number) => {
    frame.payBase('account_code_size')
    frame.requireGas(ACCOUNT_REQUIRED_GAS)
    const { value, gas } = frame.environment.codeSize(frame.read(address, 20))
    frame.payGas(gas + frame.prices.codeSizeGas)
    return value
  }),

  /** EIP-1052: zeros for an account that does not exist, keccak256("") for one without code. */
  account_codehash: hook('ii', '', (frame, address: number, dest: number) => {
    frame.payBase('account_codehash')
    frame.requireGas(ACCOUNT_REQUIRED_GAS)
    const { value, gas } = frame.environment.codeHash(frame.read(address, 20))
    frame.payGas(gas)
    frame.write(dest, value)
    return undefined
  }),
} satisfies Record<string, Hook>
