/** One function of the library by itself: a twentieth of what its main file holds. */
declare module 'hash-wasm/dist/keccak.umd.min.js' {
  const library: Pick<typeof import('hash-wasm'), 'createKeccak'>
  export = library
}
