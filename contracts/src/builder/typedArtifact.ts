import type { Artifact } from './artifact.ts'

/**
 * The text of `<Name>.ts`, which a build writes beside `<Name>.json`: from an import of JSON TypeScript knows only that a
 * name is some string, and from this which functions there are, with what arguments and results.
 *
 * It is exported under another name than it is declared, because a class in AssemblyScript may have a name, such as
 * `eval`, that no constant of a module can.
 */
export function typedArtifact({ contractName, abi, bytecode }: Artifact): string {
  const json = JSON.stringify({ contractName, abi, bytecode }, null, 2)
  return `// Made by the build; its next run writes over what is changed here.
const artifact = ${json} as const

export { artifact as ${contractName} }
`
}
