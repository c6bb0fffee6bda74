/**
 * An exchange of two ERC-20 tokens: a constant-product pool (x * y = k) that keeps 0.3 % of what is swapped for those who
 * provide liquidity.
 *
 * Reserves are what the pool has counted, not what it holds, so tokens sent to it by themselves change no price. All
 * divisions round in the pool's favour. State is written before tokens move, and no function can be re-entered. Tokens
 * must move exactly what they are told to: those that take a fee on transfer do not fit.
 */

import { Address, block, contractAt, emit, Indexed, Mapping, msg, self, U256, u256 } from '@touchstone/contracts/as'
import { IERC20 } from './IERC20'

/** Shares nobody owns, made with the first deposit, so that a share can never be made to cost a fortune (Uniswap v2). */
const LOCKED_SHARES: u64 = 1000
const FEE_NUMERATOR: u64 = 997
const FEE_DENOMINATOR: u64 = 1000

@event
class LiquidityAdded {
  constructor(public provider: Indexed<Address>, public amount0: U256, public amount1: U256, public shares: U256) {}
}
@event
class LiquidityRemoved {
  constructor(public provider: Indexed<Address>, public amount0: U256, public amount1: U256, public shares: U256) {}
}
@event
class Swap {
  constructor(public trader: Indexed<Address>, public tokenIn: Indexed<Address>, public amountIn: U256, public amountOut: U256) {}
}

@error
class Expired {
  constructor(public deadline: u64, public timestamp: u64) {}
}
@error
class IdenticalTokens {
  constructor(public token: Address) {}
}
@error
class UnknownToken {
  constructor(public token: Address) {}
}
@error
class ZeroAmount {
  constructor() {}
}
@error
class NoLiquidity {
  constructor() {}
}
@error
class InsufficientAmount {
  constructor(public token: Address, public amount: U256, public minimum: U256) {}
}
@error
class InsufficientOutput {
  constructor(public amountOut: U256, public minAmountOut: U256) {}
}
@error
class InsufficientShares {
  constructor(public provider: Address, public shares: U256, public needed: U256) {}
}
@error
class TransferFailed {
  constructor(public token: Address) {}
}

@returns
class Reserves {
  constructor(public reserve0: U256, public reserve1: U256) {}
}
@returns
class Added {
  constructor(public amount0: U256, public amount1: U256, public shares: U256) {}
}
@returns
class Removed {
  constructor(public amount0: U256, public amount1: U256) {}
}

@contract
export class Exchange {
  @view token0: Address
  @view token1: Address
  reserve0: U256
  reserve1: U256
  @view totalShares: U256
  @view sharesOf: Mapping<Address, U256>

  constructor(token0: Address, token1: Address) {
    if (token0 == token1) throw new IdenticalTokens(token0)
    this.token0 = token0
    this.token1 = token1
  }

  @view reserves(): Reserves {
    return new Reserves(this.reserve0, this.reserve1)
  }

  /** The amount that `swap` would pay out now for `amountIn` of `tokenIn`. */
  @view quote(tokenIn: Address, amountIn: U256): U256 {
    const zeroIn = this.isToken0(tokenIn)
    return amountOut(amountIn, zeroIn ? this.reserve0 : this.reserve1, zeroIn ? this.reserve1 : this.reserve0)
  }

  /**
   * Deposits at most the desired amounts, in the pool's proportion (the first deposit sets it), and no less than the
   * minimums; gives shares. The exchange needs an allowance of both tokens.
   */
  @external addLiquidity(desired0: U256, desired1: U256, min0: U256, min1: U256, deadline: u64): Added {
    requireBefore(deadline)
    const reserve0 = this.reserve0
    const reserve1 = this.reserve1
    const total = this.totalShares
    let amount0 = desired0
    let amount1 = desired1
    let shares: U256
    if (total.isZero) {
      const product = (amount0 * amount1).sqrt()
      if (product <= u256(LOCKED_SHARES)) throw new NoLiquidity()
      shares = product - u256(LOCKED_SHARES)
      this.totalShares = product
    } else {
      const matching1 = desired0.mulDiv(reserve1, reserve0)
      if (matching1 <= desired1) amount1 = matching1
      else amount0 = desired1.mulDiv(reserve0, reserve1)
      shares = U256.min(amount0.mulDiv(total, reserve0), amount1.mulDiv(total, reserve1))
      if (shares.isZero) throw new ZeroAmount()
      this.totalShares = total + shares
    }
    if (amount0 < min0) throw new InsufficientAmount(this.token0, amount0, min0)
    if (amount1 < min1) throw new InsufficientAmount(this.token1, amount1, min1)

    this.reserve0 = reserve0 + amount0
    this.reserve1 = reserve1 + amount1
    this.sharesOf[msg.sender] += shares
    emit(new LiquidityAdded(msg.sender, amount0, amount1, shares))
    take(this.token0, amount0)
    take(this.token1, amount1)
    return new Added(amount0, amount1, shares)
  }

  /** Gives shares back for their part of both reserves, no less than the minimums. */
  @external removeLiquidity(shares: U256, min0: U256, min1: U256, deadline: u64): Removed {
    requireBefore(deadline)
    if (shares.isZero) throw new ZeroAmount()
    const owned = this.sharesOf[msg.sender]
    if (owned < shares) throw new InsufficientShares(msg.sender, owned, shares)
    const reserve0 = this.reserve0
    const reserve1 = this.reserve1
    const total = this.totalShares
    const amount0 = shares.mulDiv(reserve0, total)
    const amount1 = shares.mulDiv(reserve1, total)
    if (amount0 < min0) throw new InsufficientAmount(this.token0, amount0, min0)
    if (amount1 < min1) throw new InsufficientAmount(this.token1, amount1, min1)

    this.sharesOf[msg.sender] = owned - shares
    this.totalShares = total - shares
    this.reserve0 = reserve0 - amount0
    this.reserve1 = reserve1 - amount1
    emit(new LiquidityRemoved(msg.sender, amount0, amount1, shares))
    give(this.token0, amount0)
    give(this.token1, amount1)
    return new Removed(amount0, amount1)
  }

  /** Swaps exactly `amountIn` of `tokenIn` for at least `minAmountOut` of the other token; returns what was paid out. */
  @external swap(tokenIn: Address, amountIn: U256, minAmountOut: U256, deadline: u64): U256 {
    requireBefore(deadline)
    if (amountIn.isZero) throw new ZeroAmount()
    const zeroIn = this.isToken0(tokenIn)
    const reserve0 = this.reserve0
    const reserve1 = this.reserve1
    const paid = amountOut(amountIn, zeroIn ? reserve0 : reserve1, zeroIn ? reserve1 : reserve0)
    if (paid < minAmountOut || paid.isZero) throw new InsufficientOutput(paid, minAmountOut)

    this.reserve0 = zeroIn ? reserve0 + amountIn : reserve0 - paid
    this.reserve1 = zeroIn ? reserve1 - paid : reserve1 + amountIn
    emit(new Swap(msg.sender, tokenIn, amountIn, paid))
    take(tokenIn, amountIn)
    give(zeroIn ? this.token1 : this.token0, paid)
    return paid
  }

  private isToken0(token: Address): bool {
    if (token == this.token0) return true
    if (token != this.token1) throw new UnknownToken(token)
    return false
  }
}

/** The y of (x + in * 0.997) * (y - out) = x * y, rounded down. */
function amountOut(amountIn: U256, reserveIn: U256, reserveOut: U256): U256 {
  if (reserveIn.isZero || reserveOut.isZero) throw new NoLiquidity()
  const effective = amountIn * u256(FEE_NUMERATOR)
  return effective.mulDiv(reserveOut, reserveIn * u256(FEE_DENOMINATOR) + effective)
}

function requireBefore(deadline: u64): void {
  if (block.timestamp > deadline) throw new Expired(deadline, block.timestamp)
}

/** Tokens from the caller to the pool. */
function take(token: Address, amount: U256): void {
  if (!contractAt<IERC20>(token).transferFrom(msg.sender, self.address, amount)) throw new TransferFailed(token)
}

/** Tokens from the pool to the caller. */
function give(token: Address, amount: U256): void {
  if (!contractAt<IERC20>(token).transfer(msg.sender, amount)) throw new TransferFailed(token)
}
