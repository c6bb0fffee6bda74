/**
 * Properties and invariants of contracts, tried with random input of fast-check, which a project has beside this package:
 * `npm install --save-dev fast-check`. What fails is shrunk to a short case and can be repeated from its seed.
 */
export { arbitraryOf, argumentsOf } from './arbitraries.ts'
export type { Target } from './callWords.ts'
export { type CallCounts, checkInvariants, type InvariantOptions, type InvariantReport } from './invariants.ts'
export { type Arbitraries, checkProperty, type PropertyOptions } from './property.ts'
export { Falsified } from './search.ts'
