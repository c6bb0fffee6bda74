/** Access by roles: each has members, and a role whose members give it and take it. OpenZeppelin's AccessControl. */

import { Address, Bytes32, Bytes4, emit, Indexed, Mapping, msg } from '@touchstone/contracts/as'

@event
class RoleAdminChanged {
  constructor(
    public role: Indexed<Bytes32>,
    public previousAdminRole: Indexed<Bytes32>,
    public newAdminRole: Indexed<Bytes32>,
  ) {}
}
@event
class RoleGranted {
  constructor(public role: Indexed<Bytes32>, public account: Indexed<Address>, public sender: Indexed<Address>) {}
}
@event
class RoleRevoked {
  constructor(public role: Indexed<Bytes32>, public account: Indexed<Address>, public sender: Indexed<Address>) {}
}

@error
class AccessControlUnauthorizedAccount {
  constructor(public account: Address, public neededRole: Bytes32) {}
}
@error
class AccessControlBadConfirmation {}
@error
class AccessControlInvalidDefaultAdmin {
  constructor(public defaultAdmin: Address) {}
}

@contract
export abstract class Roles {
  @view hasRole: Mapping<Bytes32, Mapping<Address, bool>>
  @view getRoleAdmin: Mapping<Bytes32, Bytes32>

  /** The account gets the role of all administrators. It is refused where it is nobody's: no role could ever be given. */
  constructor(admin: Address) {
    if (admin.isZero) throw new AccessControlInvalidDefaultAdmin(admin)
    this._grantRole(Bytes32.zero, admin)
  }

  /** The administrators of every role for which nobody said otherwise. */
  @pure DEFAULT_ADMIN_ROLE(): Bytes32 {
    return Bytes32.zero
  }

  /** ERC-165: itself, and access control. */
  @pure supportsInterface(interfaceId: Bytes4): bool {
    return interfaceId == Bytes4.parse('0x01ffc9a7') || interfaceId == Bytes4.parse('0x7965db0b')
  }

  @external grantRole(role: Bytes32, account: Address): void {
    this.onlyRole(this.getRoleAdmin[role])
    this._grantRole(role, account)
  }

  @external revokeRole(role: Bytes32, account: Address): void {
    this.onlyRole(this.getRoleAdmin[role])
    this._revokeRole(role, account)
  }

  /** Callers give up a role of their own, and name themselves so that it is no mistake. */
  @external renounceRole(role: Bytes32, callerConfirmation: Address): void {
    if (callerConfirmation != msg.sender) throw new AccessControlBadConfirmation()
    this._revokeRole(role, callerConfirmation)
  }

  /** Reverts for callers without the role, such as keccak256('MINTER_ROLE'). */
  protected onlyRole(role: Bytes32): void {
    if (!this.hasRole[role][msg.sender]) throw new AccessControlUnauthorizedAccount(msg.sender, role)
  }

  protected _setRoleAdmin(role: Bytes32, adminRole: Bytes32): void {
    const previous = this.getRoleAdmin[role]
    this.getRoleAdmin[role] = adminRole
    emit(new RoleAdminChanged(role, previous, adminRole))
  }

  protected _grantRole(role: Bytes32, account: Address): void {
    if (this.hasRole[role][account]) return
    this.hasRole[role][account] = true
    emit(new RoleGranted(role, account, msg.sender))
  }

  protected _revokeRole(role: Bytes32, account: Address): void {
    if (!this.hasRole[role][account]) return
    this.hasRole[role][account] = false
    emit(new RoleRevoked(role, account, msg.sender))
  }
}
