/** The file of a bundled source in its bundle; `path` from the root, with slashes. */
export function bundledName(path: string): string
