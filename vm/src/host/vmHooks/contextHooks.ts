/** Block, transaction and message: values that are fixed while a frame runs. */
import { type Hook, hook } from './hook.ts'
import type { HookFrame } from './hookFrame.ts'
import { INK_PER_GAS } from './ink.ts'
import type { HookName } from './prices.ts'
import { wordToBytes } from './words.ts'

/** Writes bytes to the pointer that is the function's only argument. */
const bytesHook = (name: HookName, value: (frame: HookFrame) => Uint8Array): Hook =>
  hook('i', '', (frame, dest: number) => {
    frame.payBase(name)
    frame.write(dest, value(frame))
    return undefined
  })

/** Returns an unsigned 64-bit number. */
const numberHook = (name: HookName, value: (frame: HookFrame) => bigint): Hook =>
  hook('', 'l', (frame) => {
    frame.payBase(name)
    return BigInt.asIntN(64, value(frame))
  })

export const contextHooks = {
  block_basefee: bytesHook('block_basefee', ({ environment }) => wordToBytes(environment.frame.block.baseFee)),
  block_coinbase: bytesHook('block_coinbase', ({ environment }) => environment.frame.block.coinbase),
  block_gas_limit: numberHook('block_gas_limit', ({ environment }) => environment.frame.block.gasLimit),
  block_number: numberHook('block_number', ({ environment }) => environment.frame.block.number),
  /** Seconds since the Unix epoch. */
  block_timestamp: numberHook('block_timestamp', ({ environment }) => environment.frame.block.timestamp),
  chainid: numberHook('chainid', ({ environment }) => environment.frame.chainId),

  /** The account the frame acts on: the caller's own in a delegate call. */
  contract_address: bytesHook('contract_address', ({ environment }) => environment.frame.self),
  msg_sender: bytesHook('msg_sender', ({ environment }) => environment.frame.caller),
  msg_value: bytesHook('msg_value', ({ environment }) => wordToBytes(environment.frame.value)),
  /** 1 when an outer frame of the transaction already acts on this account, else 0. */
  msg_reentrant: hook('', 'i', (frame) => {
    frame.payBase('msg_reentrant')
    return frame.environment.frame.reentrant ? 1 : 0
  }),

  tx_origin: bytesHook('tx_origin', ({ environment }) => environment.frame.origin),
  /** The effective price, wei per gas. */
  tx_gas_price: bytesHook('tx_gas_price', ({ environment }) => wordToBytes(environment.frame.gasPrice)),
  /** Ink for one gas. */
  tx_ink_price: hook('', 'i', (frame) => {
    frame.payBase('tx_ink_price')
    return Number(INK_PER_GAS)
  }),

  /** Whole gas left after paying for this call. */
  evm_gas_left: numberHook('evm_gas_left', (frame) => frame.shownInk() / INK_PER_GAS),
  /** Ink left after paying for this call. */
  evm_ink_left: numberHook('evm_ink_left', (frame) => frame.shownInk()),
} satisfies Record<string, Hook>
