/** For tests: a thread that runs one contract once, as a worker of a kind does. */
import { parentPort, workerData } from 'node:worker_threads'
import { keccak256 } from '../../crypto/keccak.ts'
import { compileContract } from '../../execution/contractHost.ts'
import { createProgramCache } from '../../execution/programCache.ts'
import type { HostTypesUser } from '../worker/hostTypes.ts'
import { useHostTypes } from '../worker/useHostTypes.ts'

export interface TypedWorkerStart {
  readonly user: HostTypesUser
  readonly module: Uint8Array
}

const { user, module } = workerData as TypedWorkerStart
useHostTypes(user)
const config = { chainId: 1n, schedule: 'touchstone/1', engine: 'compiled', programs: createProgramCache() } as const
const compiled = compileContract(module, keccak256(module), config)
if (!compiled.ok) throw compiled.error
const instance = compiled.contract.program.instantiate({ fuel: 10_000_000n })
parentPort!.postMessage(instance.invoke('user_entrypoint', [0]))
