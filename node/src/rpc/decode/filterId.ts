/** The id of a filter or subscription: hex text that we gave out. One that we did not is simply not found. */
import { type Decoder, decoder, wrong } from './decoder.ts'

const HEX = /^0x[0-9a-fA-F]{1,64}$/

export const filterId: Decoder<string> = decoder({ type: 'string', pattern: HEX.source }, (value, at) => {
  if (typeof value !== 'string' || !HEX.test(value))
    throw wrong(at, 'the id of a filter or subscription: 0x and hex digits', value)
  return value.toLowerCase()
})
