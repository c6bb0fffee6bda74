/** Contract authoring: the build tool. The SDK itself is AssemblyScript, under `as/`, imported by contracts. */

/** The chain's verdict on a module, before it is deployed. */
export {
  type ExternalType,
  type FunctionType,
  inspectModule,
  inspectRewritten,
  MAX_INSPECTED_BYTES,
  type ModuleReport,
  type RewrittenFunction,
  type RewrittenReport,
  ValidationError,
} from '@touchstone/vm'
export type { AbiItem, AbiParameter } from './builder/abiJson.ts'
export type { Artifact } from './builder/artifact.ts'
export { type BuildOptions, buildContract, type CompileReason, compileFolder } from './builder/buildContract.ts'
export { changedSources } from './builder/changedSources.ts'
export type { BuiltModule } from './builder/compileProgram.ts'
export { codeOf, initCodeOf } from './builder/initCode.ts'
export type { LayoutEntry, LayoutType, StorageLayout } from './builder/layoutJson.ts'
export { BuildError, type Problem, problemJson, SourceError } from './builder/problem.ts'
export { type Paint, problemLines } from './builder/problemText.ts'
export { readSourceText } from './builder/sourceFolder.ts'
export { CoverageData, type ModuleCoverage, type ProfiledModule } from './coverageData.ts'
export {
  type Branch,
  type CoverageReport,
  type CoveredModule,
  coverageReport,
  type FileCoverage,
  type FunctionCoverage,
  lcovText,
} from './coverageReport.ts'
export type { StoppedMachine } from './dwarf/debugLocations.ts'
export type { SourceVariable } from './dwarf/debugValues.ts'
export { DwarfLines, type DwarfSources } from './dwarf/dwarfLines.ts'
export { MAX_DEBUG_MODULE_BYTES } from './dwarf/limits.ts'
export type { LineTable } from './lineTable.ts'
export type { NamedLocal } from './localNames.ts'
export { predeployArtifact } from './predeploys.ts'
export { MAX_SOURCE_MAP_BYTES, SourceMap, type SourcePlace } from './sourceMap.ts'
