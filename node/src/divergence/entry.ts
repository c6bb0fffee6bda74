/** `@touchstone/node/divergence`: the record of a divergence and its words, without anything that executes. */
export type { EventDifference, Finding, StateField } from './finding.ts'
export { DIVERGENCE_FILE, type DivergenceRecord, divergenceRecord } from './record.ts'
export { divergenceTitle, explanationLines, findingLines } from './words.ts'
