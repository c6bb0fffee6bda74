/** Whether an artifact is still that of the sources beside it. */

import { textHash } from './contentHash.ts'
import { readSourceText } from './sourceFolder.ts'

/**
 * Paths of the source files, relative to the contract's folder, that are not as they were when the artifact was made. Null
 * when that cannot be told: the artifact has no hashes, or the sources are not there.
 * @param artifact as read from a file
 */
export function changedSources(artifact: object, directory: string): readonly string[] | null {
  const { sources, sourceName } = artifact as { readonly sources?: unknown; readonly sourceName?: unknown }
  if (typeof sources !== 'object' || sources === null || typeof sourceName !== 'string') return null
  const hashes = Object.entries(sources)
  // The contract's own file is gone with the rest when the artifact was taken elsewhere.
  if (!Object.hasOwn(sources, sourceName) || readSourceText(directory, sourceName) === null) return null
  return hashes
    .filter(([path, hash]) => {
      const text = readSourceText(directory, path)
      return text === null || textHash(text) !== hash
    })
    .map(([path]) => path)
}
