/** Our side: the node's transition over a state in memory, with codes that are warm by the state. */
import { join } from 'node:path'
import { buildContract } from '@touchstone/contracts'
import { hexToBytes } from 'viem'
import { type SendOptions, TestChain, type TestContract } from '../../../contracts/test/testChain.ts'
import { keepWarm } from '../../../node/src/execution/warmCodes.ts'
import { CONTRACTS, type ContractName, type Stage } from './calls.ts'

const FOLDER = join(import.meta.dirname, '../../../contracts')

export class OurStage implements Stage {
  readonly contracts = new Map<ContractName, TestContract>()
  readonly #chain = new TestChain()

  async deploy(name: ContractName, args: readonly unknown[]): Promise<void> {
    const [artifact] = await buildContract(join(FOLDER, CONTRACTS[name]))
    const { state } = this.#chain
    const contract = this.#chain.deploy(artifact!, args)
    keepWarm(state, [{ key: state.codeHash(hexToBytes(contract.address)), weight: 1n }])
    this.contracts.set(name, contract)
  }

  async call(name: ContractName, method: string, args: readonly unknown[] = [], options: SendOptions = {}) {
    const sent = this.contracts.get(name)!.trySend(method, args, options)
    if (sent.kind !== 'success') throw new Error(`${name}.${method}: ${sent.kind}, ${sent.message ?? sent.output}`)
    return sent
  }

  async passTime(seconds: number): Promise<void> {
    this.#chain.timestamp += BigInt(seconds)
  }
}
