/**
 * A contract whose code can be changed (ERC-1967, ERC-1822): a `Proxy` that everybody calls, which has the storage and
 * runs the code of an `Upgradeable` one. The latter's fields are the proxy's: a later version only adds to them.
 */

import {
  Address,
  Bytes,
  Bytes32,
  delegateCall,
  emit,
  Indexed,
  loadSlot,
  msg,
  staticCall,
  storeSlot,
} from '@touchstone/contracts/as'

@event
class Upgraded {
  constructor(public implementation: Indexed<Address>) {}
}

@error
class ERC1967InvalidImplementation {
  constructor(public implementation: Address) {}
}
@error
class ERC1967NonPayable {}
@error
class ERC1967ProxyUninitialized {}
@error
class InvalidInitialization {}
@error
class UUPSUnauthorizedCallContext {}

/** keccak256('eip1967.proxy.implementation') - 1. */
function slot(): Bytes32 {
  return Bytes32.parse('0x360894a13ba1a3210667c828492db98dca3e2076cc3735a920a3ca505d382bbc')
}

function implementationOf(): Address {
  return Address.at(changetype<usize>(loadSlot(slot())) + 12)
}

/** Whether this code runs on a proxy's storage: a contract that is called itself has no implementation. */
function isDelegated(): bool {
  return !implementationOf().isZero
}

/** Sets the code to run, and calls it, where there is data, as a constructor would. Without data nothing takes value. */
function runFrom(implementation: Address, data: Bytes): void {
  if (implementation.codeSize == 0) throw new ERC1967InvalidImplementation(implementation)
  storeSlot(slot(), implementation.toU256().toBytes32())
  emit(new Upgraded(implementation))
  if (data.length > 0) delegateCall(implementation, data).orRevert()
  else if (!msg.value.isZero) throw new ERC1967NonPayable()
}

@contract
export abstract class Proxy {
  /** `data` is a call of the implementation, of its initialize: who begins the contract is then for no stranger to say. */
  constructor(implementation: Address, data: Bytes) {
    if (data.length == 0 && !this._unsafeAllowUninitialized()) throw new ERC1967ProxyUninitialized()
    runFrom(implementation, data)
  }

  /** Override it for a proxy that may be made without a call, whose implementation anybody may then be the first to call. */
  protected _unsafeAllowUninitialized(): bool {
    return false
  }

  /** Whether the contract may be called again is for the implementation to say. */
  @fallback @payable @reentrant forward(input: Bytes): Bytes {
    return delegateCall(implementationOf(), input).orRevert()
  }
}

@contract
export abstract class Upgradeable {
  initialized: bool

  /** Of the implementation itself nobody becomes the owner: only a proxy's storage can be initialised. */
  constructor() {
    this.initialized = true
  }

  /**
   * The word by which a proxy knows that a contract is made to be run by it (ERC-1822). A proxy does not say it for its
   * implementation: one that ran another proxy's code would ask itself for code for ever, and nobody could upgrade it.
   */
  @view proxiableUUID(): Bytes32 {
    if (isDelegated()) throw new UUPSUnauthorizedCallContext()
    return slot()
  }

  /** Another implementation from now on; `data` is a call of it, or empty. Called at the proxy, and refused elsewhere. */
  @payable upgradeToAndCall(newImplementation: Address, data: Bytes): void {
    if (!isDelegated()) throw new UUPSUnauthorizedCallContext()
    this._authorizeUpgrade(newImplementation)
    const answer = staticCall(newImplementation, Bytes.fromHex('0x52d1902d'))
    const isMade = answer.success && answer.data.length == 32 && Bytes32.at(answer.data.start) == slot()
    if (!isMade) throw new ERC1967InvalidImplementation(newImplementation)
    runFrom(newImplementation, data)
  }

  /** What stands for a constructor calls this first: it runs once in the proxy's life. */
  protected initializer(): void {
    if (this.initialized) throw new InvalidInitialization()
    this.initialized = true
  }

  /** Reverts unless the caller may change the code. Nobody may, unless it is overridden. */
  protected _authorizeUpgrade(newImplementation: Address): void {
    throw new ERC1967InvalidImplementation(newImplementation)
  }
}
