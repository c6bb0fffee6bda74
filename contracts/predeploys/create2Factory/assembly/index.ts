/**
 * The deterministic deployment proxy (https://github.com/Arachnid/deterministic-deployment-proxy), which tools look for
 * at 0x4e59b44847b379578588920cA78FbF26c0B4956C. Input is a salt of 32 bytes and init code, output the 20 bytes of the
 * address, keccak256(0xff || factory || salt || keccak256(init code))[12..] (EIP-1014).
 */

import { abiEncode, Address, Bytes, Bytes32, createWithSalt, msg, require } from '@touchstone/contracts/as'

@contract
export class Create2Factory {
  /** Reverts with the constructor's reason, where there is one. */
  @fallback @payable @reentrant deploy(input: Bytes): Bytes {
    require(input.length >= 32, 'the input is a salt of 32 bytes, followed by init code')
    const created = createWithSalt(input.slice(32), Bytes32.at(input.start), msg.value)
    return abiEncode<Address>(created).slice(12)
  }
}
