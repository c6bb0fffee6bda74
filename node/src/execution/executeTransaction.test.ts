/** Transactions on a state: fees, refunds, nonces, receipts, and blocks of them. */
import { describe, expect, it } from 'vitest'
import { bytesToBigint } from '../codec/bytes.ts'
import { addressOfPrivateKey } from '../crypto/secp256k1.ts'
import { bloomMayContain, logsBloom } from '../types/bloom.ts'
import type { SenderTransaction, Transaction } from '../types/transaction.ts'
import { recoverSender, signTransaction, type UnsignedTransaction } from '../types/transactionCodec.ts'
import { createAddress } from './contractAddress.ts'
import { estimateGas } from './estimateGas.ts'
import { executeBlock } from './executeBlock.ts'
import { executeTransaction } from './executeTransaction.ts'
import { floorGas } from './fees.ts'
import { encodeInitCode } from './initCode.ts'
import { address, command, MINER, newWorld, PUPPET_CODE, type World, word } from './testing/puppet.ts'

const KEY = new Uint8Array(32).fill(7)
const SENDER = addressOfPrivateKey(KEY)
const FUNDS = 10n ** 18n
const A = address(0xaaaan)
const B = address(0xbbbbn)
const NOBODY = address(0x99999999n)

type Change = Partial<Extract<Transaction, { type: 2 }>>

const sign = (change: Change = {}): SenderTransaction => {
  const unsigned: UnsignedTransaction = {
    type: 2,
    chainId: 31_337n,
    nonce: 0n,
    gasLimit: 1_000_000n,
    to: A,
    value: 0n,
    data: new Uint8Array(0),
    accessList: [],
    maxFeePerGas: 15n,
    maxPriorityFeePerGas: 3n,
    ...change,
  }
  const envelope = signTransaction(unsigned, KEY)
  return { ...envelope, sender: recoverSender(envelope.transaction) }
}

const funded = (): World => {
  const world = newWorld()
  world.state.setBalance(SENDER, FUNDS)
  world.place(A)
  world.place(B)
  return world
}

const execute = (world: World, tx: SenderTransaction, left = 30_000_000n) =>
  executeTransaction(world.state, tx, world.block, left, world.config)

const receiptOf = (world: World, tx: SenderTransaction) => {
  const outcome = execute(world, tx)
  if (!outcome.ok) throw new Error(outcome.error.message)
  return outcome.receipt
}

describe('a transfer', () => {
  it('moves value, pays the tip to the miner, and burns the base fee', () => {
    const world = funded()
    const record = receiptOf(world, sign({ to: NOBODY, value: 1_000n }))
    expect(record).toMatchObject({ gasUsed: 21_000n, effectiveGasPrice: 13n, contractAddress: null, failure: null })
    expect(record.receipt).toMatchObject({ type: 2, status: 1, cumulativeGasUsed: 21_000n, logs: [] })
    const { state } = world
    expect(state.balance(SENDER)).toBe(FUNDS - 1_000n - 21_000n * 13n)
    expect(state.balance(NOBODY)).toBe(1_000n)
    expect(state.balance(MINER)).toBe(21_000n * 3n)
    expect(state.nonce(SENDER)).toBe(1n)
  })
  it('pays no more tip than the cap leaves', () => {
    const world = funded()
    expect(receiptOf(world, sign({ to: NOBODY, maxFeePerGas: 11n })).effectiveGasPrice).toBe(11n)
    expect(world.state.balance(MINER)).toBe(21_000n)
  })
  it('without a tip leaves no trace of the miner', () => {
    const world = funded()
    receiptOf(world, sign({ to: NOBODY, value: 1n, maxPriorityFeePerGas: 0n }))
    expect(world.state.exists(MINER)).toBe(false)
  })
  it('of nothing to nobody creates no account', () => {
    const world = funded()
    receiptOf(world, sign({ to: NOBODY }))
    expect(world.state.exists(NOBODY)).toBe(false)
  })
})

describe('what cannot be included', () => {
  it('changes nothing and says why', () => {
    const world = funded()
    const outcome = execute(world, sign({ nonce: 3n }))
    expect(outcome).toEqual({
      ok: false,
      error: { code: 'nonce-too-high', message: 'nonce too high: next nonce 0, tx nonce 3' },
    })
    expect(world.state.balance(SENDER)).toBe(FUNDS)
    expect(world.state.nonce(SENDER)).toBe(0n)
  })
  it('is a transaction from a contract', () => {
    const world = funded()
    world.place(SENDER)
    world.state.setNonce(SENDER, 0n)
    expect(execute(world, sign())).toMatchObject({ ok: false, error: { code: 'sender-has-code' } })
  })
  it('is one that does not fit what is left of the block', () => {
    const world = funded()
    expect(execute(world, sign(), 999_999n)).toMatchObject({ ok: false, error: { code: 'block-gas-exhausted' } })
    expect(execute(world, sign(), 1_000_000n).ok).toBe(true)
  })
})

describe('much calldata', () => {
  // Of a message that runs nothing, and of a contract that clears a slot.
  const junk = new Uint8Array(100_000)

  it('is paid by the floor where little is executed', () => {
    const world = funded()
    const floor = 21_000n + 10n * 100_000n
    expect(execute(world, sign({ to: NOBODY, data: junk, gasLimit: floor - 1n }))).toMatchObject({
      ok: false,
      error: { code: 'intrinsic-gas-too-low', message: `intrinsic gas too low: have ${floor - 1n}, want ${floor}` },
    })
    const record = receiptOf(world, sign({ to: NOBODY, data: junk, gasLimit: floor + 500_000n }))
    expect(record).toMatchObject({ gasUsed: floor, receipt: { status: 1, cumulativeGasUsed: floor } })
    expect(world.state.balance(SENDER)).toBe(FUNDS - floor * 13n)
    expect(estimateGas(world.state, { from: SENDER, to: NOBODY, data: junk }, world.block, world.config, [])).toEqual({
      kind: 'success',
      gas: floor,
    })
  })

  it('is paid as before where more is executed, and refunds do not get below the floor', () => {
    const world = funded()
    const stored = command.sequence(...Array.from({ length: 20 }, (_, i) => command.store(BigInt(i), 1n)))
    const plain = receiptOf(world, sign({ data: stored }))
    expect(plain.gasUsed).toBeGreaterThan(floorGas({ data: stored }))
    expect(plain.gasUsed).toBeGreaterThan(20n * 20_000n)
    // Clearing costs 5 000 a slot and gives back 4 800, at most a fifth of all.
    const steps = Array.from({ length: 20 }, (_, i) => command.store(BigInt(i), 0n))
    const cleared = command.sequence(...steps)
    const refunded = receiptOf(world, sign({ nonce: 1n, data: cleared }))
    const used = refunded.gasUsed
    // Zeros for nobody, each 4 gas and 10 of the floor: as many as make the floor a little more than what is used after
    // refunds.
    const zeros = Number((used - floorGas({ data: cleared })) / 6n) + 2_000
    receiptOf(world, sign({ nonce: 2n, data: stored }))
    const padded = command.sequence(...steps, command.call('call', NOBODY, new Uint8Array(zeros)))
    const floor = floorGas({ data: padded })
    // A fifth of all is given back at most: without the refund it is more than the floor.
    expect(used + 4n * BigInt(zeros) < floor && floor < (used * 5n) / 4n + 4n * BigInt(zeros)).toBe(true)
    expect(receiptOf(world, sign({ nonce: 3n, data: padded })).gasUsed).toBe(floor)
  })
})

describe('a failed transaction', () => {
  it('that reverts pays for what it used, raises the nonce, and undoes the rest', () => {
    const world = funded()
    const record = receiptOf(world, sign({ value: 5n, data: command.storeAndRevert(1n, 1n) }))
    expect(record.receipt.status).toBe(0)
    expect(record.failure).toEqual({
      message:
        'execution reverted: no reason given; 5 wei came with it, which a function that is not payable refuses like this',
      revertData: new Uint8Array(0),
    })
    const { state } = world
    expect(state.nonce(SENDER)).toBe(1n)
    expect(state.balance(A)).toBe(0n)
    expect(state.balance(SENDER)).toBe(FUNDS - record.gasUsed * 13n)
    expect(bytesToBigint(state.storage(A, word(1n)))).toBe(0n)
  })
  it('that traps pays for all its gas and tells where', () => {
    const world = funded()
    const record = receiptOf(world, sign({ data: command.trap() }))
    expect(record.gasUsed).toBe(1_000_000n)
    expect(record.failure?.message).toMatch(/unreachable.*trap_here/)
    expect(record.failure?.revertData).toBeNull()
    expect(world.state.balance(SENDER)).toBe(FUNDS - 13_000_000n)
  })
  it('keeps no logs', () => {
    const world = funded()
    const data = command.sequence(command.log([1n], new Uint8Array(0)), command.revert(new Uint8Array(0)))
    expect(receiptOf(world, sign({ data })).receipt.logs).toEqual([])
  })
  it('tells of the inner call that failed when the contract itself does not', () => {
    const world = funded()
    const data = command.sequence(command.call('call', B, command.trap(), { gas: 50_000n }), command.trap())
    expect(receiptOf(world, sign({ data })).failure?.message).toMatch(
      /before that, the call to 0x0+bbbb failed: unreachable/,
    )
  })
})

describe('a transaction to a precompile with bad input', () => {
  const pointWithoutY = new Uint8Array(32)
  pointWithoutY[31] = 1
  const pairWithoutY = new Uint8Array(192)
  pairWithoutY[31] = 1
  it.each([
    [6n, 'bn254 add', pointWithoutY],
    [7n, 'bn254 mul', pointWithoutY],
    [8n, 'bn254 pairing', pairWithoutY],
    [8n, 'bn254 pairing', pointWithoutY],
    [9n, 'blake2f', pointWithoutY],
  ])('to address %d (%s) fails and burns its gas', (to, name, data) => {
    const world = funded()
    const record = receiptOf(world, sign({ to: address(to), data, gasLimit: 10_000_000n, value: 5n }))
    expect(record.receipt.status).toBe(0)
    expect(record.gasUsed).toBe(10_000_000n)
    expect(record.failure).toEqual({ message: `precompile ${name} refused its input`, revertData: null })
    expect(world.state.balance(address(to))).toBe(0n)
    expect(world.state.nonce(SENDER)).toBe(1n)
  })
  it('does not end a contract that sends it by an inner call', () => {
    const world = funded()
    const data = command.call('call', address(6n), pointWithoutY, { gas: 500_000n })
    expect(receiptOf(world, sign({ data })).receipt.status).toBe(1)
  })
})

describe('refunds', () => {
  it('give back a fifth at most (EIP-3529)', () => {
    const world = funded()
    world.state.setStorage(A, word(1n), word(9n))
    world.state.endTransaction()
    const kept = receiptOf(world, sign({ data: command.store(1n, 8n) })).gasUsed
    const cleared = receiptOf(world, sign({ nonce: 1n, data: command.store(1n, 0n) })).gasUsed
    // One calldata byte less is non-zero, and 4800 gas come back.
    expect(kept - cleared).toBe(4_800n + 12n)

    for (let i = 1n; i <= 20n; i++) world.state.setStorage(A, word(i), word(1n))
    world.state.endTransaction()
    const clears = Array.from({ length: 20 }, (_, i) => command.store(BigInt(i) + 1n, 0n))
    const again = Array.from({ length: 20 }, (_, i) => command.store(BigInt(i) + 1n, 0n))
    const many = receiptOf(world, sign({ nonce: 2n, data: command.sequence(...clears) })).gasUsed
    const none = receiptOf(world, sign({ nonce: 3n, data: command.sequence(...again) })).gasUsed
    // Uncapped, 20 x 4800 would come back.
    const charged = none + 20n * 2_800n
    expect(many).toBe(charged - charged / 5n)
  })
  it('do not outlive a revert', () => {
    const world = funded()
    world.state.setStorage(A, word(1n), word(9n))
    world.state.endTransaction()
    const data = command.sequence(command.store(1n, 0n), command.revert(new Uint8Array(0)))
    const reverted = receiptOf(world, sign({ data })).gasUsed
    const other = command.sequence(command.store(1n, 9n), command.revert(new Uint8Array(0)))
    // A store that changes nothing costs 2800 less, and has no refund either.
    const unchanged = receiptOf(world, sign({ nonce: 1n, data: other })).gasUsed
    expect(reverted - unchanged).toBe(2_800n - 12n)
  })
})

describe('warmth', () => {
  it('comes from the access list', () => {
    const world = funded()
    const data = command.load(5n)
    const cold = receiptOf(world, sign({ data })).gasUsed
    const accessList = [{ address: A, storageKeys: [word(5n)] }]
    const warm = receiptOf(world, sign({ nonce: 1n, data, accessList })).gasUsed
    expect(cold - warm).toBe(2_000n - 2_400n - 1_900n)
  })
  it('does not last into the next transaction', () => {
    const world = funded()
    const first = receiptOf(world, sign({ data: command.load(5n) })).gasUsed
    expect(receiptOf(world, sign({ nonce: 1n, data: command.load(5n) })).gasUsed).toBe(first)
  })
})

describe('a creation', () => {
  it('puts the contract where CREATE says, with value, and runs its constructor', () => {
    const world = funded()
    const tx = sign({ to: null, value: 6n, data: encodeInitCode(PUPPET_CODE, word(77n)), gasLimit: 5_000_000n })
    const record = receiptOf(world, tx)
    const at = createAddress(SENDER, 0n)
    expect(record).toMatchObject({ contractAddress: at, failure: null })
    expect(world.state.code(at)).toEqual(PUPPET_CODE)
    expect(world.state.nonce(at)).toBe(1n)
    expect(world.state.balance(at)).toBe(6n)
    expect(bytesToBigint(world.state.storage(at, word(0n)))).toBe(77n)
    expect(bytesToBigint(world.state.storage(at, word(1n)))).toBe(6n)
  })
  it('that fails names the address it would have had', () => {
    const world = funded()
    const record = receiptOf(world, sign({ to: null, data: Uint8Array.of(0x60, 0x80) }))
    expect(record.receipt.status).toBe(0)
    expect(record.contractAddress).toEqual(createAddress(SENDER, 0n))
    expect(record.failure?.message).toMatch(/EVM bytecode\?/)
    expect(record.gasUsed).toBe(1_000_000n)
    expect(world.state.exists(createAddress(SENDER, 0n))).toBe(false)
  })
})

describe('executeBlock', () => {
  const header = {
    number: 1n,
    timestamp: 1_000n,
    miner: MINER,
    gasLimit: 30_000_000n,
    baseFeePerGas: 10n,
    mixHash: new Uint8Array(32),
  }
  it('runs transactions in order and adds their gas and blooms up', () => {
    const world = funded()
    const transactions = [
      sign({ data: command.log([5n], new Uint8Array(0)) }),
      sign({ nonce: 1n, to: NOBODY, value: 1n }),
      sign({ nonce: 2n, data: command.trap() }),
    ]
    const outcome = executeBlock(world.state, header, transactions, world.config)
    if ('invalid' in outcome) throw new Error(outcome.invalid)
    const gas = outcome.receipts.map((record) => record.gasUsed)
    expect(outcome.receipts.map((record) => record.receipt.status)).toEqual([1, 1, 0])
    expect(outcome.receipts.map((record) => record.receipt.cumulativeGasUsed)).toEqual([
      gas[0],
      gas[0]! + gas[1]!,
      gas[0]! + gas[1]! + gas[2]!,
    ])
    expect(outcome.gasUsed).toBe(gas[0]! + gas[1]! + gas[2]!)
    expect(bloomMayContain(outcome.logsBloom, word(5n))).toBe(true)
    expect(outcome.logsBloom).toEqual(logsBloom(outcome.receipts[0]!.receipt.logs))
  })
  it('gives the same root, receipts and gas every time and on a cold cache', () => {
    const run = () => {
      const world = funded()
      const transactions = [
        sign({ to: null, data: encodeInitCode(PUPPET_CODE, word(1n)), gasLimit: 5_000_000n }),
        sign({ nonce: 1n, data: command.store(1n, 2n) }),
        sign({ nonce: 2n, data: command.loop(), gasLimit: 100_000n }),
      ]
      const outcome = executeBlock(world.state, header, transactions, world.config)
      return { outcome, root: world.state.root() }
    }
    expect(run()).toEqual(run())
  })
  it('refuses a block with a transaction that cannot be in it', () => {
    const world = funded()
    const outcome = executeBlock(world.state, header, [sign(), sign()], world.config)
    expect(outcome).toEqual({
      invalid: 'transaction 1 cannot be included: nonce too low: next nonce 1, tx nonce 0',
    })
  })
  it('refuses a block whose transactions exceed its gas limit', () => {
    const world = funded()
    const transactions = [sign({ data: command.trap() }), sign({ nonce: 1n })]
    const outcome = executeBlock(world.state, { ...header, gasLimit: 1_999_999n }, transactions, world.config)
    expect('invalid' in outcome && outcome.invalid).toMatch(/transaction 1 .*gas limit reached/)
  })
})
