import { basename } from 'node:path'

/**
 * The map of an emitted file, whose source is shown as lying beside it. As the compiler writes it, the way leads from the
 * folder of a build to the repository: where the package is installed, stack traces would name folders of its user's.
 */
export function publishedMap(text: string): string {
  const map: { readonly sources: readonly string[] } = JSON.parse(text)
  return JSON.stringify({ ...map, sources: map.sources.map((source) => basename(source)) })
}
