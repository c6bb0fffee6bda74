/** A contract that can be stopped: functions ask whenNotPaused() first. Who may stop it is for the contract to say. */

import { Address, emit, msg } from '@touchstone/contracts/as'

@event
class Paused {
  constructor(public account: Address) {}
}
@event
class Unpaused {
  constructor(public account: Address) {}
}

@error
class EnforcedPause {}
@error
class ExpectedPause {}

@contract
export abstract class Pausable {
  @view paused: bool

  protected whenNotPaused(): void {
    if (this.paused) throw new EnforcedPause()
  }

  protected whenPaused(): void {
    if (!this.paused) throw new ExpectedPause()
  }

  protected _pause(): void {
    this.whenNotPaused()
    this.paused = true
    emit(new Paused(msg.sender))
  }

  protected _unpause(): void {
    this.whenPaused()
    this.paused = false
    emit(new Unpaused(msg.sender))
  }
}
