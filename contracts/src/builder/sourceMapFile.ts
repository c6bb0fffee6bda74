/** The source map that a build writes beside a module. */
import type { SourceFile } from './sources.ts'

/**
 * From the compiler's map one with the author's texts, and those of parts: it got rewritten ones, in which every line is
 * where it was. The other texts of libraries, which are most of it, are left out.
 */
export function ownSourceMap(
  text: string,
  contract: string,
  files: readonly Pick<SourceFile, 'path' | 'text'>[],
): string {
  const map = JSON.parse(text) as { readonly sources: readonly string[]; readonly mappings: string }
  const texts = new Map(files.map((file) => [file.path, file.text]))
  return JSON.stringify({
    version: 3,
    file: `${contract}.wasm`,
    sources: map.sources,
    sourcesContent: map.sources.map((path) => texts.get(path) ?? null),
    names: [],
    mappings: map.mappings,
  })
}
