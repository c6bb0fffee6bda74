/** The chain in a node's directory, read without a node: for tools, while no node has the directory open. */
import { join } from 'node:path'
import { ChainDatabase } from '../chain/database.ts'
import { uncheckedGenesis } from '../chain/genesisBlock.ts'
import { checkedHead, holdsWholeChain } from '../chain/startChecks.ts'
import type { ExportedBlock } from '../replay/exportFormat.ts'
import { openLevelStore } from '../runtime/levelStore.ts'
import type { Genesis } from '../types/genesis.ts'

export interface StoredChain {
  readonly genesisHash: Uint8Array
  /** Of the newest block. */
  readonly height: bigint
  /** Null when the node does not have it: it began with a snapshot. */
  block(number: bigint): ExportedBlock | null
  close(): Promise<void>
}

/**
 * `dataDir` is the node's, as its configuration names it. Null when there is no whole chain in it.
 * @throws StoreError, DatabaseError: another process has it open, it holds another chain, or it is damaged.
 */
export async function openStoredChain(dataDir: string, genesis: Genesis): Promise<StoredChain | null> {
  const store = await openLevelStore(join(dataDir, 'chain'))
  try {
    const database = new ChainDatabase(store)
    const genesisHash = uncheckedGenesis(genesis).block.hash
    if (!holdsWholeChain(database, genesisHash)) {
      await store.close()
      return null
    }
    return {
      genesisHash,
      height: checkedHead(database).header.number,
      block(number) {
        const block = database.rawBlock(number)
        const certificate = database.rawCertificate(number)
        if (block === null || certificate === null) return null
        return { number, block, certificate, receipts: database.rawReceipts(number) }
      },
      close: () => store.close(),
    }
  } catch (error) {
    await store.close()
    throw error
  }
}
