//! An ERC-20 whose owner mints; it inherits its two halves.
#![cfg_attr(not(feature = "export-abi"), no_main)]
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
    #[entrypoint]
    pub struct Token {
        #[borrow]
        Erc20 erc20;
        #[borrow]
        Owned owned;
    }

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

#[public]
#[inherit(Erc20, Owned)]
impl Token {
    /// This release of the SDK knows no constructor: the first to call it owns the token.
    pub fn set_up(&mut self, name: String, symbol: String, supply: U256, owner: Address) -> Result<(), TokenError> {
        if !self.owned.owner.get().is_zero() {
            return Err(TokenError::NotTheOwner(NotTheOwner { caller: self.vm().msg_sender() }));
        }
        self.erc20.name.set_str(name);
        self.erc20.symbol.set_str(symbol);
        self.owned.owner.set(owner);
        self.erc20.mint_to(owner, supply);
        Ok(())
    }

    pub fn mint(&mut self, to: Address, value: U256) -> Result<(), TokenError> {
        self.owned.only_owner()?;
        self.erc20.mint_to(to, value);
        Ok(())
    }
}

#[public]
impl Owned {
    pub fn owner(&self) -> Address {
        self.owner.get()
    }

    pub fn transfer_ownership(&mut self, to: Address) -> Result<(), TokenError> {
        self.only_owner()?;
        self.owner.set(to);
        Ok(())
    }
}

#[public]
impl Erc20 {
    pub fn name(&self) -> String {
        self.name.get_string()
    }

    pub fn symbol(&self) -> String {
        self.symbol.get_string()
    }

    pub fn decimals(&self) -> u8 {
        18
    }

    pub fn total_supply(&self) -> U256 {
        self.total_supply.get()
    }

    pub fn balance_of(&self, account: Address) -> U256 {
        self.balances.get(account)
    }

    pub fn allowance(&self, owner: Address, spender: Address) -> U256 {
        self.allowances.getter(owner).get(spender)
    }

    pub fn transfer(&mut self, to: Address, value: U256) -> Result<bool, TokenError> {
        self.shift(self.vm().msg_sender(), to, value)?;
        Ok(true)
    }

    pub fn approve(&mut self, spender: Address, value: U256) -> bool {
        let owner = self.vm().msg_sender();
        self.allowances.setter(owner).setter(spender).set(value);
        log(self.vm(), Approval { owner, spender, value });
        true
    }

    pub fn transfer_from(&mut self, from: Address, to: Address, value: U256) -> Result<bool, TokenError> {
        let spender = self.vm().msg_sender();
        let have = self.allowances.getter(from).get(spender);
        if have < value {
            return Err(TokenError::InsufficientAllowance(InsufficientAllowance { owner: from, spender, have, want: value }));
        }
        self.allowances.setter(from).setter(spender).set(have - value);
        self.shift(from, to, value)?;
        Ok(true)
    }
}

impl Owned {
    fn only_owner(&self) -> Result<(), TokenError> {
        let caller = self.vm().msg_sender();
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
        log(self.vm(), Transfer { from, to, value });
        Ok(())
    }

    fn mint_to(&mut self, to: Address, value: U256) {
        let held = self.balances.get(to);
        self.balances.setter(to).set(held + value);
        self.total_supply.set(self.total_supply.get() + value);
        log(self.vm(), Transfer { from: Address::ZERO, to, value });
    }
}
