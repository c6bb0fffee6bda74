/** Absolute; null where the user has no folder of their own. */
export function compiledCodeFolder(): string | null
export function useCompiledCode(): void
