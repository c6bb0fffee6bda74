/** The functions of a token that the exchange calls. */

import { Address, U256 } from '@touchstone/contracts/as'

@contractInterface
export class IERC20 {
  @view balanceOf(owner: Address): U256
  transfer(to: Address, value: U256): bool
  transferFrom(from: Address, to: Address, value: U256): bool
}
