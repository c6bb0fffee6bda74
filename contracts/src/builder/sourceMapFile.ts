/** The source map that a build writes beside a module. */
import type { CallGraph } from './callGraph.ts'
import { type CompiledModule, START_FUNCTION, START_IMPORT } from './compileWasm.ts'
import { localsTable } from './localsTable.ts'
import type { SourceFile } from './sources.ts'

/**
 * From the compiler's map one with the author's texts, and those of parts: it got rewritten ones, in which every line is
 * where it was. The other texts of libraries, which are most of it, are left out.
 *
 * @param graphs calls before anything was inlined
 */
export function ownSourceMap(
  { named, sourceMap, marks, plain, compilation }: CompiledModule,
  contract: string,
  files: readonly Pick<SourceFile, 'path' | 'text'>[],
  graphs: readonly CallGraph[],
): string {
  const { sources, mappings } = JSON.parse(sourceMap) as {
    readonly sources: readonly string[]
    readonly mappings: string
  }
  const texts = new Map(files.map((file) => [file.path, file.text]))
  return JSON.stringify({
    version: 3,
    file: `${contract}.wasm`,
    sources,
    sourcesContent: sources.map((path) => texts.get(path) ?? null),
    names: [],
    mappings,
    x_touchstone_locals: localsTable({
      ...{ optimised: { wasm: named, marks }, plain, compilation },
      ...{ graph: withStart(graphs), sources, texts },
    }),
  })
}

/** The import of the entry becomes the start function only after that. */
function withStart(graphs: readonly CallGraph[]): Pick<CallGraph, 'sites'> {
  const sites = new Map<string, readonly string[]>()
  for (const graph of graphs) {
    for (const [from, names] of graph.sites) {
      sites.set(
        from,
        names.map((name) => (name === START_IMPORT ? START_FUNCTION : name)),
      )
    }
  }
  return { sites }
}
