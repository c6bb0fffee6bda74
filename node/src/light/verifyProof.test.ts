/**
 * Proof files of a chain whose validators changed twice: accepted as they are, refused with the step that failed however
 * they are altered, and checked a second time by libraries that are not ours.
 */
import { createPublicKey, verify } from 'node:crypto'
import { verifyMerkleProof } from '@ethereumjs/mpt'
import { RLP } from '@ethereumjs/rlp'
import { keccak256 as ethersKeccak, getBytes } from 'ethers'
import { encodeFunctionData, parseAbi } from 'viem'
import { beforeAll, describe, expect, it } from 'vitest'
import { accounts, transaction } from '../chain/testing/fixtures.ts'
import { concatBytes } from '../codec/bytes.ts'
import { fromHex, toHex } from '../codec/hex.ts'
import { encodeRlp } from '../codec/rlp.ts'
import { createAddress } from '../execution/contractAddress.ts'
import { encodeInitCode } from '../execution/initCode.ts'
import { command, PUPPET_CODE, word } from '../execution/testing/puppet.ts'
import { REGISTRY_ADDRESS, REGISTRY_INTERFACE } from '../execution/validatorRegistry/registryInterface.ts'
import { installCrypto } from '../runtime/installCrypto.ts'
import { type CertifiedChain, certifiedChain, certifiedGenesis } from '../sync/testing/certifiedChain.ts'
import { encodeCertificate } from '../types/certificateCodec.ts'
import type { Genesis } from '../types/genesis.ts'
import { decodeHandover, encodeHandover } from '../types/handoverCodec.ts'
import { decodeHeader, encodeHeader } from '../types/headerCodec.ts'
import { makeReceiptProof } from './makeReceiptProof.ts'
import { type AccountClaim, type ProofFile, parseProofFile, proofFileToJson, type ReceiptClaim } from './proofFile.ts'
import { type ProofStep, verifyProofFile } from './verifyProof.ts'

const abi = parseAbi(REGISTRY_INTERFACE)
const operated: Genesis = {
  ...certifiedGenesis,
  validators: certifiedGenesis.validators.map((validator, index) => ({
    ...validator,
    operator: accounts[index]!.address,
  })),
}
/** Heights from which the second validator has power 3, then 4. */
const CHANGES = [4n, 6n]
/** Of the calls of the puppet. */
const BUSY = 8n
const puppet = createAddress(accounts[3]!.address, 0n)
const nobody = new Uint8Array(20).fill(0x99)

let source: CertifiedChain
let genesis: Genesis
let account: ProofFile
let receipt: ProofFile

beforeAll(async () => {
  await installCrypto()
  genesis = operated
  source = await certifiedChain({ genesis, signers: [0, 1] })
  const proposals = CHANGES.map((height, index) => {
    const { publicKey, feeRecipient, operator } = genesis.validators[1]!
    const args = [toHex(publicKey), BigInt(3 + index), toHex(feeRecipient), toHex(operator!), height] as const
    const data = fromHex(encodeFunctionData({ abi, functionName: 'propose', args }))
    return transaction(0, index, { to: REGISTRY_ADDRESS, value: 0n, data, gasLimit: 2_000_000n })
  })
  const deploy = { to: null, value: 0n, data: encodeInitCode(PUPPET_CODE, null), gasLimit: 10_000_000n }
  const call = (nonce: number, data: Uint8Array) =>
    transaction(3, nonce, { to: puppet, value: 0n, data, gasLimit: 1_000_000n })
  await source.grow(1, () => [...proposals, transaction(3, 0, deploy)])
  await source.grow(Number(BUSY) - 2)
  const both = command.sequence(command.store(1n, 42n), command.log([5n, 6n], Uint8Array.of(1, 2, 3)))
  await source.grow(1, () => [transaction(1, 0), call(1, both), call(2, command.log([7n], new Uint8Array(0)))])
  await source.grow(1)
  account = await accountFile(puppet, [word(1n), word(2n)])
  receipt = await receiptFile(1, 0)
}, 120_000)

async function blockParts(number: bigint) {
  const { block, certificate } = (await source.chain.block({ number }))!
  const handovers = (await source.chain.handovers(0n, 64)).filter((raw) => decodeHandover(raw).header.number <= number)
  return {
    block,
    parts: {
      genesisHash: source.chain.genesisHash,
      handovers,
      header: encodeHeader(block.header),
      certificate: encodeCertificate(certificate!),
    },
  }
}

async function accountFile(address: Uint8Array, keys: readonly Uint8Array[], number = BUSY): Promise<ProofFile> {
  const proof = await source.chain.proof(address, keys, { number })
  const { nonce, balance, codeHash, storageRoot: storageHash } = proof.account
  const claim: AccountClaim = {
    ...{ kind: 'account', address, nonce, balance, codeHash, storageHash },
    proof: proof.accountProof,
    storage: proof.storageProof,
  }
  return { ...(await blockParts(number)).parts, claim }
}

async function receiptFile(index: number, log: number | null): Promise<ProofFile> {
  const { block, parts } = await blockParts(BUSY)
  const { receipts } = (await source.chain.receipts({ number: BUSY }))!
  return { ...parts, claim: makeReceiptProof(block, receipts, block.transactions[index]!.hash, log)! }
}

const accountClaim = () => account.claim as AccountClaim
const receiptClaim = () => receipt.claim as ReceiptClaim
/** Through the file's text, as a reader gets it. */
const verdictOf = (file: ProofFile) =>
  verifyProofFile(parseProofFile(JSON.parse(JSON.stringify(proofFileToJson(file)))), genesis)

describe('a proof file', () => {
  it('shows an account and its slots, with absent ones', () => {
    const verdict = verdictOf(account)
    expect(verdict).toMatchObject({
      ok: true,
      block: { signers: 2, round: 0, handovers: 2 },
      proven: { kind: 'account', exists: true, nonce: 1n, storage: [{ value: 42n }, { value: 0n }] },
    })
  })

  it('shows that an account does not exist', async () => {
    const file = await accountFile(nobody, [word(1n)])
    expect(verdictOf(file)).toMatchObject({ ok: true, proven: { exists: false, balance: 0n } })
  })

  it('shows a receipt, and one log of it', async () => {
    expect(verdictOf(receipt)).toMatchObject({
      ok: true,
      proven: {
        index: 1,
        receipt: { status: 1 },
        log: { index: 0, log: { address: puppet, data: Uint8Array.of(1, 2, 3) } },
      },
    })
    expect(verdictOf(await receiptFile(0, null))).toMatchObject({ ok: true, proven: { index: 0, log: null } })
  })

  it('is of any height, before, at and after the changes of the validators', async () => {
    const heights = Array.from({ length: Number(BUSY) }, (_, index) => BigInt(index + 1))
    for (const height of heights) {
      const file = await accountFile(accounts[1]!.address, [], height)
      const handovers = CHANGES.filter((change) => change <= height + 1n).length
      expect(verdictOf(file)).toMatchObject({ ok: true, block: { handovers } })
    }
  })
})

const flipped = (bytes: Uint8Array, at = bytes.length - 1) =>
  bytes.map((byte, index) => (index === at ? byte ^ 1 : byte))
const withHeader = (change: Partial<ReturnType<typeof decodeHeader>>) =>
  encodeHeader({ ...decodeHeader(account.header), ...change })
const claiming = (change: Partial<AccountClaim>): ProofFile => ({ ...account, claim: { ...accountClaim(), ...change } })
const receipting = (change: Partial<ReceiptClaim>): ProofFile => ({
  ...receipt,
  claim: { ...receiptClaim(), ...change },
})
const slot = (change: Partial<AccountClaim['storage'][number]>) =>
  claiming({ storage: [{ ...accountClaim().storage[0]!, ...change }] })

describe('is refused with the step that failed', () => {
  it.each<[string, ProofStep, () => ProofFile | Promise<ProofFile>, RegExp]>([
    [
      'the genesis of another chain',
      'genesis',
      () => ({ ...account, genesisHash: flipped(account.genesisHash) }),
      /and the genesis given is/,
    ],
    [
      'a handover left out',
      'validators',
      () => ({ ...account, handovers: account.handovers.slice(1) }),
      /decided by other validators/,
    ],
    [
      'the last handover left out',
      'certificate',
      () => ({ ...account, handovers: account.handovers.slice(0, 1) }),
      /decided by other validators/,
    ],
    [
      'handovers in another order',
      'validators',
      () => ({ ...account, handovers: account.handovers.toReversed() }),
      /./,
    ],
    [
      'a handover that is no handover',
      'validators',
      () => ({ ...account, handovers: [Uint8Array.of(1)] }),
      /cannot be read/,
    ],
    [
      'a handover to other validators',
      'validators',
      () => {
        const handover = decodeHandover(account.handovers[0]!)
        return {
          ...account,
          handovers: [encodeHandover({ ...handover, validators: genesis.validators }), account.handovers[1]!],
        }
      },
      /names other validators/,
    ],
    ['a header that is none', 'header', () => ({ ...account, header: Uint8Array.of(0xc0) }), /cannot be read/],
    [
      'another state root',
      'certificate',
      () => ({ ...account, header: withHeader({ stateRoot: new Uint8Array(32) }) }),
      /certificate of another block/,
    ],
    ['another number', 'certificate', () => ({ ...account, header: withHeader({ number: 3n }) }), /./],
    ['the genesis block', 'certificate', () => ({ ...account, header: withHeader({ number: 0n }) }), /./],
    [
      'a certificate that is none',
      'certificate',
      () => ({ ...account, certificate: new Uint8Array(0) }),
      /cannot be read/,
    ],
    [
      'a certificate of another block',
      'certificate',
      async () => ({ ...account, certificate: (await blockParts(3n)).parts.certificate }),
      /certificate of another block/,
    ],
    [
      'a signature that does not verify',
      'certificate',
      () => ({ ...account, certificate: flipped(account.certificate) }),
      /does not verify/,
    ],
    [
      'too few signatures',
      'certificate',
      async () => {
        const { certificate } = (await source.chain.block({ number: BUSY }))!
        return {
          ...account,
          certificate: encodeCertificate({ ...certificate!, signatures: certificate!.signatures.slice(1) }),
        }
      },
      /more than two thirds/,
    ],
    [
      'another balance',
      'account',
      () => claiming({ balance: accountClaim().balance + 1n }),
      /claims balance 1, and the proof shows 0/,
    ],
    ['another nonce', 'account', () => claiming({ nonce: 2n }), /claims nonce 2/],
    ['another code', 'account', () => claiming({ codeHash: new Uint8Array(32) }), /claims codeHash/],
    ['another storage', 'account', () => claiming({ storageHash: new Uint8Array(32) }), /claims storageHash/],
    ['another address', 'account', () => claiming({ address: nobody }), /./],
    [
      'an altered node',
      'account',
      () => claiming({ proof: [flipped(accountClaim().proof[0]!), ...accountClaim().proof.slice(1)] }),
      /does not lead from the header's root/,
    ],
    ['a node too few', 'account', () => claiming({ proof: accountClaim().proof.slice(0, -1) }), /missing/],
    [
      'a node too many',
      'account',
      () => claiming({ proof: [...accountClaim().proof, Uint8Array.of(0x80)] }),
      /does not use/,
    ],
    [
      'the proof of a block before',
      'account',
      async () => {
        const old = await accountFile(accounts[1]!.address, [], BUSY - 1n)
        return { ...account, claim: old.claim }
      },
      /./,
    ],
    ['another value of a slot', 'storage', () => slot({ value: 43n }), /claims slot 0x0.*1 43, and the proof shows 42/],
    ['another slot', 'storage', () => slot({ key: word(3n) }), /./],
    [
      'an altered node of a slot',
      'storage',
      () => slot({ proof: accountClaim().storage[0]!.proof.map((node) => flipped(node)) }),
      /./,
    ],
    ['no proof of a slot', 'storage', () => slot({ proof: [] }), /no nodes/],
    [
      'another hash of the transaction',
      'transaction',
      () => receipting({ transactionHash: new Uint8Array(32) }),
      /it has the hash/,
    ],
    [
      'another transaction',
      'transaction',
      () => receipting({ transaction: flipped(receiptClaim().transaction) }),
      /another transaction at position 1/,
    ],
    ['another position', 'transaction', () => receipting({ index: 2 }), /./],
    ['a position that there is not', 'transaction', () => receipting({ index: 200 }), /./],
    [
      'the transaction of another position',
      'transaction',
      async () => {
        const other = (await receiptFile(2, null)).claim as ReceiptClaim
        return receipting({ transaction: other.transaction, transactionHash: other.transactionHash })
      },
      /another transaction at position 1/,
    ],
    [
      'another receipt',
      'receipt',
      () => receipting({ receipt: flipped(receiptClaim().receipt) }),
      /another receipt at position 1/,
    ],
    [
      'the receipt of another position',
      'receipt',
      async () => {
        const other = (await receiptFile(2, null)).claim as ReceiptClaim
        return receipting({ receipt: other.receipt, receiptProof: other.receiptProof })
      },
      /./,
    ],
    ['a proof of receipts that leads nowhere', 'receipt', () => receipting({ receiptProof: [] }), /no nodes/],
    ['a log that there is not', 'log', () => receipting({ log: 1 }), /has 1 logs, none at position 1/],
  ])('%s: %s', async (_what, step, change, reason) => {
    const verdict = verdictOf(await change())
    expect(verdict).toMatchObject({ ok: false, step })
    expect((verdict as { reason: string }).reason).toMatch(reason)
  })

  it('against a genesis whose code cannot run', () => {
    const bad = { ...genesis, alloc: [{ address: nobody, balance: 1n, code: Uint8Array.of(1) }] }
    const verdict = verifyProofFile(account, bad)
    expect(verdict).toMatchObject({ ok: false, step: 'genesis', reason: expect.stringContaining('.code') })
  })

  it('every byte of it matters', async () => {
    // Of a slot that is absent another one may be shown, truly, by the same nodes.
    const text = JSON.stringify(proofFileToJson(await accountFile(puppet, [word(1n)])))
    const digits = [...text.matchAll(/"0x([0-9a-f]+)"/g)]
    expect(digits.length).toBeGreaterThan(10)
    // One digit of each value, at a place that differs from value to value.
    for (const [count, { 0: quoted, 1: hex, index }] of digits.entries()) {
      const at = index + 3 + ((count * 31) % hex!.length)
      const other = text[at] === 'a' ? 'b' : 'a'
      const altered = text.slice(0, at) + other + text.slice(at + 1)
      const file = parseProofFile(JSON.parse(altered))
      expect(verifyProofFile(file, genesis), `${quoted.slice(0, 40)}, digit ${at - index - 3}`).toMatchObject({
        ok: false,
      })
    }
  })

  it('a file of another form', () => {
    const json = proofFileToJson(account) as Record<string, unknown>
    const claim = json['claim'] as Record<string, unknown>
    const wrong: [object | null, RegExp][] = [
      [null, /an object is expected/],
      [{ ...json, format: 'touchstone-proof/2' }, /format: "touchstone-proof\/1" is expected/],
      [{ ...json, note: 'checked by nobody' }, /unknown key "note"/],
      [{ ...json, header: 5 }, /header: hex is expected/],
      [{ ...json, handovers: Array(4_097).fill('0x') }, /handovers: 4097 entries, at most 4096/],
      [{ ...json, claim: { ...claim, kind: 'rumour' } }, /claim.kind/],
      [{ ...json, claim: { ...claim, address: '0x12' } }, /claim.address: 1 bytes, expected 20/],
      [{ ...json, claim: { ...claim, proof: Array(66).fill('0x') } }, /claim.proof: 66 entries, at most 65/],
      [{ ...json, claim: { ...claim, balance: '0x01' } }, /claim.balance/],
      [{ ...json, claim: { ...claim, balance: `0x${'1'.repeat(1_000_000)}` } }, /claim.balance: a quantity/],
    ]
    for (const [file, words] of wrong) expect(() => parseProofFile(file)).toThrow(words)
  })
})

/** docs/protocol/formats.md and consensus.md, once more from their text: nothing of ours but the file's fields. */
describe('an independent verifier agrees', () => {
  const hash = (bytes: Uint8Array) => getBytes(ethersKeccak(bytes))
  const list = (bytes: Uint8Array) => RLP.decode(bytes) as Uint8Array[]
  const secure = (root: Uint8Array) => ({ useKeyHashing: true, root })

  /** The precommits of the certificate, by OpenSSL over bytes put together here. */
  function expectSigned(file: ProofFile, height: bigint, signerKeys: readonly Uint8Array[]): void {
    const [, , round, blockHash, signatures] = RLP.decode(file.certificate) as [
      unknown,
      unknown,
      Uint8Array,
      Uint8Array,
      Uint8Array[][],
    ]
    expect(toHex(blockHash)).toBe(toHex(hash(file.header)))
    const message = Buffer.alloc(136)
    message.write('touchstone/consensus/', 'ascii')
    message.set([3, 2], 21)
    message.set(file.genesisHash, 23)
    message.writeBigUInt64BE(height, 55)
    message.writeUInt32BE(Number(BigInt(`0x0${Buffer.from(round).toString('hex')}`)), 63)
    message[71] = 1
    message.set(blockHash, 72)
    for (const [index, signature] of signatures as [Uint8Array, Uint8Array][]) {
      const spki = Buffer.from(concatBytes(fromHex('0x302a300506032b6570032100'), signerKeys[index[0] ?? 0]!))
      const key = createPublicKey({ key: spki, format: 'der', type: 'spki' })
      expect(verify(null, message, key, signature)).toBe(true)
    }
  }

  it('on accounts and slots', async () => {
    const header = list(account.header)
    expectSigned(
      account,
      BUSY,
      genesis.validators.map(({ publicKey }) => publicKey),
    )
    const { address, proof, nonce, balance, storageHash, codeHash, storage } = accountClaim()
    const proven = (await verifyMerkleProof(address, [...proof], secure(header[3]!)))!
    const quantity = (value: bigint) => RLP.encode(value)
    expect(toHex(proven)).toBe(toHex(RLP.encode([nonce, balance, storageHash, codeHash])))
    for (const { key, value, proof: nodes } of storage) {
      const stored = await verifyMerkleProof(key, [...nodes], secure(storageHash))
      expect(stored === null ? null : toHex(stored)).toBe(value === 0n ? null : toHex(quantity(value)))
    }
  })

  it('on receipts', async () => {
    const header = list(receipt.header)
    const { index, transaction: raw, receipt: bytes, transactionProof, receiptProof, transactionHash } = receiptClaim()
    const key = encodeRlp(Uint8Array.of(index))
    const at = (proof: readonly Uint8Array[], root: Uint8Array) => verifyMerkleProof(key, [...proof], { root })
    expect(toHex((await at(transactionProof, header[4]!))!)).toBe(toHex(raw))
    expect(toHex((await at(receiptProof, header[5]!))!)).toBe(toHex(bytes))
    expect(toHex(hash(raw))).toBe(toHex(transactionHash))
  })
})
