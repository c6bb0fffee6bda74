import { toHex, toQuantity } from '../../../codec/hex.ts'
import { defineMethod } from '../../method.ts'

/** touchstone_status: all that `devnet status` shows of a node, of one moment. */
export const status = defineMethod({
  name: 'touchstone_status',
  params: [],
  handle({ backend }) {
    const { header, hash } = backend.chain.head()
    const consensus = backend.consensus()
    const sync = backend.sync()
    const { pending, queued } = backend.txpool.counts()
    return {
      height: toQuantity(header.number),
      hash: toHex(hash),
      stateRoot: toHex(header.stateRoot),
      receiptsRoot: toHex(header.receiptsRoot),
      timestamp: toQuantity(header.timestamp),
      chainId: toQuantity(backend.chain.genesis.chainId),
      genesisHash: toHex(backend.chain.genesisHash),
      peers: backend.peerCount(),
      p2p: backend.p2pAddresses(),
      consensusHeight: toQuantity(consensus.height),
      round: consensus.round,
      step: consensus.step,
      proposer: consensus.proposer === null ? null : toHex(consensus.proposer),
      isValidator: consensus.isValidator,
      syncing: sync.syncing,
      highestBlock: toQuantity(sync.highestBlock),
      txpool: { pending, queued },
      engine: backend.engine,
      clientVersion: backend.clientVersion,
    }
  },
})
