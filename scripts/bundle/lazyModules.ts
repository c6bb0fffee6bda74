/**
 * Libraries that our sources import by a statement and a start does without: a bundle loads each when something of it is
 * used first. A dynamic import would say so in the source, but what uses them cannot wait (a slot of crypto/provider.ts, a
 * request to change to WebSockets).
 *
 * What fails while a module is loaded fails for good; so none of these may be used first where a stack is nearly used up,
 * which is in a contract's execution.
 */
import { createRequire } from 'node:module'
import { join } from 'node:path'
import type { Plugin } from 'rolldown'

const OURS = '\0lazy:'
const lazy = ['@noble/curves/ed25519.js', '@noble/curves/secp256k1.js', 'ws']

/** @param owner folder of the package whose sources import them so */
export function lazyModules(owner: string): Plugin {
  const sources = join(owner, 'src')
  return {
    name: 'lazy-modules',
    resolveId(specifier, importer, { kind }) {
      const isOurs = importer?.startsWith(sources) === true && kind === 'import-statement'
      return isOurs && lazy.includes(specifier) ? { id: OURS + specifier, moduleSideEffects: false } : null
    },
    load(id) {
      return id.startsWith(OURS) ? moduleText(id.slice(OURS.length), owner) : null
    },
  }
}

function moduleText(specifier: string, owner: string): string {
  const require = createRequire(join(owner, 'package.json'))
  const path = require.resolve(specifier)
  const names = Object.keys(require(path)).filter((name) => /^[A-Za-z_$][\w$]*$/.test(name))
  return [
    'let loaded',
    `const load = () => (loaded ??= require(${JSON.stringify(path)}))`,
    // As a function, so that a class can be made of it, and extended.
    'const lazily = (name) =>',
    '  new Proxy(function () {}, {',
    '    get: (_, key) => Reflect.get(load()[name], key),',
    '    apply: (_, self, words) => Reflect.apply(load()[name], self, words),',
    '    construct: (_, words, made) => Reflect.construct(load()[name], words, made),',
    '  })',
    ...names
      .filter((name) => name !== 'default')
      .map((name) => `const $${name} = /* @__PURE__ */ lazily('${name}')\nexport { $${name} as ${name} }`),
  ].join('\n')
}
