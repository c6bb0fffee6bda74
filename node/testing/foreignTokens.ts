/**
 * ERC-20s that others' SDKs made, as accounts hold them: contracts/foreign/erc20, whose README says how they were built.
 * Chains for tests have them beside contracts of our own. The constructor of each is (string name, string symbol, uint256
 * supply, address owner).
 */
import { readFileSync } from 'node:fs'
import { toHex } from '../src/codec/hex.ts'
import { sha256 } from '../src/crypto/sha256.ts'

const FOLDER = new URL('../../contracts/foreign/erc20/', import.meta.url)

export interface ForeignToken {
  /** Of the SDK, with its release. */
  readonly name: string
  /** EFF000 || 00 || brotli(module). */
  readonly code: Uint8Array
}

/** An entry of tokens.json, as `npm run test:stylus -- --keep-tokens` writes it. */
export interface ForeignTokenRecord extends Omit<ForeignToken, 'code'> {
  readonly file: string
  /** Folder below devnet/test/stylus/rust. */
  readonly source: string
  readonly rustc: string
  readonly moduleBytes: number
  readonly moduleSha256: string
  readonly codeSha256: string
}

/** @throws Error where a file is not the one that was built */
export function readForeignTokens(): readonly ForeignToken[] {
  const records = JSON.parse(readFileSync(new URL('tokens.json', FOLDER), 'utf8')) as readonly ForeignTokenRecord[]
  return records.map(({ name, file, codeSha256 }) => {
    const code = Uint8Array.from(readFileSync(new URL(file, FOLDER)))
    if (toHex(sha256(code)).slice(2) !== codeSha256) throw new Error(`${file} has another sha256 than tokens.json says`)
    return { name, code }
  })
}
