/** The engines there are: the default first, and last the reference that the others are compared with. */
export const ENGINE_NAMES = ['compiled', 'interpreter', 'reference'] as const

export type EngineName = (typeof ENGINE_NAMES)[number]
