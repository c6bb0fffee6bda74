/** CommonJS, since redirect.cjs runs before anything else in its process. */

/** @param {string} path of a source from the root, with slashes. */
exports.bundledName = (path) => path.replaceAll('/', '.').replace(/\.ts$/, '.js')
