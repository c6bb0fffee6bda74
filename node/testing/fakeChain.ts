/** The fake chain of the test kit: blocks in memory that a test makes by hand. It executes nothing. */
import { type BlockEvent, type BlockReference, ChainError, type ChainService } from '../src/chain/chainService.ts'
import { equalBytes } from '../src/codec/bytes.ts'
import type { Block } from '../src/types/block.ts'
import type { Certificate } from '../src/types/certificate.ts'
import { encodeCertificate } from '../src/types/certificateCodec.ts'
import type { Genesis } from '../src/types/genesis.ts'
import { matchesLog } from '../src/types/logPattern.ts'

export interface FakeChainService extends ChainService {
  /** Makes a block the head, whatever it says, and tells the listeners. */
  append(event: BlockEvent, certificate: Certificate): void
  /** @throws ChainError as the chain does for a block that is not there. */
  known(at: BlockReference): BlockEvent
}

/**
 * Answers what can be read off the blocks, and from `answers` what a test says of accounts, calls and the like. Every
 * other question is refused.
 */
export function fakeChainService(
  genesis: Genesis,
  first: Block,
  answers: Partial<ChainService> = {},
): FakeChainService {
  const events: BlockEvent[] = [{ block: first, receipts: [], rules: { validators: [], dev: null } }]
  /** Block 0 has none. */
  const certificates: (Certificate | null)[] = [null]
  const listeners = new Set<(event: BlockEvent) => void>()
  const indexOf = (at: BlockReference): number => {
    if (at === 'latest') return events.length - 1
    if (at === 'earliest') return 0
    return 'number' in at ? Number(at.number) : events.findIndex(({ block }) => equalBytes(block.hash, at.hash))
  }
  const refuse = () => Promise.reject(new Error('the fake chain does not do that'))

  return {
    genesis,
    genesisHash: first.hash,
    base: 0n,
    append(event, certificate) {
      events.push(event)
      certificates.push(certificate)
      for (const listener of listeners) listener(event)
    },
    known(at) {
      const found = events[indexOf(at)]
      if (found === undefined) throw new ChainError('unknown-block', 'header not found')
      return found
    },
    states: () => ({ oldest: 0n, kept: null, letGo: 0 }),
    head: () => ({ header: events.at(-1)!.block.header, hash: events.at(-1)!.block.hash }),
    onBlock(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    async block(at) {
      const index = indexOf(at)
      return events[index] === undefined ? null : { block: events[index].block, certificate: certificates[index]! }
    },
    async transaction(hash) {
      for (const { block, receipts } of events) {
        const index = block.transactions.findIndex((one) => equalBytes(one.hash, hash))
        if (index === -1) continue
        const transaction = { ...block.transactions[index]!, sender: receipts[index]!.sender }
        const { number: blockNumber, baseFeePerGas } = block.header
        return { transaction, blockHash: block.hash, blockNumber, index, baseFeePerGas }
      }
      return null
    },
    async blockOfTransaction(hash) {
      const has = ({ block }: BlockEvent) => block.transactions.some((one) => equalBytes(one.hash, hash))
      return events.findLast(has)?.block.header.number ?? null
    },
    async receipts(at) {
      const found = events[indexOf(at)]
      if (found === undefined) return null
      return { header: found.block.header, hash: found.block.hash, receipts: found.receipts }
    },
    async logs({ fromBlock, toBlock, limit, ...pattern }) {
      const found = events.slice(Number(fromBlock), Number(toBlock) + 1).flatMap(({ block, receipts }) => {
        let logIndex = 0
        return receipts.flatMap((record, transactionIndex) =>
          record.receipt.logs.map((log) => ({
            log,
            blockNumber: block.header.number,
            blockHash: block.hash,
            transactionHash: record.transactionHash,
            transactionIndex,
            logIndex: logIndex++,
          })),
        )
      })
      const matching = found.filter(({ log }) => matchesLog(pattern, log))
      if (matching.length > limit) throw new ChainError('too-many-logs', `more than ${limit} logs`)
      return matching
    },
    async rawBlocks(from, limit, maxBytes) {
      const found: { block: Uint8Array; certificate: Uint8Array }[] = []
      let bytes = 0
      for (let at = Number(from); at < Math.min(Number(from) + limit, events.length); at++) {
        const certificate = certificates[at]!
        const { raw } = events[at]!.block
        bytes += raw.length
        if (certificate === null || (found.length > 0 && bytes > maxBytes)) break
        found.push({ block: raw, certificate: encodeCertificate(certificate) })
      }
      return found
    },
    async close() {},
    build: refuse,
    validate: refuse,
    finalize: refuse,
    logStep: refuse,
    account: refuse,
    accounts: refuse,
    code: refuse,
    codeByHash: refuse,
    storage: refuse,
    proof: refuse,
    stateItems: refuse,
    handovers: refuse,
    validatorsAfter: refuse,
    rulesAfter: refuse,
    call: refuse,
    createAccessList: refuse,
    simulate: refuse,
    estimateGas: refuse,
    traceTransaction: refuse,
    traceBlock: refuse,
    traceCall: refuse,
    executionWitness: refuse,
    storageRange: refuse,
    stateDump: refuse,
    ...answers,
  }
}
