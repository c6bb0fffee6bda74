/**
 * The genesis file (JSON, docs/protocol/genesis.md) and block 0, which commits to all of it: alloc by the state root,
 * validators by `extraData`, time, gas limit and base fee by their own fields, and every chain parameter by `mixHash`.
 * Nodes with different genesis files therefore have different genesis hashes and refuse each other.
 */
import { compareBytes, keyOf } from '../codec/bytes.ts'
import { CodecError, decodeWithin } from '../codec/codecError.ts'
import { fromHex, fromQuantity, toHex, toQuantity } from '../codec/hex.ts'
import { encodeRlp } from '../codec/rlp.ts'
import { integerItem, MAX_UINT64, MAX_UINT256 } from '../codec/rlpFields.ts'
import { quotedText } from '../codec/visibleText.ts'
import { isEd25519PublicKey } from '../crypto/ed25519.ts'
import { keccak256 } from '../crypto/keccak.ts'
import { EMPTY_TRIE_ROOT } from './accountCodec.ts'
import type { Genesis, GenesisAccount, GenesisDev, GenesisValidator } from './genesis.ts'
import type { Header } from './header.ts'
import { EMPTY_BLOOM, EMPTY_OMMERS_HASH, ZERO_ADDRESS, ZERO_HASH, ZERO_NONCE } from './headerCodec.ts'

/** First item of the hashed parameters; another layout gets another name. */
const CHAIN_PARAMETERS_TAG = 'touchstone-chain/1'
/** The same of a chain in dev mode, whose list has the controller as its last item. */
const DEV_CHAIN_PARAMETERS_TAG = 'touchstone-chain/1/dev'
/** Wallets and libraries keep chain ids in doubles (EIP-2294 argues for this bound). */
export const MAX_CHAIN_ID = BigInt(Number.MAX_SAFE_INTEGER)
/** Enough for a creation transaction, so that a chain can do anything at all. */
export const MIN_BLOCK_GAS_LIMIT = 100_000n
/** Votes, certificates and bundles are sized by it; direct meshes and O(n) certificates stop paying well before. */
export const MAX_VALIDATORS = 100
export const MAX_VALIDATOR_POWER = 1n << 48n
export const MAX_ALLOC_ENTRIES = 100_000
/** Accounts of a genesis that have code: each is checked before a chain begins with it. */
export const MAX_ALLOC_CONTRACTS = 256
/** Slots of all its accounts together. */
export const MAX_ALLOC_SLOTS = 100_000
const MAX_SCHEDULE_NAME = 64

/**
 * From a parsed JSON value. @throws CodecError `bad-json`, `bad-hex`, `out-of-range`, `wrong-length` with the JSON path.
 *
 * @example
 * ```ts
 * import { ed25519PublicKey, genesisToJson, parseGenesis } from '@touchstone/node'
 *
 * const publicKey = `0x${Buffer.from(ed25519PublicKey(new Uint8Array(32).fill(1))).toString('hex')}`
 * const account = `0x${'01'.repeat(20)}`
 * const genesis = parseGenesis({
 *   chainId: '0x7a69',
 *   timestamp: 1_700_000_000,
 *   gasLimit: '30000000',
 *   baseFeePerGas: '1000000000',
 *   schedule: 'touchstone/1',
 *   validators: [{ publicKey, power: 1, feeRecipient: account }],
 *   alloc: { [account]: { balance: '1000000000000000000' } },
 * })
 * genesis.chainId // => 31337n
 * JSON.stringify(genesisToJson(genesis)).includes('0xde0b6b3a7640000') // => true
 * ```
 */
export function parseGenesis(json: unknown): Genesis {
  return decodeWithin('genesis', () => {
    const object = objectAt(json, '')
    allowKeys(
      object,
      ['chainId', 'timestamp', 'gasLimit', 'baseFeePerGas', 'schedule', 'validators', 'alloc', 'dev'],
      '',
    )
    return {
      chainId: integerAt(object['chainId'], 1n, MAX_CHAIN_ID, 'chainId'),
      timestamp: integerAt(object['timestamp'], 0n, MAX_UINT64, 'timestamp'),
      gasLimit: integerAt(object['gasLimit'], MIN_BLOCK_GAS_LIMIT, BigInt(Number.MAX_SAFE_INTEGER), 'gasLimit'),
      baseFeePerGas: integerAt(object['baseFeePerGas'], 0n, MAX_UINT64, 'baseFeePerGas'),
      schedule: scheduleAt(object['schedule'], 'schedule'),
      validators: validatorsAt(object['validators'], 'validators'),
      alloc: allocAt(object['alloc'], 'alloc'),
      ...(object['dev'] === undefined ? {} : { dev: devAt(object['dev'], 'dev') }),
    }
  })
}

/** The JSON that `parseGenesis` reads; alloc sorted by address, so that equal genesis give equal text. */
export function genesisToJson(genesis: Genesis): object {
  return {
    chainId: toQuantity(genesis.chainId),
    timestamp: toQuantity(genesis.timestamp),
    gasLimit: toQuantity(genesis.gasLimit),
    baseFeePerGas: toQuantity(genesis.baseFeePerGas),
    schedule: genesis.schedule,
    validators: genesis.validators.map(({ publicKey, power, feeRecipient, operator }) => ({
      publicKey: toHex(publicKey),
      power: toQuantity(power),
      feeRecipient: toHex(feeRecipient),
      ...(operator === undefined ? {} : { operator: toHex(operator) }),
    })),
    alloc: Object.fromEntries(
      [...genesis.alloc]
        .sort((a, b) => compareBytes(a.address, b.address))
        .map((account) => [toHex(account.address), accountToJson(account)]),
    ),
    ...(genesis.dev === undefined ? {} : { dev: { controller: toHex(genesis.dev.controller) } }),
  }
}

function accountToJson({ balance, nonce, code, storage }: GenesisAccount): object {
  return {
    balance: toQuantity(balance),
    ...(nonce === undefined ? {} : { nonce: toQuantity(nonce) }),
    ...(code === undefined ? {} : { code: toHex(code) }),
    ...(storage === undefined
      ? {}
      : { storage: Object.fromEntries(storage.map(({ slot, value }) => [toHex(slot), toHex(value)])) }),
  }
}

/** keccak256(rlp([[publicKey, power, feeRecipient]...])) in the order of the set: every header's `extraData`. */
export function validatorSetHash(validators: readonly GenesisValidator[]): Uint8Array {
  return keccak256(
    encodeRlp(validators.map(({ publicKey, power, feeRecipient }) => [publicKey, integerItem(power), feeRecipient])),
  )
}

/**
 * keccak256(rlp([tag, chainId, gasLimit, baseFeePerGas, schedule])): block 0's `mixHash`. In dev mode with another tag,
 * and the controller after the schedule.
 */
function chainParametersHash(genesis: Genesis): Uint8Array {
  const text = new TextEncoder()
  return keccak256(
    encodeRlp([
      text.encode(genesis.dev === undefined ? CHAIN_PARAMETERS_TAG : DEV_CHAIN_PARAMETERS_TAG),
      integerItem(genesis.chainId),
      integerItem(genesis.gasLimit),
      integerItem(genesis.baseFeePerGas),
      text.encode(genesis.schedule),
      ...(genesis.dev === undefined ? [] : [genesis.dev.controller]),
    ]),
  )
}

/** The fields of block 0's header that come from the genesis; the state root is alloc's. */
function genesisHeaderFields(
  genesis: Genesis,
): Pick<Header, 'extraData' | 'mixHash' | 'gasLimit' | 'timestamp' | 'baseFeePerGas'> {
  return {
    extraData: validatorSetHash(genesis.validators),
    mixHash: chainParametersHash(genesis),
    gasLimit: genesis.gasLimit,
    timestamp: genesis.timestamp,
    baseFeePerGas: genesis.baseFeePerGas,
  }
}

/** Block 0's header; its hash is the genesis hash. `stateRoot` is the root after alloc. */
export function genesisHeader(genesis: Genesis, stateRoot: Uint8Array): Header {
  return {
    parentHash: ZERO_HASH,
    ommersHash: EMPTY_OMMERS_HASH,
    miner: ZERO_ADDRESS,
    stateRoot,
    transactionsRoot: EMPTY_TRIE_ROOT,
    receiptsRoot: EMPTY_TRIE_ROOT,
    logsBloom: EMPTY_BLOOM,
    difficulty: 0n,
    number: 0n,
    gasUsed: 0n,
    nonce: ZERO_NONCE,
    ...genesisHeaderFields(genesis),
  }
}

type JsonObject = Readonly<Record<string, unknown>>

function validatorsAt(json: unknown, path: string): GenesisValidator[] {
  if (!Array.isArray(json)) throw notA('an array', json, path)
  if (json.length === 0 || json.length > MAX_VALIDATORS) {
    throw new CodecError('out-of-range', path, `${json.length} entries, 1 to ${MAX_VALIDATORS} are allowed`)
  }
  const seen = new Set<string>()
  const validators = json.map((entry: unknown, index) => {
    const at = `${path}[${index}]`
    const object = objectAt(entry, at)
    allowKeys(object, ['publicKey', 'power', 'feeRecipient', 'operator'], at)
    const publicKey = hexAt(object['publicKey'], 32, `${at}.publicKey`)
    if (!isEd25519PublicKey(publicKey)) {
      throw new CodecError('out-of-range', `${at}.publicKey`, 'no ed25519 public key, or one of small order')
    }
    if (seen.has(keyOf(publicKey))) throw new CodecError('out-of-range', `${at}.publicKey`, 'listed twice')
    seen.add(keyOf(publicKey))
    return {
      publicKey,
      power: integerAt(object['power'], 1n, MAX_VALIDATOR_POWER, `${at}.power`),
      feeRecipient: hexAt(object['feeRecipient'], 20, `${at}.feeRecipient`),
      ...(object['operator'] === undefined ? {} : { operator: hexAt(object['operator'], 20, `${at}.operator`) }),
    }
  })
  const without = validators.findIndex(({ operator }) => operator === undefined)
  if (without !== -1 && validators.some(({ operator }) => operator !== undefined)) {
    throw new CodecError('bad-json', `${path}[${without}].operator`, 'missing; all validators have one, or none has')
  }
  return validators
}

function allocAt(json: unknown, path: string): GenesisAccount[] {
  const entries = Object.entries(objectAt(json, path))
  atMost(entries.length, MAX_ALLOC_ENTRIES, 'entries', path)
  const alloc = entries.map(([key, value]) => accountAt(key, value, `${path}[${quotedText(key)}]`))
  atMost(alloc.filter(({ code }) => code !== undefined).length, MAX_ALLOC_CONTRACTS, 'accounts with code', path)
  atMost(
    alloc.reduce((sum, { storage }) => sum + (storage?.length ?? 0), 0),
    MAX_ALLOC_SLOTS,
    'slots',
    path,
  )
  return sortedOnce(alloc, ({ address }) => address, path)
}

function accountAt(key: string, json: unknown, at: string): GenesisAccount {
  const object = objectAt(json, at)
  allowKeys(object, ['balance', 'nonce', 'code', 'storage'], at)
  const { nonce, code, storage } = object
  const account: GenesisAccount = {
    address: hexAt(key, 20, at),
    balance: integerAt(object['balance'], 0n, MAX_UINT256, `${at}.balance`),
    // EIP-2681.
    ...(nonce === undefined ? {} : { nonce: integerAt(nonce, 0n, MAX_UINT64 - 1n, `${at}.nonce`) }),
    ...(code === undefined ? {} : { code: codeAt(code, `${at}.code`) }),
    ...(storage === undefined ? {} : { storage: storageAt(storage, `${at}.storage`) }),
  }
  if (account.storage !== undefined && isEmptyAccount(account)) {
    throw new CodecError('bad-json', at, 'without nonce, balance and code it is not in the state, nor is its storage')
  }
  return account
}

/** EIP-161. */
function isEmptyAccount({ balance, nonce = 0n, code }: GenesisAccount): boolean {
  return balance === 0n && nonce === 0n && code === undefined
}

/** The making of block 0 finds out whether the code is valid (chain/genesisBlock.ts). */
function codeAt(json: unknown, path: string): Uint8Array {
  if (typeof json !== 'string') throw notA('hex', json, path)
  const code = decodeWithin(path, () => fromHex(json))
  if (code.length === 0) throw new CodecError('wrong-length', path, 'no bytes; an account without code has no such key')
  return code
}

function storageAt(json: unknown, path: string): NonNullable<GenesisAccount['storage']> {
  const entries = Object.entries(objectAt(json, path))
  atMost(entries.length, MAX_ALLOC_SLOTS, 'slots', path)
  const slots = entries.map(([key, word]) => {
    const at = `${path}[${quotedText(key)}]`
    const value = hexAt(word, 32, at)
    if (value.every((byte) => byte === 0)) throw new CodecError('out-of-range', at, 'zero is what a slot not named has')
    return { slot: hexAt(key, 32, at), value }
  })
  return sortedOnce(slots, ({ slot }) => slot, path)
}

/** By their keys, each of which is there once: hex in other case is another key of the JSON. */
function sortedOnce<T>(items: T[], keyOfItem: (item: T) => Uint8Array, path: string): T[] {
  items.sort((a, b) => compareBytes(keyOfItem(a), keyOfItem(b)))
  for (let i = 1; i < items.length; i++) {
    const key = keyOfItem(items[i]!)
    if (compareBytes(keyOfItem(items[i - 1]!), key) === 0) {
      throw new CodecError('bad-json', path, `${toHex(key)} is listed twice, in different case`)
    }
  }
  return items
}

function atMost(count: number, max: number, what: string, path: string): void {
  if (count > max) throw new CodecError('out-of-range', path, `${count} ${what}, at most ${max} are allowed`)
}

function devAt(json: unknown, path: string): GenesisDev {
  const object = objectAt(json, path)
  allowKeys(object, ['controller'], path)
  return { controller: hexAt(object['controller'], 20, `${path}.controller`) }
}

function scheduleAt(json: unknown, path: string): string {
  if (typeof json !== 'string') throw notA('a string', json, path)
  if (!/^[a-z0-9][a-z0-9./-]*$/.test(json) || json.length > MAX_SCHEDULE_NAME) {
    throw new CodecError(
      'bad-json',
      path,
      `a name of at most ${MAX_SCHEDULE_NAME} of a-z, 0-9, ".", "/" and "-" is expected`,
    )
  }
  return json
}

/** A quantity in hex, or a decimal number or string. */
function integerAt(json: unknown, min: bigint, max: bigint, path: string): bigint {
  const value = decodeWithin(path, () => {
    if (typeof json === 'string' && json.startsWith('0x')) return fromQuantity(json)
    if (typeof json === 'string' && /^(0|[1-9][0-9]{0,77})$/.test(json)) return BigInt(json)
    // As codec/exactJson.ts gives them.
    const isInteger = typeof json === 'bigint' || (typeof json === 'number' && Number.isSafeInteger(json))
    if (isInteger && json >= 0) return BigInt(json)
    throw notA('a hex quantity ("0x7a69") or a decimal whole number', json, '')
  })
  if (value < min || value > max) throw new CodecError('out-of-range', path, `${value} is not in ${min} .. ${max}`)
  return value
}

function hexAt(json: unknown, length: number, path: string): Uint8Array {
  if (typeof json !== 'string') throw notA(`hex of ${length} bytes`, json, path)
  const bytes = decodeWithin(path, () => fromHex(json))
  if (bytes.length !== length) throw new CodecError('wrong-length', path, `${bytes.length} bytes, expected ${length}`)
  return bytes
}

function objectAt(json: unknown, path: string): JsonObject {
  if (typeof json !== 'object' || json === null || Array.isArray(json)) throw notA('an object', json, path)
  return json as JsonObject
}

/** A misspelt parameter must not be silently the default. */
function allowKeys(object: JsonObject, allowed: readonly string[], path: string): void {
  for (const key of Object.keys(object)) {
    if (!allowed.includes(key)) {
      throw new CodecError('bad-json', path, `unknown key ${quotedText(key)}; known: ${allowed.join(', ')}`)
    }
  }
}

function notA(expected: string, json: unknown, path: string): CodecError {
  const found = json === undefined ? 'missing' : json === null ? 'null' : Array.isArray(json) ? 'an array' : typeof json
  return new CodecError('bad-json', path, `${expected} is expected, found ${found}`)
}
