/**
 * Modules of Node itself, as a bundle has them: with the exports that it uses. An import statement would read all of them,
 * and many are loaded when they are read: `node:util` would bring the parser of arguments, `node:fs` the line editor.
 */
import { builtinModules, createRequire } from 'node:module'
import type { Plugin } from 'rolldown'

const OURS = '\0node-builtin:'
const names = new Set(builtinModules.map((name) => name.replace(/^node:/, '')))
const require = createRequire(import.meta.url)

export function builtins(): Plugin {
  return {
    name: 'builtins',
    resolveId(specifier, importer, { kind }) {
      const name = specifier.replace(/^node:/, '')
      // CommonJS gets the module as it is, and the bundler's own runs before anything of ours.
      const asIs = kind === 'require-call' || importer?.startsWith('\0') === true
      if (!names.has(name) || asIs) return null
      return { id: OURS + name, moduleSideEffects: false }
    },
    load(id) {
      return id.startsWith(OURS) ? moduleText(`node:${id.slice(OURS.length)}`) : null
    },
  }
}

/** What nobody imports is left out of it, as its reading is marked to have no effects. */
function moduleText(name: string): string {
  const exported = Object.keys(require(name)).filter((key) => /^[A-Za-z_$][\w$]*$/.test(key) && key !== 'default')
  const lines = exported.map((key) => {
    return `const $${key} = /* @__PURE__ */ read('${key}')\nexport { $${key} as ${key} }`
  })
  return [
    `const builtin = process.getBuiltinModule('${name}')`,
    'const read = (key) => builtin[key]',
    'export default builtin',
    ...lines,
  ].join('\n')
}
