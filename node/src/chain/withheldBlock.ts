/**
 * A block that is on the disk before the signatures in its certificate are: nobody outside is to have it meanwhile, by
 * whichever way it could be asked for. docs/rationale/consensus.md has why.
 */
export class WithheldBlock {
  #signed: Promise<void> | null = null

  /** From now on, until `signed` has resolved, nothing is told; never again where it rejects, as the node stops then. */
  begin(signed: Promise<void>): void {
    this.#signed = signed
  }

  /** The signatures are on the disk. */
  end(): void {
    this.#signed = null
  }

  /** The answer, when it may be told. @throws what the signatures could not be written for. */
  async told<T>(asking: Promise<T>): Promise<T> {
    const answer = await asking
    if (this.#signed !== null) await this.#signed
    return answer
  }
}
