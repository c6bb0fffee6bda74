/** Every mutant of `npm run mutate:consensus`, in the order of docs/mutants.md. */
import type { Mutant } from '../mutant.ts'
import { countingMutants } from './counting.ts'
import { memoryMutants } from './memory.ts'
import { proofMutants } from './proofs.ts'
import { proposalMutants } from './proposals.ts'
import { repetitionMutants } from './repetition.ts'
import { tendermintMutants } from './tendermint.ts'

export const MUTANTS: readonly Mutant[] = [
  ...tendermintMutants,
  ...countingMutants,
  ...proofMutants,
  ...proposalMutants,
  ...memoryMutants,
  ...repetitionMutants,
]
