/**
 * Bytes held for clients, all together: bodies that arrive, answers that wait to be read. When there is no room, the server
 * takes the client that holds most and drops what it has held longest. Otherwise one client could use up the bound of all.
 */

export interface Holding {
  /** Of the client. */
  readonly name: string
  /** Gives its bytes up before its time; null while it cannot. */
  drop: (() => void) | null
}

export class Held {
  readonly #limit: number
  /** In the order in which they began. */
  readonly #holdings = new Map<Holding, number>()
  #bytes = 0

  constructor(limit: number) {
    this.#limit = limit
  }

  get bytes(): number {
    return this.#bytes
  }

  /** So many bytes more. False, and nothing taken, when others that could be dropped would not make enough room. */
  take(holding: Holding, bytes: number): boolean {
    if (this.#bytes + bytes > this.#limit && this.#bytes - this.#droppable(holding) + bytes > this.#limit) return false
    while (this.#bytes + bytes > this.#limit) {
      const victim = this.#victim(holding)!
      this.give(victim)
      victim.drop!()
    }
    this.#holdings.set(holding, (this.#holdings.get(holding) ?? 0) + bytes)
    this.#bytes += bytes
    return true
  }

  /** All that it held. */
  give(holding: Holding): void {
    this.#bytes -= this.#holdings.get(holding) ?? 0
    this.#holdings.delete(holding)
  }

  #droppable(except: Holding): number {
    let sum = 0
    for (const [holding, bytes] of this.#holdings) if (holding.drop !== null && holding !== except) sum += bytes
    return sum
  }

  #victim(except: Holding): Holding | undefined {
    const byClient = new Map<string, { bytes: number; oldest: Holding | undefined }>()
    for (const [holding, bytes] of this.#holdings) {
      const client = byClient.get(holding.name) ?? { bytes: 0, oldest: undefined }
      client.bytes += bytes
      if (holding.drop !== null && holding !== except) client.oldest ??= holding
      byClient.set(holding.name, client)
    }
    let most: { bytes: number; oldest: Holding | undefined } | undefined
    for (const client of byClient.values()) {
      if (client.oldest !== undefined && client.bytes > (most?.bytes ?? 0)) most = client
    }
    return most?.oldest
  }
}
