// `node runReplay.mjs BUNDLE EXPORT ENGINE noble|wasm`: prints the report as one line of JSON. Plain JavaScript without
// types, since it runs on every version of Node there is a test for.
import { readFileSync } from 'node:fs'
import { endianness } from 'node:os'
import { pathToFileURL } from 'node:url'

const [bundle, file, engine, crypto] = process.argv.slice(2)
const { openWasmProvider, replayExport, setCryptoProvider } = await import(pathToFileURL(bundle).href)
if (crypto === 'wasm') setCryptoProvider(await openWasmProvider())
const started = performance.now()
const report = await replayExport([new Uint8Array(readFileSync(file))], { engine })
const seconds = (performance.now() - started) / 1000
const { arch, versions } = process
const host = { arch, endianness: endianness(), node: versions.node, v8: versions.v8 }
const plain = (_, value) => (typeof value === 'bigint' ? String(value) : value)
console.log(JSON.stringify({ ...report, seconds, host }, plain))
