import { buildContract } from './src/index.ts'
import { account, TestChain } from './test/testChain.ts'

const [a] = await buildContract('contracts/examples/token')
const c = new TestChain()
const t = c.deploy(a!, ['Gold', 'GLD', 10n ** 24n])
console.log('wasm', a!.wasmSize, 'code', (a!.deployedBytecode.length - 2) / 2, 'deploy', t.gasUsed)
console.log('transfer to new', t.trySend('transfer', [account(1), 5n]).gasUsed)
console.log('transfer to existing', t.trySend('transfer', [account(1), 5n]).gasUsed)
console.log('approve', t.trySend('approve', [account(1), 500n]).gasUsed)
console.log('transferFrom', t.trySend('transferFrom', [account(0), account(1), 5n], { from: account(1) }).gasUsed)
console.log('balanceOf', t.trySend('balanceOf', [account(1)]).gasUsed)
console.log('name', t.trySend('name', []).gasUsed)
