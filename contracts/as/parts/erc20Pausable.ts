/** A token of which nothing moves while it is stopped: no transfer, and nothing made or burned. */

import { Address, Bases, U256 } from '@touchstone/contracts/as'
import { ERC20 } from './erc20'
import { Pausable } from './pausable'

@contract
export abstract class ERC20Pausable extends Bases<ERC20, Pausable> {
  protected _update(from: Address, to: Address, value: U256): void {
    this.whenNotPaused()
    super._update(from, to, value)
  }
}
