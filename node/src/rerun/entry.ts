/**
 * `@touchstone/node/rerun`: one transaction executed again, instruction by instruction, for debuggers. Like the replay it
 * reaches no Node API, no native package and no network.
 */
export type {
  HostCall,
  SteppedCode,
  SteppedFrame,
  SteppedFunction,
  SteppedValue,
} from '../execution/contractHost.ts'
export type { ExecutedHeader } from '../execution/executeBlock.ts'
export { decodeTransaction } from '../types/transactionCodec.ts'
export type { PrestateAccount } from './prestate.ts'
export { Rerun, RerunError, type RerunFrame, type RerunListener, type RerunResult, type RerunTask } from './rerun.ts'
