/** Input: a block with its certificate, from sync. It is committed whatever round is under way. */
import { equalBytes } from '../../codec/bytes.ts'
import type { Block } from '../../types/block.ts'
import type { Certificate } from '../../types/certificate.ts'
import type { CertifiedOutcome } from '../consensus.ts'
import type { IntakeContext } from './context.ts'

export async function takeCertifiedBlock(
  { heights, certificates, onFork }: IntakeContext,
  block: Block,
  certificate: Certificate,
): Promise<CertifiedOutcome> {
  const { height } = certificate
  const refuse = (code: Extract<CertifiedOutcome, { ok: false }>['code'], message: string): CertifiedOutcome => ({
    ok: false,
    code,
    message: `block ${height}: ${message}`,
  })
  if (heights.isStopped) return refuse('halted', 'consensus has stopped')
  const { height: current } = heights.state
  if (height > current) return refuse('gap', `the next block is ${current}`)
  if (block.header.number !== height || !equalBytes(block.hash, certificate.blockHash)) {
    return refuse('wrong-block', 'the certificate is of another block')
  }
  const judgement = await certificates.judge(certificate, current)
  switch (judgement.kind) {
    case 'known':
      return { ok: true }
    case 'invalid':
      return refuse('bad-certificate', judgement.message)
    case 'fork':
      onFork(judgement.own, certificate)
      return refuse('halted', 'another block of this height is certified too')
    case 'ahead':
      if (!heights.follows(block)) {
        const own = await certificates.of(height - 1n)
        if (own === null) return refuse('wrong-block', 'it does not follow the genesis block of this chain')
        onFork(own, certificate)
        return refuse('halted', 'it does not follow the block committed here')
      }
      await heights.commit(block, certificate)
      return { ok: true }
  }
}
