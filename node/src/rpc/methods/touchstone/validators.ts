import type { ValidatorActivation } from '../../../chain/chainService.ts'
import { toHex, toQuantity } from '../../../codec/hex.ts'
import { validatorSetHash } from '../../../types/genesisCodec.ts'
import { uint64 } from '../../decode/hex.ts'
import { unknownBlock } from '../../errors.ts'
import { defineMethod, withDefault } from '../../method.ts'
import { VALIDATORS } from '../../schema/results.ts'

/**
 * touchstone_validators: who decides a height, from the state before it (docs/protocol/consensus.md), and the changes that
 * were scheduled then. Without a height, the one being decided.
 */
export const validators = defineMethod({
  name: 'touchstone_validators',
  kind: 'read',
  summary: 'the validators of a height, and the later sets that are settled then',
  differs: 'of this chain',
  result: VALIDATORS,
  params: [withDefault<bigint | null>('height', uint64, null)],
  async handle({ backend: { chain } }, wanted) {
    const next = chain.head().header.number + 1n
    const height = wanted ?? next
    if (height === 0n || height > next) {
      throw unknownBlock(`before height ${toQuantity(height)}; from 0x1 to ${toQuantity(next)} there are validators`)
    }
    const [inForce, ...scheduled] = await chain.validatorsAfter({ number: height - 1n })
    return {
      height: toQuantity(height),
      ...setJson(inForce!),
      scheduled: scheduled.map((activation) => ({ height: toQuantity(activation.from), ...setJson(activation) })),
    }
  },
})

function setJson({ validators: set }: ValidatorActivation): object {
  return {
    hash: toHex(validatorSetHash(set)),
    totalPower: toQuantity(set.reduce((sum, { power }) => sum + power, 0n)),
    validators: set.map(({ publicKey, power, feeRecipient, operator }, index) => ({
      index,
      publicKey: toHex(publicKey),
      power: toQuantity(power),
      feeRecipient: toHex(feeRecipient),
      operator: operator === undefined ? null : toHex(operator),
    })),
  }
}
