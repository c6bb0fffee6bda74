// Of an ERC-20 whose owner mints: all but its public functions. Each release of the SDK includes it after its words.
extern crate alloc;

use alloc::{string::String, vec::Vec};
use alloy_primitives::{Address, U256};
use alloy_sol_types::sol;
use stylus_sdk::prelude::*;

sol! {
    event Transfer(address indexed from, address indexed to, uint256 value);
    event Approval(address indexed owner, address indexed spender, uint256 value);
    error InsufficientBalance(address from, uint256 have, uint256 want);
    error InsufficientAllowance(address owner, address spender, uint256 have, uint256 want);
    error NotTheOwner(address caller);
}

#[derive(SolidityError)]
pub enum TokenError {
    InsufficientBalance(InsufficientBalance),
    InsufficientAllowance(InsufficientAllowance),
    NotTheOwner(NotTheOwner),
}

sol_storage! {
    pub struct Erc20 {
        string name;
        string symbol;
        uint256 total_supply;
        mapping(address => uint256) balances;
        mapping(address => mapping(address => uint256)) allowances;
    }

    pub struct Owned {
        address owner;
    }
}

impl Owned {
    fn only_owner(&self) -> Result<(), TokenError> {
        let caller = sender!(self);
        if caller != self.owner.get() {
            return Err(TokenError::NotTheOwner(NotTheOwner { caller }));
        }
        Ok(())
    }
}

impl Erc20 {
    fn shift(&mut self, from: Address, to: Address, value: U256) -> Result<(), TokenError> {
        let have = self.balances.get(from);
        if have < value {
            return Err(TokenError::InsufficientBalance(InsufficientBalance { from, have, want: value }));
        }
        self.balances.setter(from).set(have - value);
        let held = self.balances.get(to);
        self.balances.setter(to).set(held + value);
        emit!(self, Transfer { from, to, value });
        Ok(())
    }

    fn mint_to(&mut self, to: Address, value: U256) {
        let held = self.balances.get(to);
        self.balances.setter(to).set(held + value);
        self.total_supply.set(self.total_supply.get() + value);
        emit!(self, Transfer { from: Address::ZERO, to, value });
    }
}
