/**
 * The fourth parameter of eth_call and eth_estimateGas, as geth has it: what the call sees of its block instead of what
 * the block has.
 */
import type { BlockOverrides } from '../../chain/chainService.ts'
import { quotedText } from '../../codec/visibleText.ts'
import { invalidParams } from '../errors.ts'
import { SHOWN_LENGTH } from '../limits.ts'
import { type Decoder, decoder, object, optional, present } from './decoder.ts'
import { address, uint64, uint256, word } from './hex.ts'

const fields = object('{"number", "time", "gasLimit", "feeRecipient", "prevRandao", "baseFeePerGas"}', {
  number: optional(uint64),
  time: optional(uint64),
  gasLimit: optional(uint64),
  feeRecipient: optional(address),
  prevRandao: optional(word),
  baseFeePerGas: optional(uint256),
  // Of other forks: taken, and without effect, as no contract here can see them.
  difficulty: optional(uint256),
  blobBaseFee: optional(uint256),
})

const KNOWN = [
  'number',
  'time',
  'gasLimit',
  'feeRecipient',
  'prevRandao',
  'baseFeePerGas',
  'difficulty',
  'blobBaseFee',
] as const

/** A field that is not known is refused: the call would run without what it was to run with. */
export const blockOverrides: Decoder<BlockOverrides> = decoder(
  { title: 'Block overrides', ...fields.schema },
  (value, at) => {
    const { number, time, gasLimit, feeRecipient, prevRandao, baseFeePerGas } = fields(value, at)
    for (const [name, given] of Object.entries(value as object)) {
      if ((KNOWN as readonly string[]).includes(name) || given === null) continue
      if (name === 'withdrawals' && Array.isArray(given) && given.length === 0) continue
      throw invalidParams(
        `${at} has ${quotedText(name, SHOWN_LENGTH)}, which this chain does not have; known are ${KNOWN.join(', ')}`,
      )
    }
    return present({ number, timestamp: time, gasLimit, coinbase: feeRecipient, prevRandao, baseFee: baseFeePerGas })
  },
)
