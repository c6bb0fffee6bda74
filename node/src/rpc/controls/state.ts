/** Dev controls of accounts: balance, nonce, code, storage, tokens, and whose messages may be sent. */
import { bigintToBytes, bytesToBigint, concatBytes } from '../../codec/bytes.ts'
import { fromHex, toHex } from '../../codec/hex.ts'
import { MAX_UINT256 } from '../../codec/rlpFields.ts'
import { keccak256 } from '../../crypto/keccak.ts'
import { signedFor } from '../accounts/sending.ts'
import type { DevControls } from '../backend.ts'
import { transactionRequest } from '../decode/callMessage.ts'
import { boolean } from '../decode/decoder.ts'
import { address, data, slot, uint64, uint256, word } from '../decode/hex.ts'
import { invalidParams, RpcError, SERVER_ERROR } from '../errors.ts'
import { DEAL_SLOTS } from '../limits.ts'
import { required } from '../method.ts'
import { clientOf } from '../origin.ts'
import type { RpcContext } from '../reading/context.ts'
import { addAndHold } from '../reading/sendAndHold.ts'
import { BOOLEAN, HASH, NULL } from '../schema/schema.ts'
import { control, operate } from './control.ts'

const home = 'state'
const result = { anyOf: [NULL, BOOLEAN] } as const
const spaces = (name: string, ...more: readonly string[]): readonly string[] => [
  `anvil_${name}`,
  `hardhat_${name}`,
  `touchstone_${name}`,
  ...more,
]

/** `balanceOf(address)` and `allowance(address,address)` of ERC-20. */
const BALANCE_OF = fromHex('0x70a08231')
const ALLOWANCE = fromHex('0xdd62ed3e')

const asWord = (account: Uint8Array): Uint8Array => concatBytes(bigintToBytes(0n, 32 - account.length), account)

/** Of an account in a Solidity mapping whose own slot is this. */
function mappingSlot(account: Uint8Array, mapping: Uint8Array): Uint8Array {
  return keccak256(concatBytes(asWord(account), mapping))
}

interface TokenValue {
  readonly token: Uint8Array
  /** Of the call that shows it. */
  readonly input: Uint8Array
  /** Where it is if its mapping is the one of this index. */
  slotOf(index: bigint): Uint8Array
  readonly what: string
}

/** Sets what a token's function shows, in the slot that it shows. @throws RpcError when none of the first ones is it. */
async function setFound(
  dev: DevControls,
  { backend, caller }: RpcContext,
  { token, input, slotOf, what }: TokenValue,
  amount: bigint,
): Promise<void> {
  // A value that is there by no chance shows the slot.
  const mark = keccak256(concatBytes(token, input))
  for (let index = 0n; index < DEAL_SLOTS; index++) {
    const key = slotOf(index)
    const override = { address: token, stateDiff: [[key, mark] as const] }
    const outcome = await backend.chain.call(clientOf(caller), { to: token, data: input }, 'latest', [override])
    if (outcome.kind !== 'success' || bytesToBigint(outcome.output) !== bytesToBigint(mark)) continue
    await operate(dev, { kind: 'setStorage', address: token, slot: key, value: bigintToBytes(amount, 32) })
    return
  }
  throw new RpcError(
    SERVER_ERROR,
    `no slot of ${what} among the first ${DEAL_SLOTS} of the token: set it by setStorageAt`,
  )
}

export const stateControls = [
  ...control({
    ...{ home, result, names: spaces('setBalance', 'evm_setAccountBalance') },
    summary: 'sets the balance of an account, wei',
    params: [required('address', address), required('balance', uint256)],
    async handle(dev, _, account, balance) {
      await operate(dev, { kind: 'setBalance', address: account, balance })
      return null
    },
  }),
  ...control({
    ...{ home, result, names: ['anvil_addBalance', 'touchstone_addBalance'] },
    summary: 'adds wei to the balance of an account',
    params: [required('address', address), required('amount', uint256)],
    async handle(dev, { backend }, account, amount) {
      const { balance } = (await backend.chain.account(account, 'latest')) ?? { balance: 0n }
      const sum = balance + amount
      if (sum > MAX_UINT256) throw invalidParams(`a balance of ${balance} and ${amount} more is 2^256 or above`)
      await operate(dev, { kind: 'setBalance', address: account, balance: sum })
      return null
    },
  }),
  ...control({
    ...{ home, result, names: spaces('setNonce', 'evm_setAccountNonce') },
    summary: 'sets the nonce of an account',
    differs: 'lower ones too',
    params: [required('address', address), required('nonce', uint64)],
    async handle(dev, _, account, nonce) {
      await operate(dev, { kind: 'setNonce', address: account, nonce })
      return null
    },
  }),
  ...control({
    ...{ home, result, names: spaces('setCode', 'evm_setAccountCode') },
    summary: 'sets the code of an account',
    differs: 'code that a creation would store, or none',
    params: [required('address', address), required('code', data)],
    async handle(dev, _, account, code) {
      await operate(dev, { kind: 'setCode', address: account, code })
      return null
    },
  }),
  ...control({
    ...{ home, result: BOOLEAN, names: spaces('setStorageAt', 'evm_setAccountStorageAt') },
    summary: 'sets a slot of an account',
    params: [required('address', address), required('slot', slot), required('value', word)],
    async handle(dev, _, account, key, value) {
      await operate(dev, { kind: 'setStorage', address: account, slot: key, value })
      return true
    },
  }),
  ...control({
    ...{ home, result, names: spaces('impersonateAccount') },
    summary: 'lets `eth_sendTransaction` of every node send from an account without its key, for nothing',
    params: [required('address', address)],
    async handle(dev, _, account) {
      await operate(dev, { kind: 'impersonate', address: account, on: true })
      return null
    },
  }),
  ...control({
    ...{ home, result, names: spaces('stopImpersonatingAccount') },
    summary: 'ends it',
    params: [required('address', address)],
    async handle(dev, _, account) {
      await operate(dev, { kind: 'impersonate', address: account, on: false })
      return null
    },
  }),
  ...control({
    ...{ home, result, names: ['anvil_autoImpersonateAccount', 'touchstone_autoImpersonateAccount'] },
    summary: 'the same of every account',
    params: [required('on', boolean)],
    async handle(dev, _, on) {
      await operate(dev, { kind: 'autoImpersonate', on })
      return null
    },
  }),
  ...control({
    ...{ home, result: HASH, names: ['eth_sendUnsignedTransaction', 'touchstone_sendUnsignedTransaction'] },
    summary: 'sends from any account without its key, for nothing, impersonated or not',
    params: [required('transaction', transactionRequest)],
    async handle(_, context, request) {
      const { from } = request
      if (from === undefined) throw invalidParams('transaction.from must be the account that sends')
      const { hash, held } = await addAndHold(context, await signedFor(context, request, from))
      await held
      return toHex(hash)
    },
  }),
  ...control({
    ...{ home, result, names: ['anvil_dealERC20', 'anvil_dealErc20', 'touchstone_dealERC20'] },
    summary:
      'sets the balance that a token gives an account, by the slot of its `mapping(address => uint256)` of balances',
    differs: 'looks at the first slots only (`DEAL_SLOTS`)',
    params: [required('address', address), required('token', address), required('amount', uint256)],
    async handle(dev, context, account, token, amount) {
      const input = concatBytes(BALANCE_OF, asWord(account))
      const slotOf = (index: bigint) => mappingSlot(account, bigintToBytes(index, 32))
      await setFound(dev, context, { token, input, slotOf, what: 'balances' }, amount)
      return null
    },
  }),
  ...control({
    ...{ home, result, names: ['anvil_setERC20Allowance', 'anvil_setErc20Allowance', 'touchstone_setERC20Allowance'] },
    summary: 'sets what one account may take of the tokens of another, by the slot of the nested mapping of allowances',
    differs: 'looks at the first slots only (`DEAL_SLOTS`)',
    params: [
      required('owner', address),
      required('spender', address),
      required('token', address),
      required('amount', uint256),
    ],
    async handle(dev, context, owner, spender, token, amount) {
      const input = concatBytes(ALLOWANCE, asWord(owner), asWord(spender))
      const slotOf = (index: bigint) => mappingSlot(spender, mappingSlot(owner, bigintToBytes(index, 32)))
      await setFound(dev, context, { token, input, slotOf, what: 'allowances' }, amount)
      return null
    },
  }),
]
