import { keyOf } from '../../../codec/bytes.ts'
import { toHex, toQuantity } from '../../../codec/hex.ts'
import type { EvidenceView, RpcBackend } from '../../backend.ts'
import { defineMethod } from '../../method.ts'
import { nextHeaderOf } from '../../reading/callRequest.ts'
import { STATUS } from '../../schema/results.ts'
import { certificateJson } from '../../views/certificate.ts'

/** touchstone_status: all that `devnet status` shows of a node, of one moment. */
export const status = defineMethod({
  name: 'touchstone_status',
  kind: 'read',
  summary: 'one moment of the node',
  differs: 'of this chain',
  result: STATUS,
  params: [],
  handle({ backend }) {
    const { header, hash } = backend.chain.head()
    const consensus = backend.consensus()
    const sync = backend.sync()
    const faults = backend.executionFaults()
    const next = nextHeaderOf(backend)
    const { pending, queued } = backend.txpool.counts()
    return {
      height: toQuantity(header.number),
      hash: toHex(hash),
      stateRoot: toHex(header.stateRoot),
      receiptsRoot: toHex(header.receiptsRoot),
      timestamp: toQuantity(header.timestamp),
      clock: toQuantity(BigInt(Math.floor(backend.clock.now() / 1000))),
      timeAhead: next.timestamp === null ? Number(next.timeOffset) : null,
      chainId: toQuantity(backend.chain.genesis.chainId),
      genesisHash: toHex(backend.chain.genesisHash),
      peers: backend.peerCount(),
      p2p: backend.p2pAddresses(),
      consensusHeight: toQuantity(consensus.height),
      round: consensus.round,
      step: consensus.step,
      proposer: consensus.proposer === null ? null : toHex(consensus.proposer),
      validatorKey: backend.validatorKey === null ? null : toHex(backend.validatorKey),
      isValidator: consensus.isValidator,
      abstaining: consensus.abstaining,
      twin: consensus.twin === null ? null : { ...consensus.twin, height: toQuantity(consensus.twin.height) },
      halted: haltedJson(consensus.halted),
      evidence: evidenceCounts(backend.evidence()),
      executionFaults: faults.count,
      setAside: faults.setAside.map(({ key, block, strikes, reason }) => ({
        hash: `0x${key}`,
        block: toQuantity(block),
        strikes,
        reason,
      })),
      syncing: sync.syncing,
      highestBlock: toQuantity(sync.highestBlock),
      txpool: { pending, queued },
      wantsBlock: backend.wantsBlock(),
      engine: backend.engine,
      clientVersion: backend.clientVersion,
    }
  },
})

function haltedJson(halted: ReturnType<RpcBackend['consensus']>['halted']): object | null {
  if (halted?.kind !== 'fork') return halted === null ? null : { reason: halted.kind }
  return { reason: halted.kind, certificates: halted.certificates.map(certificateJson) }
}

/** How much there is against each validator; touchstone_evidence has it. */
function evidenceCounts(all: readonly EvidenceView[]): readonly object[] {
  const counts = new Map<string, { readonly validator: number; readonly publicKey: string; count: number }>()
  for (const { validator, publicKey } of all) {
    const entry = counts.get(keyOf(publicKey)) ?? { validator, publicKey: toHex(publicKey), count: 0 }
    entry.count += 1
    counts.set(keyOf(publicKey), entry)
  }
  return [...counts.values()]
}
