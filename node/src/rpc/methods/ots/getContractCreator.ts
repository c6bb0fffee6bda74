import { equalBytes } from '../../../codec/bytes.ts'
import { toHex } from '../../../codec/hex.ts'
import type { TracedFrame } from '../../../execution/trace/callTree.ts'
import { address } from '../../decode/hex.ts'
import { defineMethod, required } from '../../method.ts'
import { clientOf } from '../../origin.ts'
import { firstBlockWhere } from '../../reading/firstBlock.ts'
import { hasCode } from '../../reading/otterscan.ts'
import { ADDRESS, HASH, nullable, record } from '../../schema/schema.ts'
import { FRAMES } from '../../views/traces/tracers.ts'

/** ots_getContractCreator: the transaction in which a contract was created, and who created it. */
export const getContractCreator = defineMethod({
  name: 'ots_getContractCreator',
  kind: 'trace',
  pace: 'slow',
  summary:
    'the transaction in which a contract was created, and the account that created it; null for an account that is no contract, or that the genesis or a dev control made',
  result: nullable(record({ hash: HASH, creator: ADDRESS })),
  params: [required('address', address)],
  async handle(context, account) {
    const number = await firstBlockWhere(context, account, hasCode)
    if (number === null || number === 0n) return null
    const { traces } = await context.backend.chain.traceBlock(clientOf(context.caller), { number }, FRAMES)
    for (const { root, transaction } of traces) {
      const creator = creatorIn(root, account)
      if (creator !== null) return { hash: toHex(transaction.hash), creator: toHex(creator) }
    }
    return null
  },
})

/** Everything below a frame that failed was undone. */
function creatorIn(frame: TracedFrame, account: Uint8Array): Uint8Array | null {
  if (frame.error !== null) return null
  if ((frame.kind === 'CREATE' || frame.kind === 'CREATE2') && equalBytes(frame.to, account)) return frame.from
  for (const step of frame.steps) {
    const creator = step.kind === 'frame' ? creatorIn(step.frame, account) : null
    if (creator !== null) return creator
  }
  return null
}
