/**
 * The form in which a state is dumped and loaded: gzip of anvil's JSON, `{"accounts": {address: {nonce, balance, code,
 * storage: {slot: value}}}, ...}`, as hex. What anvil keeps besides (blocks, transactions, historical states) is none of a
 * state here and is left alone.
 */
import { promisify } from 'node:util'
import type { StateDump } from '../../chain/chainService.ts'
import { bigintToBytes, compareBytes } from '../../codec/bytes.ts'
import { toHex, toQuantity } from '../../codec/hex.ts'
import { MAX_UINT256 } from '../../codec/rlpFields.ts'
import { hexByte, isStylusCode, isWasm } from '../../execution/storedCode.ts'
import { asRecord, wrong } from '../decode/decoder.ts'
import { address, data, slot } from '../decode/hex.ts'
import { invalidParams, LIMIT_EXCEEDED, RpcError } from '../errors.ts'
import { asUint64 } from './numbers.ts'

export interface LoadedAccount {
  readonly address: Uint8Array
  readonly nonce: bigint
  readonly balance: bigint
  readonly code: Uint8Array
  /** Of 32 bytes each. */
  readonly storage: readonly (readonly [slot: Uint8Array, value: Uint8Array])[]
}

const GZIP_MAGIC = [0x1f, 0x8b]
const DECIMAL = /^\d{1,78}$/
const HEX = /^0x[0-9a-fA-F]{1,64}$/

/** Loaded where it is needed. */
const zlib = () => process.getBuiltinModule('node:zlib')

/** Two nodes of a chain give the same bytes for a block. */
export async function packState({ number, accounts }: StateDump): Promise<Uint8Array> {
  const sorted = [...accounts].sort((one, other) => compareBytes(one.address, other.address))
  const entries = sorted.map(({ address, nonce, balance, code, storage }) => {
    const slots = [...storage]
      .sort((one, other) => compareBytes(one[0], other[0]))
      .map(([key, value]) => `"${toHex(key)}":"${toHex(bigintToBytes(value, 32))}"`)
    // A number to the digit, as anvil reads it.
    return `"${toHex(address)}":{"nonce":${nonce},"balance":"${toQuantity(balance)}","code":"${toHex(code)}","storage":{${slots.join(',')}}}`
  })
  const best = `"best_block_number":"${toQuantity(number)}"`
  const json = `{"block":null,"accounts":{${entries.join(',')}},${best},"blocks":[],"transactions":[]}`
  return promisify(zlib().gzip)(json)
}

/** @throws RpcError -32602 with the place of what is wrong, -32005 for more than `most` bytes of JSON. */
export async function unpackState(bytes: Uint8Array, most: number): Promise<readonly LoadedAccount[]> {
  const json = parsed(await unpacked(bytes, most))
  const { accounts } = asRecord(json, 'state', 'accounts, as anvil_dumpState gives them')
  const entries = Object.entries(asRecord(accounts, 'state.accounts', 'addresses with their accounts'))
  return entries.map(([name, value]) => accountOf(name, value))
}

async function unpacked(bytes: Uint8Array, most: number): Promise<string> {
  const isPacked = GZIP_MAGIC.every((byte, at) => bytes[at] === byte)
  if (!isPacked && bytes.length > most) throw tooLong(most)
  try {
    // Unpacking ends there, however much would come.
    const text = isPacked ? await promisify(zlib().gunzip)(bytes, { maxOutputLength: most }) : bytes
    return new TextDecoder('utf-8', { fatal: true }).decode(text)
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === 'ERR_BUFFER_TOO_LARGE') throw tooLong(most)
    if (code?.startsWith('Z_') === true) throw invalidParams('state: its gzip is damaged')
    if (code === 'ERR_ENCODING_INVALID_ENCODED_DATA') throw invalidParams('state: it is neither gzip nor UTF-8')
    throw error
  }
}

function tooLong(most: number): RpcError {
  return new RpcError(LIMIT_EXCEEDED, `the state has more than ${most} bytes of JSON (maxStateBytes)`)
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (error) {
    if (error instanceof SyntaxError) throw invalidParams('state: it is no JSON')
    throw error
  }
}

function accountOf(name: string, value: unknown): LoadedAccount {
  const at = `state.accounts["${name}"]`
  const account = asRecord(value, at, 'nonce, balance, code and storage')
  const slots = asRecord(account['storage'] ?? {}, `${at}.storage`, 'slots with their values')
  const code = data(account['code'] ?? '0x', `${at}.code`)
  if (code.length > 0 && !isWasm(code) && !isStylusCode(code)) {
    const begins = [...code.subarray(0, 4)].map(hexByte).join('')
    throw invalidParams(
      `${at}.code begins with 0x${begins}: EVM bytecode? This chain runs WebAssembly; take the account out of the dump to load the others`,
    )
  }
  return {
    address: address(name, at),
    nonce: asUint64(account['nonce'] ?? 0, `${at}.nonce`),
    balance: amount(account['balance'] ?? '0x0', `${at}.balance`),
    code,
    storage: Object.entries(slots).map(([key, word]) => [
      slot(key, `${at}.storage`),
      slot(word, `${at}.storage["${key}"]`),
    ]),
  }
}

/** Older versions of anvil wrote amounts with leading zeros or as decimals. */
function amount(value: unknown, at: string): bigint {
  const isNumber = typeof value === 'string' && (HEX.test(value) || DECIMAL.test(value))
  const number = isNumber ? BigInt(value) : -1n
  if (number < 0n || number > MAX_UINT256) throw wrong(at, 'an amount below 2^256, hex or decimal text', value)
  return number
}
