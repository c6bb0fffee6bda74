/** Absolute. */
export const keptFolder: string
/** Absolute. */
export const keptList: string
/** `source` from the root, with slashes. Null where the sources are to run. */
export function keptProgram(source: string): string | null
/** Of the file at an absolute path. */
export function stateOf(path: string): string
