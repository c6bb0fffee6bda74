/**
 * Evidence as RLP: [validator, height, round, step, statement, statement], a statement being
 * [validRound + 1, blockHash | "", contentsHash | "", signature]. The genesis hash that was signed with it is the
 * chain's, and not repeated.
 */
import { EMPTY_BYTES } from '../../codec/bytes.ts'
import { CodecError } from '../../codec/codecError.ts'
import type { RlpItem } from '../../codec/rlp.ts'
import {
  bytesField,
  fixedBytesField,
  integerField,
  integerItem,
  MAX_UINT64,
  numberField,
  tupleField,
} from '../../codec/rlpFields.ts'
import { MAX_ROUND } from '../../types/certificateCodec.ts'
import { MAX_VALIDATORS } from '../../types/genesisCodec.ts'
import { type SignedStep, STEP_PRECOMMIT, STEP_PROPOSAL } from '../signing/signBytes.ts'
import type { Evidence, Statement } from './evidence.ts'

export function evidenceItem({ validator, height, round, step, first, second }: Evidence): RlpItem {
  return [
    integerItem(validator),
    integerItem(height),
    integerItem(round),
    integerItem(step),
    statementItem(first),
    statementItem(second),
  ]
}

/** Checks the form; not the signatures. @throws CodecError. */
export function evidenceField(item: RlpItem | undefined, field: string): Evidence {
  const f = tupleField(item, 6, field)
  const step = numberField(f[3], STEP_PRECOMMIT, `${field}.step`) as SignedStep
  return {
    validator: numberField(f[0], MAX_VALIDATORS - 1, `${field}.validator`),
    height: integerField(f[1], MAX_UINT64, `${field}.height`),
    round: numberField(f[2], MAX_ROUND, `${field}.round`),
    step,
    first: statementField(f[4], step, `${field}.first`),
    second: statementField(f[5], step, `${field}.second`),
  }
}

function statementItem({ validRound, blockHash, contentsHash, signature }: Statement): RlpItem {
  return [integerItem(validRound + 1), blockHash ?? EMPTY_BYTES, contentsHash ?? EMPTY_BYTES, signature]
}

function statementField(item: RlpItem | undefined, step: SignedStep, field: string): Statement {
  const f = tupleField(item, 4, field)
  const validRound = numberField(f[0], MAX_ROUND, `${field}.validRound`) - 1
  const hash = bytesField(f[1], `${field}.blockHash`)
  const isProposal = step === STEP_PROPOSAL
  if (!isProposal && validRound !== -1) throw new CodecError('out-of-range', `${field}.validRound`, 'a vote has none')
  if (hash.length !== 32 && (hash.length !== 0 || isProposal)) {
    const allowed = isProposal ? '32' : '32, or 0 for nil'
    throw new CodecError('wrong-length', `${field}.blockHash`, `${hash.length} bytes, expected ${allowed}`)
  }
  return {
    validRound,
    blockHash: hash.length === 0 ? null : hash,
    contentsHash: isProposal ? fixedBytesField(f[2], 32, `${field}.contentsHash`) : noContents(f[2], field),
    signature: fixedBytesField(f[3], 64, `${field}.signature`),
  }
}

function noContents(item: RlpItem | undefined, field: string): null {
  fixedBytesField(item, 0, `${field}.contentsHash`)
  return null
}
