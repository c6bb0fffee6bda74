/** A contract that its owner can stop: functions ask whenNotPaused() first. */

import { Address, emit, msg } from '@touchstone/contracts/as'
import { Ownable } from './ownable'

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
export abstract class Pausable extends Ownable {
  @view paused: bool

  constructor(initialOwner: Address) {
    super(initialOwner)
  }

  @external pause(): void {
    this.onlyOwner()
    this.whenNotPaused()
    this.paused = true
    emit(new Paused(msg.sender))
  }

  @external unpause(): void {
    this.onlyOwner()
    this.whenPaused()
    this.paused = false
    emit(new Unpaused(msg.sender))
  }

  protected whenNotPaused(): void {
    if (this.paused) throw new EnforcedPause()
  }

  protected whenPaused(): void {
    if (!this.paused) throw new ExpectedPause()
  }
}
