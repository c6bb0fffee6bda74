/** What a user of hardhat writes: run.ts puts it into a project. */
import assert from 'node:assert/strict'
import { network } from 'hardhat'

const { viem, networkHelpers } = await network.create()
const STRANGER = '0x0000000000000000000000000000000000010001'
const { time } = networkHelpers
const client = await viem.getPublicClient()
const [owner, other] = await viem.getWalletClients()

// Contracts by the names of their artifacts.
const token = await viem.deployContract('Token', ['Gold', 'GLD', 1_000n])
assert.equal(await token.read.symbol(), 'GLD')
const hash = await token.write.transfer([other.account.address, 40n])
assert.equal((await client.waitForTransactionReceipt({ hash })).status, 'success')
const asOther = await viem.getContractAt('Token', token.address, { client: { wallet: other } })
await asOther.write.transfer([STRANGER, 15n])
assert.equal(await token.read.balanceOf([STRANGER]), 15n)
await assert.rejects(asOther.write.transfer([STRANGER, 26n]), /ERC20InsufficientBalance/)
const { contract, deploymentTransaction } = await viem.sendDeploymentTransaction('Token', ['Silver', 'SLV', 5n])
await client.waitForTransactionReceipt({ hash: deploymentTransaction.hash })
assert.equal(await contract.read.totalSupply(), 5n)

// Time and blocks.
const before = await time.latest()
assert.ok((await time.increase(1_000)) >= before + 1_000)
await time.increaseTo(before + 5_000)
assert.ok((await time.latest()) >= before + 5_000)
await time.setNextBlockTimestamp(before + 9_000)
await networkHelpers.mine()
assert.equal(await time.latest(), before + 9_000)
const height = await time.latestBlock()
await networkHelpers.mineUpTo(height + 4)
assert.equal(await time.latestBlock(), height + 4)

// State.
await networkHelpers.setBalance(STRANGER, 10n ** 18n)
assert.equal(await client.getBalance({ address: STRANGER }), 10n ** 18n)
await networkHelpers.setNonce(STRANGER, 7)
assert.equal(await client.getTransactionCount({ address: STRANGER }), 7)
await networkHelpers.setStorageAt(token.address, 2, 77)
assert.equal(await token.read.totalSupply(), 77n)
assert.equal(BigInt(await networkHelpers.getStorageAt(token.address, 2)), 77n)
await networkHelpers.impersonateAccount(STRANGER)
const impersonated = await viem.getWalletClient(STRANGER)
await impersonated.sendTransaction({ to: other.account.address, value: 1n })
await networkHelpers.stopImpersonatingAccount(STRANGER)
await networkHelpers.setCode(STRANGER, await client.getCode({ address: token.address }))
await networkHelpers.setNextBlockBaseFeePerGas(123)
await networkHelpers.mine()
assert.equal((await client.getBlock()).baseFeePerGas, 123n)
await networkHelpers.setCoinbase(STRANGER)
await networkHelpers.setBlockGasLimit(20_000_000)
await networkHelpers.mine()
assert.equal((await client.getBlock()).gasLimit, 20_000_000n)
await assert.rejects(networkHelpers.setPrevRandao(1), /names the validators of the next height/)

// Snapshots, and fixtures that rest on them.
const snapshot = await networkHelpers.takeSnapshot()
await token.write.transfer([STRANGER, 1n])
await snapshot.restore()
assert.equal(await token.read.balanceOf([STRANGER]), 15n)
let runs = 0
async function copper() {
  runs++
  return { copper: await viem.deployContract('Token', ['Copper', 'CPR', 9n]) }
}
const first = await networkHelpers.loadFixture(copper)
await first.copper.write.transfer([STRANGER, 9n])
const second = await networkHelpers.loadFixture(copper)
assert.equal(await second.copper.read.balanceOf([owner.account.address]), 9n)
assert.equal(runs, 1)

// viem's test client, for what the helpers have no word for.
const test = await viem.getTestClient()
await test.mine({ blocks: 2 })
console.log('hardhat: contracts, time, state, snapshots and fixtures work')
