/** Numbers as test clients send them: hex quantities, or numbers of JSON. */
import { type Decoder, decoder } from '../decode/decoder.ts'
import { uint64 } from '../decode/hex.ts'
import { COUNT } from '../schema/schema.ts'

export const asUint64: Decoder<bigint> = decoder({ anyOf: [uint64.schema, COUNT] }, (value, at) =>
  typeof value === 'number' && Number.isSafeInteger(value) && value >= 0
    ? BigInt(value)
    : uint64(typeof value === 'bigint' && value >= 0n ? `0x${value.toString(16)}` : value, at),
)
