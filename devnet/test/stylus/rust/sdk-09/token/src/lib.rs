//! An ERC-20 whose owner mints; its two halves are traits that it implements.
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
        Erc20 erc20;
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

pub trait IErc20 {
    fn name(&self) -> String;
    fn symbol(&self) -> String;
    fn decimals(&self) -> u8;
    fn total_supply(&self) -> U256;
    fn balance_of(&self, account: Address) -> U256;
    fn allowance(&self, owner: Address, spender: Address) -> U256;
    fn transfer(&mut self, to: Address, value: U256) -> Result<bool, TokenError>;
    fn approve(&mut self, spender: Address, value: U256) -> bool;
    fn transfer_from(&mut self, from: Address, to: Address, value: U256) -> Result<bool, TokenError>;
}

pub trait IOwned {
    fn owner(&self) -> Address;
    fn transfer_ownership(&mut self, to: Address) -> Result<(), TokenError>;
}

#[public]
#[implements(IErc20, IOwned)]
impl Token {
    #[constructor]
    pub fn constructor(&mut self, name: String, symbol: String, supply: U256, owner: Address) {
        self.erc20.name.set_str(name);
        self.erc20.symbol.set_str(symbol);
        self.owned.owner.set(owner);
        self.erc20.mint_to(owner, supply);
    }

    pub fn mint(&mut self, to: Address, value: U256) -> Result<(), TokenError> {
        self.owned.only_owner()?;
        self.erc20.mint_to(to, value);
        Ok(())
    }
}

#[public]
impl IOwned for Token {
    fn owner(&self) -> Address {
        self.owned.owner.get()
    }

    fn transfer_ownership(&mut self, to: Address) -> Result<(), TokenError> {
        self.owned.only_owner()?;
        self.owned.owner.set(to);
        Ok(())
    }
}

#[public]
impl IErc20 for Token {
    fn name(&self) -> String {
        self.erc20.name.get_string()
    }

    fn symbol(&self) -> String {
        self.erc20.symbol.get_string()
    }

    fn decimals(&self) -> u8 {
        18
    }

    fn total_supply(&self) -> U256 {
        self.erc20.total_supply.get()
    }

    fn balance_of(&self, account: Address) -> U256 {
        self.erc20.balances.get(account)
    }

    fn allowance(&self, owner: Address, spender: Address) -> U256 {
        self.erc20.allowances.getter(owner).get(spender)
    }

    fn transfer(&mut self, to: Address, value: U256) -> Result<bool, TokenError> {
        self.erc20.shift(self.vm().msg_sender(), to, value)?;
        Ok(true)
    }

    fn approve(&mut self, spender: Address, value: U256) -> bool {
        let owner = self.vm().msg_sender();
        self.erc20.allowances.setter(owner).setter(spender).set(value);
        log(self.vm(), Approval { owner, spender, value });
        true
    }

    fn transfer_from(&mut self, from: Address, to: Address, value: U256) -> Result<bool, TokenError> {
        let spender = self.vm().msg_sender();
        let have = self.erc20.allowances.getter(from).get(spender);
        if have < value {
            return Err(TokenError::InsufficientAllowance(InsufficientAllowance { owner: from, spender, have, want: value }));
        }
        self.erc20.allowances.setter(from).setter(spender).set(have - value);
        self.erc20.shift(from, to, value)?;
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
