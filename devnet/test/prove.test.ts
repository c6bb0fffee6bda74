/** `devnet prove` asks a real JSON-RPC server over a chain with real certificates; `devnet verify` asks nobody. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { accounts, transaction } from '../../node/src/chain/testing/fixtures.ts'
import { fromHex, toHex } from '../../node/src/codec/hex.ts'
import { createAddress } from '../../node/src/execution/contractAddress.ts'
import { encodeInitCode } from '../../node/src/execution/initCode.ts'
import { command, PUPPET_CODE } from '../../node/src/execution/testing/puppet.ts'
import { type RpcServer, startRpcServer } from '../../node/src/rpc/server/server.ts'
import { installCrypto } from '../../node/src/runtime/installCrypto.ts'
import { type CertifiedChain, certifiedChain, certifiedGenesis } from '../../node/src/sync/testing/certifiedChain.ts'
import { genesisToJson } from '../../node/src/types/genesisCodec.ts'
import { CHECKED_METHODS } from '../../node/test/rpc/checkedMethods.ts'
import { createFakeNode } from '../../node/test/rpc/fakeNode.ts'
import { runInProcess } from '../src/testing/runInProcess.ts'

const folder = mkdtempSync(join(tmpdir(), 'touchstone-prove-'))
const out = join(folder, 'proof.json')
const genesisFile = join(folder, 'genesis.json')
const puppet = toHex(createAddress(accounts[0]!.address, 0n))
let source: CertifiedChain
let server: RpcServer
let hash: string

beforeAll(async () => {
  await installCrypto()
  source = await certifiedChain()
  const { chain } = source
  const call = (nonce: number, data: Uint8Array) =>
    transaction(0, nonce, { to: fromHex(puppet), value: 0n, data, gasLimit: 1_000_000n })
  const deploy = { to: null, value: 0n, data: encodeInitCode(PUPPET_CODE, null), gasLimit: 10_000_000n }
  await source.grow(1, () => [transaction(0, 0, deploy)])
  const both = command.sequence(command.store(1n, 42n), command.log([5n], Uint8Array.of(9)))
  await source.grow(1, () => [transaction(1, 0), call(1, both)])
  hash = toHex((await chain.block('latest'))!.block.transactions[1]!.hash)
  writeFileSync(genesisFile, JSON.stringify(genesisToJson(certifiedGenesis)))
  const { backend } = createFakeNode()
  server = await startRpcServer({ backend: { ...backend, chain }, port: 0, methods: CHECKED_METHODS })
})

afterAll(async () => {
  await server.close()
  await source.chain.close()
  rmSync(folder, { recursive: true, force: true })
})

const prove = (...args: string[]) =>
  runInProcess('prove', ...args, '--rpc', `http://127.0.0.1:${server.port}`, '--out', out, '--data', folder)
const verify = (...args: string[]) => runInProcess('verify', out, '--genesis', genesisFile, ...args)

it('an account with a slot, at any block', async () => {
  expect(await prove(puppet, '1', '0x2')).toMatchObject({
    code: 0,
    out: expect.stringMatching(/check it with: npx devnet verify \S+ --genesis FILE\n/),
  })
  const { code, out: said } = await verify()
  expect(code).toBe(0)
  expect(said).toMatch(/^block 2 0x[0-9a-f]{64} is final: signed by 1 validator in round 0\naccount 0x/)
  expect(said).toMatch(/slot 0x0{63}1 = 0x0{62}2a\n {2}slot 0x0{63}2 = 0x0{64}\n/)
  await prove(puppet, '1', '--block', '1')
  expect(JSON.parse((await verify('--json')).out)).toMatchObject({
    file: out,
    block: { number: '1', signers: 1, handovers: 0 },
    proven: { kind: 'account', exists: true, storage: [{ value: `0x${'0'.repeat(64)}` }] },
  })
})

it('a receipt, and one log of it', async () => {
  await prove('--receipt', hash)
  expect((await verify()).out).toMatch(new RegExp(`transaction ${hash} at position 1: success[^]*log 0 of`))
  await prove('--receipt', hash, '--log', '0')
  expect(JSON.parse((await verify('--json')).out)).toMatchObject({
    proven: { kind: 'receipt', index: 1, status: 'success', log: { index: 0, data: '0x09' }, logs: null },
  })
})

it('says at which step a file that was altered fails, with exit code 1', async () => {
  await prove(puppet, '1')
  const file = JSON.parse(readFileSync(out, 'utf8'))
  file.claim.storage[0].value = '0x2b'
  writeFileSync(out, JSON.stringify(file))
  const { code, out: document } = await verify('--json')
  expect(code).toBe(1)
  expect(JSON.parse(document).error).toMatchObject({
    kind: 'failed',
    message: expect.stringMatching(
      /^the file proves nothing: the storage is not as it says: .*43, and the proof shows 42$/,
    ),
    details: { step: 'storage' },
  })
  writeFileSync(out, '{"format": "rumour"}')
  expect(await verify()).toMatchObject({ code: 1, err: expect.stringMatching(/is no proof file: .*format/) })
  writeFileSync(out, '{')
  expect(await verify()).toMatchObject({ code: 1, err: expect.stringContaining('is not valid JSON') })
  expect(await runInProcess('verify', join(folder, 'none'), '--genesis', genesisFile)).toMatchObject({ code: 1 })
  const other = { ...genesisToJson(certifiedGenesis), timestamp: '0x1' }
  writeFileSync(genesisFile, JSON.stringify(other))
  await prove(puppet)
  expect(await verify()).toMatchObject({
    code: 1,
    err: expect.stringContaining('it is not of the chain of this genesis'),
  })
  writeFileSync(genesisFile, JSON.stringify(genesisToJson(certifiedGenesis)))
})

it.each([
  [[], /there is nothing to prove/],
  [['@0', '--receipt', `0x${'11'.repeat(32)}`], /are two proofs/],
  [['@0', '--log', '1'], /name it with --receipt/],
  [['@0', '--block', '0'], /the genesis, which needs no proof/],
  [['@0', 'first'], /is no storage slot/],
  [['--receipt', 'x'], /hash of a transaction/],
] as const)('%j is used wrongly', async (args, words) => {
  expect(await prove(...args)).toMatchObject({ code: 2, err: expect.stringMatching(words) })
})

it('says what the node does not have', async () => {
  expect(await prove('--receipt', `0x${'11'.repeat(32)}`)).toMatchObject({
    code: 1,
    err: expect.stringContaining('no final transaction'),
  })
  expect(await prove('--receipt', hash, '--log', '7')).toMatchObject({
    code: 1,
    err: expect.stringContaining('from 0 to 0'),
  })
  expect((await prove(puppet, '--block', '99')).code).toBe(1)
  const nowhere = await runInProcess('prove', puppet, '--out', folder)
  expect(nowhere).toMatchObject({ code: 1, err: expect.stringContaining('cannot write') })
})
