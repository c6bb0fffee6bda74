import type { Certificate } from './certificate.ts'
import type { GenesisValidator } from './genesis.ts'
import type { Header } from './header.ts'

/**
 * A final block after which other validators decide: its header names them by their hash (`mixHash`), and its
 * certificate is of those before. All handovers in a row prove who decides a height, starting from the genesis.
 */
export interface Handover {
  readonly header: Header
  readonly certificate: Certificate
  /** Of the next height on. */
  readonly validators: readonly GenesisValidator[]
}
