/** Several bases of one contract. Both names stand for what the build makes of them, and are never compiled. */

/**
 * The bases of a contract, the more basic one first, as in Solidity.
 *
 * @example
 * ```ts
 * import { ERC20 } from '@touchstone/contracts/as/parts/erc20'
 * import { Ownable } from '@touchstone/contracts/as/parts/ownable'
 *
 * @contract
 * export class Gold extends Bases<ERC20, Ownable> {
 *   constructor(owner: Address) {
 *     super()
 *     construct<ERC20>('Gold', 'GLD')
 *     construct<Ownable>(owner)
 *   }
 * }
 * ```
 */
export class Bases {}

/** Runs the constructor of one of the bases, in the constructor of a contract that extends {@link Bases}. */
export function construct<T>(): void {
  ERROR('construct<Base>(...) stands in the constructor of a contract that extends Bases<...>')
}
