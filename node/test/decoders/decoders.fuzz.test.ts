/**
 * Every decoder of what others send, or contracts leave behind, on damaged encodings: it gives a value, or throws an error
 * of its own type. A case is its seed: the test's name and the number in the message say which.
 */
import { seededRandom } from '@touchstone/vm/testing/random'
import { describe, expect, it } from 'vitest'
import { decompressBrotli } from '../../src/codec/brotli/brotli.ts'
import { bigintToBytes, concatBytes } from '../../src/codec/bytes.ts'
import { CodecError } from '../../src/codec/codecError.ts'
import { decodeRlp, decodeRlpListMembers, encodeRlp } from '../../src/codec/rlp.ts'
import { chainBlockForm } from '../../src/consensus/proposals/blockForm.ts'
import { decodePartRequest, encodePartRequest } from '../../src/consensus/proposals/partRequests.ts'
import { STEP_PRECOMMIT } from '../../src/consensus/signing/signBytes.ts'
import {
  decodeConsensusMessage,
  decodeProof,
  encodeAnnouncement,
  encodeEvidence,
  encodeProposal,
  encodeVotes,
} from '../../src/consensus/wire/messages.ts'
import { keccak256 } from '../../src/crypto/keccak.ts'
import { encodeInitCode, parseInitCode } from '../../src/execution/initCode.ts'
import { revertMessage } from '../../src/execution/revertReason.ts'
import { encodeError } from '../../src/execution/solidityAbi.ts'
import { isStylusCode, unpackCode } from '../../src/execution/storedCode.ts'
import { PUPPET_CODE } from '../../src/execution/testing/puppet.ts'
import { decodeRegistryCall } from '../../src/execution/validatorRegistry/registryAbi.ts'
import { decodeRegistry, encodeRegistry } from '../../src/execution/validatorRegistry/registryStorage.ts'
import { decodeHello, encodeHello } from '../../src/network/connections/handshake.ts'
import { NetworkError } from '../../src/network/networkError.ts'
import { decodeBlockPayload, decodeEndPayload } from '../../src/replay/exportFormat.ts'
import {
  decodeCertifiedBlock,
  decodeHandoversFrom,
  decodeRange,
  decodeHashes as decodeStateHashes,
  decodeStateItems,
  decodeStatus,
  encodeCertifiedBlock,
  encodeHandoversFrom,
  encodeRange,
  encodeStateItems,
  encodeStatus,
} from '../../src/sync/messages.ts'
import { decodeNode } from '../../src/trie/node.ts'
import { orderedTrieRoot } from '../../src/trie/orderedTrie.ts'
import { verifyProof } from '../../src/trie/proof.ts'
import { decodeBundle, decodeHashes, encodeBundle } from '../../src/txpool/bundleCodec.ts'
import { decodeAccount, EMPTY_ACCOUNT, encodeAccount } from '../../src/types/accountCodec.ts'
import { decodeBlock, sealBlock } from '../../src/types/blockCodec.ts'
import { decodeCertificate, encodeCertificate } from '../../src/types/certificateCodec.ts'
import { decodeHandover, encodeHandover } from '../../src/types/handoverCodec.ts'
import type { Header } from '../../src/types/header.ts'
import {
  decodeHeader,
  EMPTY_BLOOM,
  EMPTY_OMMERS_HASH,
  encodeHeader,
  ZERO_HASH,
  ZERO_NONCE,
} from '../../src/types/headerCodec.ts'
import { decodeReceiptRecord, encodeReceiptRecord } from '../../src/types/receiptCodec.ts'
import { decodeTransaction, recoverSender, signTransaction } from '../../src/types/transactionCodec.ts'
import { bodyOf } from '../sim/proposals.ts'
import { damaged } from './damage.ts'

const CASES = 400

const fill = (length: number, byte: number) => new Uint8Array(length).fill(byte)
const KEY = fill(32, 7)
const accessList = [{ address: fill(20, 1), storageKeys: [fill(32, 2), fill(32, 3)] }]
const body = { gasLimit: 21_000n, to: fill(20, 4), value: 5n, data: fill(60, 5) }
const fees = { maxFeePerGas: 9n, maxPriorityFeePerGas: 2n }
const transactions = [
  signTransaction({ type: 0, chainId: 31_337n, nonce: 0n, gasPrice: 9n, ...body }, KEY),
  signTransaction({ type: 0, chainId: null, nonce: 0n, gasPrice: 9n, ...body }, KEY),
  signTransaction({ type: 1, chainId: 31_337n, nonce: 1n, gasPrice: 9n, accessList, ...body }, KEY),
  signTransaction({ type: 2, chainId: 31_337n, nonce: 2n, ...fees, accessList, ...body }, KEY),
]
const raws = transactions.map(({ raw }) => raw)
const header: Header = {
  parentHash: fill(32, 1),
  ommersHash: EMPTY_OMMERS_HASH,
  miner: fill(20, 2),
  stateRoot: fill(32, 3),
  transactionsRoot: orderedTrieRoot(raws),
  receiptsRoot: fill(32, 4),
  logsBloom: EMPTY_BLOOM,
  difficulty: 0n,
  number: 300n,
  gasLimit: 30_000_000n,
  gasUsed: 63_000n,
  timestamp: 1_700_000_000n,
  extraData: fill(32, 5),
  mixHash: ZERO_HASH,
  nonce: ZERO_NONCE,
  baseFeePerGas: 7n,
}
const block = sealBlock(header, transactions)
const signatures = [0, 2, 3].map((index) => ({ index, signature: fill(64, index) }))
const certificate = { chainId: 31_337n, height: 300n, round: 1, blockHash: block.hash, signatures }
const position = { attempt: 3, height: 9n, round: 2 }
const validator = { publicKey: fill(32, 6), power: 10n, feeRecipient: fill(20, 7), operator: fill(20, 8) }
const change = {
  ...{ id: 1n, validator, height: 500n, proposer: fill(20, 8) },
  ...{ approvals: [fill(20, 8)], isScheduled: false },
}
const log = { address: fill(20, 1), topics: [fill(32, 2), fill(32, 3)], data: fill(40, 4) }
const receiptRecord = encodeReceiptRecord({
  receipt: { type: 2, status: 0, cumulativeGasUsed: 21_000n, logsBloom: EMPTY_BLOOM, logs: [log] },
  ...{ transactionHash: fill(32, 1), sender: fill(20, 2), contractAddress: null, gasUsed: 21_000n },
  ...{ effectiveGasPrice: 9n, failure: { message: 'execution reverted', revertData: fill(36, 1) } },
})
const statement = (byte: number) => ({
  validRound: -1,
  blockHash: fill(32, byte),
  contentsHash: null,
  signature: fill(64, byte),
})
const selector = (signature: string) => keccak256(new TextEncoder().encode(signature)).slice(0, 4)
const word = (value: bigint) => bigintToBytes(value, 32)
const leaf = encodeRlp([Uint8Array.of(0x20, 0x12), fill(40, 1)])
const branch = encodeRlp([...Array.from({ length: 16 }, (_, i) => fill(i % 2 === 0 ? 32 : 0, i)), fill(0, 0)])
const extension = encodeRlp([Uint8Array.of(0x11), [Uint8Array.of(0x31), Uint8Array.of(5)]])
const exported = concatBytes(
  bigintToBytes(300n, 8),
  ...[block.raw, encodeCertificate(certificate), receiptRecord].flatMap((part) => [
    bigintToBytes(BigInt(part.length), 4),
    part,
  ]),
)

interface Decoder {
  readonly name: string
  readonly samples: readonly Uint8Array[]
  readonly decode: (bytes: Uint8Array) => unknown
  /** The errors it may throw; none where it has another way to say no. */
  readonly throws?: new (
    ...args: never[]
  ) => Error
}

const codecs: readonly Omit<Decoder, 'throws'>[] = [
  { name: 'RLP', samples: [block.raw, branch], decode: (bytes) => decodeRlp(bytes) },
  { name: 'members of RLP', samples: [block.raw, branch], decode: (bytes) => decodeRlpListMembers(bytes) },
  {
    name: 'transactions and their senders',
    samples: raws,
    decode: (b) => recoverSender(decodeTransaction(b).transaction),
  },
  { name: 'headers', samples: [encodeHeader(header)], decode: decodeHeader },
  { name: 'blocks', samples: [block.raw], decode: decodeBlock },
  {
    name: 'requests for parts of proposals',
    samples: [encodePartRequest({ contentsHash: block.hash, indexes: [0, 3, 300] })],
    decode: decodePartRequest,
  },
  { name: 'receipt records', samples: [receiptRecord], decode: decodeReceiptRecord },
  { name: 'certificates', samples: [encodeCertificate(certificate)], decode: decodeCertificate },
  {
    name: 'accounts',
    samples: [encodeAccount({ ...EMPTY_ACCOUNT, nonce: 3n, balance: 10n ** 20n })],
    decode: decodeAccount,
  },
  {
    name: 'handovers',
    samples: [encodeHandover({ header, certificate, validators: [validator, validator] })],
    decode: decodeHandover,
  },
  { name: 'trie nodes', samples: [leaf, branch, extension], decode: (bytes) => decodeNode(bytes, bytes) },
  {
    name: 'consensus messages',
    samples: [
      encodeProposal({
        ...{ kind: 'proposal', ...position, validRound: 1, ...bodyOf(block, chainBlockForm) },
        ...{ contentsHash: fill(32, 2), signature: fill(64, 3), polka: signatures },
      }),
      encodeVotes({
        ...{ kind: 'votes', ...position, wantsProposal: true },
        votes: [{ type: 'prevote', round: 0, blockHash: null, index: 0, signature: fill(64, 6) }],
      }),
    ],
    decode: decodeConsensusMessage,
  },
  {
    name: 'announcements and evidence',
    samples: [
      encodeAnnouncement({ kind: 'announcement', attempt: 1, certificate }),
      encodeEvidence({
        ...{ validator: 1, height: 9n, round: 0, step: STEP_PRECOMMIT },
        ...{ first: statement(1), second: statement(2) },
      }),
    ],
    decode: decodeProof,
  },
  { name: 'bundles of transactions', samples: [encodeBundle(raws)], decode: decodeBundle },
  { name: 'hashes of transactions', samples: [fill(96, 1)], decode: (bytes) => decodeHashes(bytes, 4) },
  { name: 'status', samples: [encodeStatus({ height: 9n, hash: fill(32, 1), first: 1n })], decode: decodeStatus },
  { name: 'ranges', samples: [encodeRange({ from: 1n, count: 9 })], decode: decodeRange },
  {
    name: 'certified blocks',
    samples: [encodeCertifiedBlock(block.raw, encodeCertificate(certificate))],
    decode: decodeCertifiedBlock,
  },
  { name: 'requests of handovers', samples: [encodeHandoversFrom(9n)], decode: decodeHandoversFrom },
  { name: 'requests of state', samples: [encodeRlp([fill(32, 1), fill(32, 2)])], decode: decodeStateHashes },
  {
    name: 'answers of state',
    samples: [encodeStateItems([leaf, branch])],
    decode: (bytes) => decodeStateItems([bytes], 2),
  },
  {
    name: 'the stored registry',
    samples: [encodeRegistry({ validators: [validator], changes: [change], nextId: 2n })],
    decode: decodeRegistry,
  },
]

const decoders: readonly Decoder[] = [
  ...codecs.map((codec) => ({ ...codec, throws: CodecError })),
  {
    name: 'hellos',
    samples: [encodeHello({ version: 1, genesisHash: fill(32, 1), session: fill(8, 2), agent: 'node é 1.0' })],
    decode: decodeHello,
    throws: NetworkError,
  },
  {
    name: 'calls of the registry',
    samples: [
      concatBytes(
        selector('propose(bytes32,uint64,address,address,uint64)'),
        ...[word(6n), word(10n), word(7n), word(8n), word(500n)],
      ),
      concatBytes(selector('approve(uint64)'), word(1n)),
      selector('validators()'),
    ],
    decode: decodeRegistryCall,
  },
  {
    name: 'init code',
    samples: [encodeInitCode(PUPPET_CODE, null), encodeInitCode(PUPPET_CODE, fill(40, 1)), PUPPET_CODE],
    decode: parseInitCode,
  },
  { name: 'stored code', samples: [PUPPET_CODE], decode: (bytes) => unpackCode(bytes) },
  { name: 'Brotli', samples: [PUPPET_CODE.subarray(4)], decode: (bytes) => decompressBrotli(bytes, 100_000) },
  {
    name: 'revert data',
    samples: [
      encodeError('not enough funds'),
      concatBytes(selector('Panic(uint256)'), word(0x11n)),
      concatBytes(selector('Error(string)'), word(32n), word(2n ** 255n)),
      concatBytes(selector('Error(string)'), word(32n), word(4n), Uint8Array.of(0xff, 0xfe, 0xed, 0xa0)),
    ],
    decode: revertMessage,
  },
  { name: 'blocks of an export', samples: [exported], decode: decodeBlockPayload },
  { name: 'the end of an export', samples: [fill(40, 1)], decode: decodeEndPayload },
  {
    name: 'proofs',
    samples: [leaf, branch, extension],
    // The damaged node is the root, so that it is decoded.
    decode: (bytes) => verifyProof(keccak256(bytes), fill(32, 1), [bytes, leaf]),
  },
]

describe('damaged encodings are values or errors of the decoder', () => {
  it('samples are samples', () => {
    expect(isStylusCode(PUPPET_CODE)).toBe(true)
    for (const { samples, decode } of codecs) for (const sample of samples) decode(sample)
  })

  it.each(decoders)('$name', ({ samples, decode, throws }) => {
    let values = 0
    for (let seed = 0; seed < CASES; seed++) {
      const random = seededRandom(seed)
      const bytes = damaged(random, random.pick(samples))
      try {
        decode(bytes)
        values++
      } catch (error) {
        if (throws !== undefined && error instanceof throws) continue
        throw new Error(`seed ${seed}: ${error}`, { cause: error })
      }
    }
    expect(values).toBeGreaterThan(0)
  })
})
