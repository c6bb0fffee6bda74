/** The functions of a token that the exchange calls. */

import { Address, U256 } from '@touchstone/contracts/as'

@contractInterface
export abstract class IERC20 {
  abstract transfer(to: Address, value: U256): bool
  abstract transferFrom(from: Address, to: Address, value: U256): bool
}
