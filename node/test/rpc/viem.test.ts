/** viem's clients against a live node: what they send is answered as they need it, and errors get their own classes. */
import {
  BaseError,
  ContractFunctionRevertedError,
  createPublicClient,
  createWalletClient,
  encodeFunctionData,
  type Hex,
  hexToBytes,
  http,
  type PublicClient,
  parseEther,
  parseGwei,
  type TransactionReceipt,
  webSocket,
} from 'viem'
import { privateKeyToAccount } from 'viem/accounts'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { LIVE_CHAIN as chain, type LiveNode, PRIVATE_KEYS, startLiveNode } from './liveNode.ts'
import { DENIED_AMOUNT, encodedValue, probeAbi, probeBytecode, REASON } from './probe.ts'

const [alice, bob, carol, pauper] = PRIVATE_KEYS.map((key) => privateKeyToAccount(key)) as [
  ReturnType<typeof privateKeyToAccount>,
  ReturnType<typeof privateKeyToAccount>,
  ReturnType<typeof privateKeyToAccount>,
  ReturnType<typeof privateKeyToAccount>,
]

let node: LiveNode
let client: PublicClient
let socketClient: PublicClient
let probe: Hex
let deployment: TransactionReceipt

const walletOf = (account: typeof alice) => createWalletClient({ account, chain, transport: http(node.http) })

beforeAll(async () => {
  node = await startLiveNode()
  client = createPublicClient({ chain, transport: http(node.http), pollingInterval: 20 }) as PublicClient
  socketClient = createPublicClient({ chain, transport: webSocket(node.ws, { reconnect: false }) }) as PublicClient
  const hash = await walletOf(alice).deployContract({ abi: probeAbi, bytecode: probeBytecode() })
  deployment = await client.waitForTransactionReceipt({ hash })
  probe = deployment.contractAddress as Hex
})
afterAll(async () => {
  const { close } = await socketClient.transport['getRpcClient']()
  close()
  await node.close()
  // Nothing in this file is a fault of the server.
  expect(node.logged.filter(({ level }) => level === 'error')).toEqual([])
})

/** The first error in the chain of causes that has this name. */
async function causeOf(promise: Promise<unknown>, name: string): Promise<BaseError & Record<string, unknown>> {
  const error = await promise.then(
    () => undefined,
    (thrown: unknown) => thrown,
  )
  expect(error).toBeInstanceOf(BaseError)
  const found = (error as BaseError).walk((cause) => (cause as Error).name === name)
  expect(found, `${name} in ${error}`).toBeTruthy()
  return found as BaseError & Record<string, unknown>
}

describe('transactions', () => {
  test('a transfer: hash, receipt, transaction, balances', async () => {
    const to = '0x00000000000000000000000000000000000000aa'
    const hash = await walletOf(alice).sendTransaction({ to, value: parseEther('1') })
    const receipt = await client.waitForTransactionReceipt({ hash })
    expect(receipt).toMatchObject({
      status: 'success',
      type: 'eip1559',
      gasUsed: 21_000n,
      to,
      contractAddress: null,
      logs: [],
    })
    expect(receipt.from).toBe(alice.address.toLowerCase())
    expect(await client.getBalance({ address: to })).toBe(parseEther('1'))
    expect(await client.getBalance({ address: to, blockNumber: receipt.blockNumber - 1n })).toBe(0n)
    const transaction = await client.getTransaction({ hash })
    expect(transaction).toMatchObject({
      hash,
      type: 'eip1559',
      chainId: 31_337,
      value: parseEther('1'),
      blockHash: receipt.blockHash,
    })
    expect(transaction.gasPrice).toBe(receipt.effectiveGasPrice)
    const { blockHash } = receipt
    expect(await client.getTransaction({ blockHash, index: 0 })).toMatchObject({ hash })
    expect(await client.getTransactionConfirmations({ hash })).toBe(1n)
  })

  test('of type 0 and 1', async () => {
    const wallet = walletOf(alice)
    for (const type of ['legacy', 'eip2930'] as const) {
      const accessList = type === 'eip2930' ? [{ address: probe, storageKeys: [encodedValue(0n)] }] : undefined
      const hash = await wallet.sendTransaction({
        to: probe,
        data: '0x',
        type,
        gas: 100_000n,
        ...(accessList && { accessList }),
      } as never)
      const receipt = await client.waitForTransactionReceipt({ hash })
      expect(receipt.type).toBe(type)
      const transaction = await client.getTransaction({ hash })
      expect(transaction.type).toBe(type)
      if (accessList !== undefined) expect(transaction.accessList).toEqual(accessList)
    }
  })

  test('sendTransactionSync gives the receipt at once (EIP-7966)', async () => {
    const receipt = await walletOf(bob).sendTransactionSync({ to: probe, value: 0n, data: '0x', gas: 50_000n })
    expect(receipt.blockNumber).toBe(await client.getBlockNumber())
    // The contract reverts without calldata; the receipt says why.
    expect(receipt).toMatchObject({
      status: 'reverted',
      failure: { message: expect.stringContaining('execution reverted') },
    })
  })

  test('eth_sendRawTransactionSync: a gap in the nonces is error 5, with the hash', async () => {
    const nonce = (await client.getTransactionCount({ address: carol.address })) + 3
    const serializedTransaction = await carol.signTransaction({
      chainId: 31_337,
      type: 'eip1559',
      nonce,
      gas: 21_000n,
      to: alice.address,
      maxFeePerGas: parseGwei('5'),
    })
    await expect(client.sendRawTransactionSync({ serializedTransaction })).rejects.toThrow('waits for earlier ones')
  })

  test('the pool shows in pending counts, getTransaction and filters', async () => {
    node.paused = true
    try {
      const filter = await client.createPendingTransactionFilter()
      const hash = await walletOf(bob).sendTransaction({ to: alice.address, value: 1n })
      const latest = await client.getTransactionCount({ address: bob.address })
      expect(await client.getTransactionCount({ address: bob.address, blockTag: 'pending' })).toBe(latest + 1)
      expect(await client.getTransaction({ hash })).toMatchObject({ hash, blockNumber: null, blockHash: null })
      await expect(client.getTransactionReceipt({ hash })).rejects.toThrow('could not be found')
      expect(await client.getFilterChanges({ filter })).toEqual([hash])
      const of = (address: Hex) => client.request({ method: 'txpool_contentFrom', params: [address] } as never)
      expect(await of(bob.address)).toMatchObject({ pending: { [latest]: { hash } }, queued: {} })
      expect(await of(alice.address)).toEqual({ pending: {}, queued: {} })
      await node.seal()
      expect(await client.getTransactionReceipt({ hash })).toMatchObject({ status: 'success' })
    } finally {
      node.paused = false
    }
  })
})

describe('contracts', () => {
  test('deployed: address, code, receipt', async () => {
    expect(deployment.status).toBe('success')
    expect(await client.getCode({ address: probe })).toMatch(/^0xeff000/)
    expect(deployment.to).toBeNull()
  })

  test('write, read, logs, storage', async () => {
    const hash = await walletOf(alice).writeContract({
      address: probe,
      abi: probeAbi,
      functionName: 'set',
      args: [42n],
    })
    const receipt = await client.waitForTransactionReceipt({ hash })
    expect(receipt.status).toBe('success')
    expect(await client.readContract({ address: probe, abi: probeAbi, functionName: 'value' })).toBe(42n)
    expect(await client.getStorageAt({ address: probe, slot: '0x0' })).toBe(encodedValue(42n))
    const { blockNumber } = receipt
    const events = await client.getContractEvents({
      address: probe,
      abi: probeAbi,
      fromBlock: blockNumber,
      toBlock: blockNumber,
    })
    expect(events).toMatchObject([{ eventName: 'Set', args: { value: 42n }, logIndex: 0, transactionHash: hash }])
    expect(receipt.logs).toMatchObject([{ address: probe, blockNumber, logIndex: 0, removed: false }])
    const none = await client.getContractEvents({
      address: probe,
      abi: probeAbi,
      eventName: 'Set',
      args: { value: 43n },
      fromBlock: 0n,
    })
    expect(none).toEqual([])
  })

  test('simulate and state overrides', async () => {
    const simulated = await client.simulateContract({
      account: alice,
      address: probe,
      abi: probeAbi,
      functionName: 'set',
      args: [1n],
    })
    expect(simulated.request.functionName).toBe('set')
    const overridden = await client.readContract({
      address: probe,
      abi: probeAbi,
      functionName: 'value',
      stateOverride: [{ address: probe, stateDiff: [{ slot: encodedValue(0n), value: encodedValue(99n) }] }],
    })
    expect(overridden).toBe(99n)
  })

  test('an estimate is enough also where no code is warm any more, and one less is not', async () => {
    const call = { address: probe, abi: probeAbi, functionName: 'set', args: [123n] } as const
    const gas = await client.estimateContractGas({ ...call, account: alice })
    const data = encodeFunctionData(call)
    // Any storage in place of the one that says which codes are warm.
    const storage = [{ slot: encodedValue(1n), value: encodedValue(1n) }]
    const nothingWarm = [{ address: `0x${'72'.padStart(40, '0')}`, state: storage } as const]
    const coldWith = (limit: bigint) =>
      client.call({ account: alice, to: probe, data, gas: limit, stateOverride: nothingWarm })
    await expect(coldWith(gas - 1n)).rejects.toThrow('out of gas')
    await coldWith(gas)
    const hash = await walletOf(alice).writeContract({ ...call, gas })
    const { status, gasUsed } = await client.waitForTransactionReceipt({ hash })
    expect(status).toBe('success')
    expect(gasUsed).toBeLessThan(gas)
  })

  test('proofs', async () => {
    const proof = await client.getProof({ address: probe, storageKeys: [encodedValue(0n)] })
    const value = await client.readContract({ address: probe, abi: probeAbi, functionName: 'value' })
    expect(proof.storageProof[0]).toMatchObject({ key: encodedValue(0n), value })
    expect(proof.accountProof.length).toBeGreaterThan(0)
  })
})

describe('errors have the classes viem has for them', () => {
  const read = (functionName: 'refuse' | 'deny' | 'trap' | 'spin') =>
    client.readContract({ address: probe, abi: probeAbi, functionName })

  test('a revert with a reason', async () => {
    const error = (await causeOf(
      read('refuse'),
      'ContractFunctionRevertedError',
    )) as unknown as ContractFunctionRevertedError
    expect(error).toBeInstanceOf(ContractFunctionRevertedError)
    expect(error.reason).toBe(REASON)
  })

  test('a custom error, decoded', async () => {
    const error = (await causeOf(
      read('deny'),
      'ContractFunctionRevertedError',
    )) as unknown as ContractFunctionRevertedError
    expect(error.data).toMatchObject({ errorName: 'Denied', args: [DENIED_AMOUNT] })
  })

  test('a trap says in which function, and running out of gas says so; neither is retried', async () => {
    const trap = (await causeOf(
      read('trap'),
      'ContractFunctionRevertedError',
    )) as unknown as ContractFunctionRevertedError
    expect(trap.reason).toContain('broken')
    const spin = client.readContract({ address: probe, abi: probeAbi, functionName: 'spin', gas: 200_000n } as never)
    const gas = (await causeOf(spin, 'ContractFunctionRevertedError')) as unknown as ContractFunctionRevertedError
    expect(gas.reason).toMatch(/out of gas/)
  })

  test('a reverting estimate, and a write that needs one', async () => {
    const call = { address: probe, abi: probeAbi, functionName: 'refuse', account: alice } as const
    await causeOf(client.estimateContractGas(call as never), 'ContractFunctionRevertedError')
    const error = await causeOf(walletOf(alice).writeContract(call as never), 'ContractFunctionRevertedError')
    expect(error['reason']).toBe(REASON)
  })

  test('a deployment of no WebAssembly', async () => {
    const deploy = walletOf(alice).deployContract({ abi: [], bytecode: '0x6080604052' })
    const error = await causeOf(deploy, 'ExecutionRevertedError')
    expect(error.message).toMatch(/WebAssembly/)
  })

  test('nonce too low', async () => {
    await causeOf(walletOf(alice).sendTransaction({ to: bob.address, nonce: 0, gas: 21_000n }), 'NonceTooLowError')
  })

  test('insufficient funds, in a send and in an estimate', async () => {
    const transfer = { to: bob.address, value: parseEther('1') }
    await causeOf(walletOf(pauper).sendTransaction({ ...transfer, gas: 21_000n }), 'InsufficientFundsError')
    await causeOf(walletOf(pauper).sendTransaction(transfer), 'InsufficientFundsError')
    await causeOf(client.estimateGas({ account: pauper.address, ...transfer }), 'InsufficientFundsError')
  })

  test('gas and fees', async () => {
    const to = bob.address
    const wallet = walletOf(alice)
    await causeOf(wallet.sendTransaction({ to, gas: 20_000n }), 'IntrinsicGasTooLowError')
    await causeOf(wallet.sendTransaction({ to, gas: 30_000_001n }), 'IntrinsicGasTooHighError')
    await causeOf(
      wallet.sendTransaction({ to, gas: 21_000n, maxFeePerGas: 1n, maxPriorityFeePerGas: 0n }),
      'FeeCapTooLowError',
    )
  })

  test('already known, and an underpriced replacement', async () => {
    node.paused = true
    try {
      const nonce = await client.getTransactionCount({ address: bob.address })
      const sign = (value: bigint) =>
        bob.signTransaction({
          chainId: 31_337,
          type: 'eip1559',
          nonce,
          value,
          gas: 21_000n,
          to: alice.address,
          maxFeePerGas: parseGwei('5'),
          maxPriorityFeePerGas: parseGwei('1'),
        })
      const send = async (value: bigint) => client.sendRawTransaction({ serializedTransaction: await sign(value) })
      await send(1n)
      await expect(send(1n)).rejects.toThrow('already known')
      await expect(send(2n)).rejects.toThrow('replacement transaction underpriced')
    } finally {
      await node.seal()
      node.paused = false
    }
  })

  test('another chain', async () => {
    const serializedTransaction = await alice.signTransaction({
      chainId: 1,
      type: 'eip1559',
      nonce: 0,
      gas: 21_000n,
      to: bob.address,
    })
    await expect(client.sendRawTransaction({ serializedTransaction })).rejects.toThrow('invalid chain id for signer')
  })

  test('a method that is not there', async () => {
    const request = client.request({ method: 'eth_mining' as never })
    const error = await causeOf(request, 'MethodNotFoundRpcError')
    expect(error.message).toContain('eth_mining')
  })
})

describe('blocks, fees and watching', () => {
  test('blocks by number, hash and tag, with hashes or transactions', async () => {
    const latest = await client.getBlock()
    expect(latest).toMatchObject({ uncles: [], nonce: '0x0000000000000000', difficulty: 0n, totalDifficulty: null })
    expect(latest.size).toBeGreaterThan(500n)
    expect(await client.getBlock({ blockHash: latest.hash })).toEqual(latest)
    expect(await client.getBlock({ blockNumber: latest.number })).toEqual(latest)
    expect(await client.getBlock({ blockTag: 'finalized' })).toEqual(latest)
    const full = await client.getBlock({ includeTransactions: true })
    expect(full.transactions.map(({ hash }) => hash)).toEqual(latest.transactions)
    expect(await client.getBlock({ blockTag: 'earliest' })).toMatchObject({ number: 0n, transactions: [] })
    expect(await client.getBlockTransactionCount({ blockHash: latest.hash })).toBe(latest.transactions.length)
    await expect(client.getBlock({ blockNumber: 10n ** 9n })).rejects.toThrow('could not be found')
  })

  test('fees: an estimate, the price, and a history that agrees with the receipts', async () => {
    const { maxFeePerGas, maxPriorityFeePerGas } = await client.estimateFeesPerGas()
    expect(maxFeePerGas).toBeGreaterThan(maxPriorityFeePerGas)
    expect(await client.getGasPrice()).toBeGreaterThan(0n)
    const history = await client.getFeeHistory({ blockCount: 4, rewardPercentiles: [0, 50, 100] })
    const head = await client.getBlock()
    expect(history.oldestBlock).toBe(head.number - 3n)
    expect(history.baseFeePerGas).toHaveLength(5)
    expect(history.baseFeePerGas[3]).toBe(head.baseFeePerGas)
    expect(history.gasUsedRatio[3]).toBeCloseTo(Number(head.gasUsed) / Number(head.gasLimit))
    const receipts = await client.request({ method: 'eth_getBlockReceipts' as never, params: ['latest'] as never })
    const tips = (receipts as { effectiveGasPrice: Hex }[]).map(
      ({ effectiveGasPrice }) => BigInt(effectiveGasPrice) - head.baseFeePerGas!,
    )
    expect(history.reward![3]![0]).toBe(tips.reduce((a, b) => (a < b ? a : b)))
    const next = await walletOf(alice).sendTransactionSync({ to: bob.address, value: 1n })
    expect((await client.getBlock({ blockNumber: next.blockNumber })).baseFeePerGas).toBe(history.baseFeePerGas[4])
  })

  /** Watches until the second block after now was seen. */
  async function watched(from: PublicClient, poll: boolean): Promise<bigint[]> {
    const seen: bigint[] = []
    const { promise, resolve } = Promise.withResolvers<void>()
    const stop = from.watchBlocks({
      ...(poll ? { poll: true, pollingInterval: 10, emitMissed: true } : {}),
      onBlock: (block: { number: bigint }) => {
        seen.push(block.number)
        if (seen.length === 3) resolve()
      },
      onError: (error: Error) => expect.unreachable(String(error)),
    } as never)
    const timer = setInterval(
      () =>
        void walletOf(carol)
          .sendTransaction({ to: bob.address, value: 1n })
          .catch(() => {}),
      30,
    )
    await promise
    clearInterval(timer)
    stop()
    return seen
  }

  test('watchBlocks over HTTP and over WebSocket', async () => {
    for (const [from, poll] of [
      [client, true],
      [socketClient, false],
    ] as const) {
      const [first, second, third] = await watched(from, poll)
      expect([second, third]).toEqual([first! + 1n, first! + 2n])
    }
  })

  test.each(['HTTP filters', 'WebSocket'])('watchContractEvent by %s', async (way) => {
    const { promise, resolve } = Promise.withResolvers<readonly unknown[]>()
    const from = way === 'WebSocket' ? socketClient : client
    const stop = from.watchContractEvent({
      address: probe,
      abi: probeAbi,
      eventName: 'Set',
      onLogs: resolve,
      pollingInterval: 10,
    } as never)
    const timer = setInterval(
      () =>
        void walletOf(alice)
          .writeContract({ address: probe, abi: probeAbi, functionName: 'set', args: [7n] })
          .catch(() => {}),
      50,
    )
    expect((await promise)[0]).toMatchObject({ eventName: 'Set', args: { value: 7n }, address: probe })
    clearInterval(timer)
    stop()
  })

  test('pending transactions come whole to who asks for that, as the pool shows them, and by hash else', async () => {
    const seenBy = async (...params: unknown[]) => {
      const seen: unknown[] = []
      const { unsubscribe } = await socketClient.transport['subscribe']({
        params: ['newPendingTransactions', ...params],
        onData: ({ result }: { readonly result: unknown }) => seen.push(result),
        onError: (error: Error) => expect.unreachable(String(error)),
      })
      return { seen, unsubscribe }
    }
    const [whole, hashes] = [await seenBy(true), await seenBy()]
    node.paused = true
    try {
      const hash = await walletOf(carol).sendTransaction({ to: bob.address, value: 3n })
      const sent = await client.request({ method: 'eth_getTransactionByHash', params: [hash] })
      expect(sent).toMatchObject({ hash, to: bob.address.toLowerCase(), value: '0x3', blockHash: null })
      await vi.waitFor(() => expect(whole.seen).toContainEqual(sent))
      await vi.waitFor(() => expect(hashes.seen).toContain(hash))
      await node.seal()
    } finally {
      node.paused = false
      await Promise.all([whole.unsubscribe(), hashes.unsubscribe()])
    }
  })

  test('reads go over WebSocket too', async () => {
    expect(await socketClient.getChainId()).toBe(31_337)
    expect(hexToBytes((await socketClient.getBlock()).hash!)).toHaveLength(32)
  })
})
