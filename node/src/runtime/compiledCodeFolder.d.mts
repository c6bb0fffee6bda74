/** Absolute, and made where it was not there; null where the user has no folder that is theirs alone. */
export function compiledCodeFolder(): string | null
/** For a program, first of all. */
export function useCompiledCode(): void
