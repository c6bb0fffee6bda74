/** A package's manifest as it is published, made from the one in the repository. */

export interface Manifest {
  readonly name: string
  readonly version: string
  readonly private?: boolean
  /** A target with conditions is published as it is. */
  readonly exports: Readonly<Record<string, string | Readonly<Record<string, string>>>>
  readonly bin?: Readonly<Record<string, string>>
  readonly dependencies?: Readonly<Record<string, string>>
  readonly devDependencies?: Readonly<Record<string, string>>
  readonly [field: string]: unknown
}

export interface PublishedManifest {
  readonly engines: { readonly node: string }
  readonly name: string
  readonly bin?: Readonly<Record<string, string>>
  readonly dependencies?: Readonly<Record<string, string>>
  readonly exports: Readonly<Record<string, unknown>>
}

/**
 * Exports lead to JavaScript and its declarations; fields that only the repository needs are left out. `bundled`: further
 * dependencies, of what is bundled of other packages.
 */
export function publishedManifest(
  manifest: Manifest,
  bundled: Readonly<Record<string, string>> = {},
): PublishedManifest {
  const { private: _, devDependencies: __, exports, ...kept } = manifest
  return {
    ...kept,
    ...(kept.dependencies === undefined ? {} : { dependencies: { ...bundled, ...kept.dependencies } }),
    engines: { node: '>=20.19' },
    exports: {
      ...Object.fromEntries(Object.entries(exports).map(([name, target]) => [name, publishedTarget(target)])),
      './package.json': './package.json',
    },
  }
}

function publishedTarget(target: string | Readonly<Record<string, string>>): string | Readonly<Record<string, string>> {
  if (typeof target !== 'string' || !target.endsWith('.ts')) return target
  const path = target.slice(0, -'.ts'.length)
  return { types: `${path}.d.ts`, default: `${path}.js` }
}
