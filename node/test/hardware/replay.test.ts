/** The generated chain, executed again on both engines, and every way a chain may differ from what an export says. */
import { beforeAll, describe, expect, it } from 'vitest'
import { genesisCandidate } from '../../src/chain/genesisBlock.ts'
import { decodeReceiptRecords, encodeReceiptRecords } from '../../src/chain/records.ts'
import { BlockRun, createProgramCache, type ExecutionConfig } from '../../src/execution/executeBlock.ts'
import { ENGINE_NAMES } from '../../src/execution/executionConfig.ts'
import { BlockTracer } from '../../src/execution/trace/blockTracer.ts'
import type { Trace } from '../../src/execution/trace/listening.ts'
import { Execution } from '../../src/replay/execution.ts'
import {
  type ExportedBlock,
  encodeBlockRecord,
  encodeEndRecord,
  encodeGenesisRecord,
  encodeHeader,
} from '../../src/replay/exportFormat.ts'
import { readExport } from '../../src/replay/readExport.ts'
import { type ReplayReport, replayExport } from '../../src/replay/replay.ts'
import { Rerun } from '../../src/rerun/rerun.ts'
import { decodeBlock, sealBlock } from '../../src/types/blockCodec.ts'
import type { Certificate } from '../../src/types/certificate.ts'
import { decodeCertificate, encodeCertificate } from '../../src/types/certificateCodec.ts'
import { genesisToJson } from '../../src/types/genesisCodec.ts'
import type { Header } from '../../src/types/header.ts'
import type { Receipt, ReceiptRecord } from '../../src/types/receipt.ts'
import type { SenderTransaction } from '../../src/types/transaction.ts'
import { recoverSender } from '../../src/types/transactionCodec.ts'
import { type GeneratedExport, generateExport } from './generateExport.ts'
import { bundleReplay } from './replayBundle.ts'

let generated: GeneratedExport
beforeAll(async () => {
  generated = await generateExport({ blocks: 20, seed: 7 })
})

/** The export with one block changed. */
async function changed(number: bigint, change: (block: ExportedBlock) => Partial<ExportedBlock>): Promise<Uint8Array> {
  const parts = [encodeHeader()]
  for await (const item of readExport([generated.bytes])) {
    if (item.kind === 'genesis') parts.push(encodeGenesisRecord(genesisToJson(item.genesis)))
    else if (item.kind === 'end') parts.push(encodeEndRecord(item.end))
    else if (item.block.number !== number) parts.push(encodeBlockRecord(item.block))
    else parts.push(encodeBlockRecord({ ...item.block, ...change(item.block) }))
  }
  return Buffer.concat(parts)
}

/** From nothing but what the transaction touched, instruction by instruction, as debuggers do it. */
function rerun(
  { chainId, schedule }: ExecutionConfig,
  block: Header,
  { before }: NonNullable<Trace['state']>,
  transaction: SenderTransaction,
) {
  const accounts = before.filter(({ exists }) => exists)
  const task = { chainId, schedule, block, accounts, subject: { kind: 'transaction', transaction } as const }
  const again = new Rerun(task, { code() {}, step() {}, hostCall() {}, leave() {} })
  again.clock.next = Number.MAX_SAFE_INTEGER
  const { kind, ...result } = again.run()
  return { ...result, isSuccess: kind === 'success', steps: again.clock.steps }
}

function differenceIn(report: ReplayReport) {
  if (report.ok) throw new Error('no difference was found')
  return report.difference
}

const NUMBER = 9n

describe('a replay', () => {
  it('gives the same digest on every engine', async () => {
    const first = await replayExport([generated.bytes], { engine: 'mixed' })
    expect(first).toMatchObject({ ok: true, blocks: 20n, transactions: generated.transactions })
    for (const engine of ENGINE_NAMES) expect(await replayExport([generated.bytes], { engine })).toEqual(first)
  })

  it('holds failures and faults, not successes alone', () => {
    expect(generated.failures.size).toBeGreaterThan(3)
    expect(generated.kinds.size).toBeGreaterThan(15)
  })

  it('of blocks that are profiled gives what they give otherwise, and each transaction alone the same again', async () => {
    let execution: Execution | null = null
    let config: ExecutionConfig | null = null
    let transactions = 0
    let steps = 0
    for await (const item of readExport([generated.bytes])) {
      if (item.kind === 'genesis') {
        const { genesis } = item
        execution = new Execution(genesis, 'compiled', genesisCandidate(genesis).changes)
        const { chainId, schedule } = genesis
        config = { chainId, schedule, engine: 'compiled', programs: createProgramCache() }
      }
      if (item.kind !== 'block') continue
      const block = decodeBlock(item.block.block)
      const senders = block.transactions.map(({ transaction }) => recoverSender(transaction))
      const needs = { hostCalls: false, state: true, profile: true }
      const tracer = new BlockTracer(execution!.state(), config!, needs, () => true)
      const run = new BlockRun(tracer.state, block.header, tracer.config, tracer)
      run.addAll(block.transactions.map((envelope, index) => ({ ...envelope, sender: senders[index]! })))
      const { stateRoot, receiptsRoot, receipts } = run.finish()
      expect([stateRoot, receiptsRoot]).toEqual([block.header.stateRoot, block.header.receiptsRoot])
      for (const { transaction, index, profile, state } of tracer.traces) {
        const { gasUsed, failure } = receipts[index]!
        const again = rerun(config!, block.header, state!, transaction)
        expect({ block: block.header.number, index, ...again }).toMatchObject({
          ...{ index, gasUsed, isSuccess: receipts[index]!.receipt.status === 1, message: failure?.message ?? null },
        })
        steps += again.steps
        const { nodes, gasSpent, refund } = profile!({ ...transaction.transaction, gasUsed })
        expect(gasSpent - refund).toBe(gasUsed)
        expect(nodes.reduce((ink, node) => ink + node.ink, 0)).toBe(Number(gasSpent) * 10_000)
        transactions++
      }
      execution!.execute(block, senders)
      execution!.commit()
    }
    expect(transactions).toBe(generated.transactions)
    expect(steps).toBeGreaterThan(100_000)
  })

  it('tells about each block', async () => {
    const seen: bigint[] = []
    await replayExport([generated.bytes], { engine: 'compiled', onBlock: ({ blocks }) => seen.push(blocks) })
    expect(seen).toEqual(Array.from({ length: 20 }, (_, index) => BigInt(index + 1)))
  })
})

const log = (record: ReceiptRecord) => record.receipt.logs[0]!
const receiptChanges: readonly (readonly [string, (record: ReceiptRecord) => Partial<ReceiptRecord>])[] = [
  ['transaction hash', () => ({ transactionHash: new Uint8Array(32) })],
  ['sender', () => ({ sender: new Uint8Array(20) })],
  ['type', ({ receipt }) => inner(receipt, { type: receipt.type === 2 ? 1 : 2 })],
  ['status', ({ receipt }) => inner(receipt, { status: 0 })],
  ['gas used', ({ gasUsed }) => ({ gasUsed: gasUsed - 1n })],
  ['cumulative gas used', ({ receipt }) => inner(receipt, { cumulativeGasUsed: receipt.cumulativeGasUsed + 1n })],
  ['effective gas price', ({ effectiveGasPrice }) => ({ effectiveGasPrice: effectiveGasPrice + 1n })],
  ['contract address', () => ({ contractAddress: new Uint8Array(20) })],
  ['logs[0].address', (record) => inner(record.receipt, { logs: [{ ...log(record), address: new Uint8Array(20) }] })],
  [
    'logs[0].topics[0]',
    (record) => inner(record.receipt, { logs: [{ ...log(record), topics: [new Uint8Array(32)] }] }),
  ],
  [
    'logs[0]: number of topics',
    (record) => inner(record.receipt, { logs: [{ ...log(record), topics: log(record).topics.slice(0, 2) }] }),
  ],
  ['logs[0].data', (record) => inner(record.receipt, { logs: [{ ...log(record), data: new Uint8Array(3) }] })],
  ['number of logs', ({ receipt }) => inner(receipt, { logs: [] })],
  ['failed', () => ({ failure: { message: 'it did not', revertData: null } })],
]

function inner(receipt: Receipt, fields: Partial<Receipt>): Partial<ReceiptRecord> {
  return { receipt: { ...receipt, ...fields } }
}

describe('a difference in a receipt', () => {
  it.each(receiptChanges)('is found and named: %s', async (field, change) => {
    // Block 3 ends with the deployment of the exchange, block 4 begins with calls of a token, each with one log.
    const file = await changed(4n, ({ receipts }) => {
      const [first, ...rest] = decodeReceiptRecords(receipts)
      return { receipts: encodeReceiptRecords([{ ...first!, ...change(first!) }, ...rest]) }
    })
    for (const engine of ['compiled', 'mixed'] as const) {
      const difference = differenceIn(await replayExport([file], { engine }))
      expect(difference).toMatchObject({ block: 4n, field, engine: engine === 'mixed' ? 'reference' : engine })
      expect(difference.transaction).toEqual({ index: 0, hash: expect.stringMatching(/^0x[0-9a-f]{64}$/) })
      expect(difference.expected).not.toBe(difference.got)
    }
  })

  it('is found when one is missing', async () => {
    const file = await changed(4n, ({ receipts }) => ({
      receipts: encodeReceiptRecords(decodeReceiptRecords(receipts).slice(1)),
    }))
    expect(differenceIn(await replayExport([file], { engine: 'compiled' }))).toMatchObject({ block: 4n })
    const shorter = await changed(4n, ({ receipts }) => ({
      receipts: encodeReceiptRecords(decodeReceiptRecords(receipts).slice(0, -1)),
    }))
    expect(differenceIn(await replayExport([shorter], { engine: 'compiled' }))).toMatchObject({
      block: 4n,
      transaction: null,
      field: 'number of receipts',
    })
  })
})

const other = (length: number) => new Uint8Array(length).fill(0xab)
const headerChanges: readonly (readonly [string, Partial<Header>])[] = [
  ['state root', { stateRoot: other(32) }],
  ['receipts root', { receiptsRoot: other(32) }],
  ['transactions root', { transactionsRoot: other(32) }],
  ['logs bloom', { logsBloom: other(256) }],
  ['gas used', { gasUsed: 1n }],
  ['base fee', { baseFeePerGas: 1n }],
  ['timestamp', { timestamp: 1n }],
  ['parent hash', { parentHash: other(32) }],
  ['extra data (hash of the validator set)', { extraData: other(32) }],
]

describe('a difference in a header', () => {
  it.each(headerChanges)('is found and named: %s', async (field, fields) => {
    const file = await changed(NUMBER, ({ block }) => {
      const { header, transactions } = decodeBlock(block)
      return { block: sealBlock({ ...header, ...fields }, transactions).raw }
    })
    const report = await replayExport([file], { engine: 'compiled' })
    expect(differenceIn(report)).toMatchObject({ block: NUMBER, transaction: null, field })
    // All engines of this machine are asked, and say that they do not part; a block that is wrong by itself is not executed.
    const isExecuted = differenceIn(report).engine !== null
    const finding = { agree: true, right: 'neither' }
    expect(report).toMatchObject({ explanation: isExecuted ? { finding, trouble: null } : null })
  })
})

describe('a certificate', () => {
  const withCertificate = (change: (certificate: Certificate) => Partial<Certificate>) =>
    changed(NUMBER, ({ certificate }) => {
      const decoded = decodeCertificate(certificate)
      return { certificate: encodeCertificate({ ...decoded, ...change(decoded) }) }
    })
  const [first] = [({ signatures }: Certificate) => signatures[0]!]

  it.each([
    ['of another block', () => ({ blockHash: other(32) }), 'block hash of the certificate'],
    ['of another height', () => ({ height: 1n }), 'height of the certificate'],
    ['of another round', ({ round }: Certificate) => ({ round: round + 1 }), 'certificate'],
    ['of nobody', () => ({ signatures: [] }), 'certificate'],
    [
      'with a wrong signature',
      (certificate: Certificate) => ({ signatures: [{ ...first(certificate), signature: other(64) }] }),
      'certificate',
    ],
  ])('%s is found, and left alone when asked to', async (_, change, field) => {
    const file = await withCertificate(change)
    const found = differenceIn(await replayExport([file], { engine: 'compiled' }))
    expect(found).toMatchObject({ block: NUMBER, transaction: null, field })
    expect(await replayExport([file], { engine: 'compiled', certificates: false })).toMatchObject({ ok: true })
  })
})

describe('a block', () => {
  it('that is no block is damage, told with its number', async () => {
    const file = await changed(NUMBER, () => ({ block: Uint8Array.of(1, 2, 3) }))
    await expect(replayExport([file], { engine: 'compiled' })).rejects.toMatchObject({
      code: 'damaged',
      message: expect.stringContaining(`block ${NUMBER}`),
    })
  })
})

const FOREIGN = /['"]node:|\brequire\(|\bprocess\.|\bBuffer\b/

describe('the bundle', () => {
  it('imports nothing and holds nothing that only a node has', async () => {
    const { imports, modules, code } = await bundleReplay()
    expect(imports).toEqual([])
    // Its lines, so that a failure shows one and not the file.
    const lines = code.split('\n').filter((line) => !/^\s*(\/?\*|\/\/)/.test(line))
    expect(lines.filter((line) => FOREIGN.test(line))).toEqual([])
    const foreign = modules.filter((path) => /classic-level|\/level\/|libp2p|\/pino\/|src\/runtime\//.test(path))
    expect(foreign).toEqual([])
    expect(modules.some((path) => path.endsWith('vm/src/engine/compiled/program.ts'))).toBe(true)
  })
})
