// A desk with everything that a contract keeps and asks: numbers, a list, marks by caller, a text, other contracts.
// Each release of the SDK includes it after its words.
extern crate alloc;

use alloc::{string::String, vec::Vec};
use alloy_primitives::{Address, U256};
use alloy_sol_types::sol;
use stylus_sdk::{console, prelude::*};

include!("panics.rs");

const GREATEST: u64 = 1_000_000;

sol! {
    event NumberChanged(address indexed by, uint256 number);
    error TooLarge(uint256 number, uint256 greatest);
    error Refused(address token, bytes reason);
}

sol_interface! {
    interface IToken {
        function balanceOf(address account) external view returns (uint256);
        function transfer(address to, uint256 value) external returns (bool);
    }
}

sol_storage! {
    #[entrypoint]
    pub struct Desk {
        uint256 number;
        uint256[] history;
        mapping(address => mapping(uint256 => uint256)) marks;
        string note;
    }
}

#[derive(SolidityError)]
pub enum DeskError {
    TooLarge(TooLarge),
    Refused(Refused),
}

#[public]
impl Desk {
    pub fn number(&self) -> U256 {
        self.number.get()
    }

    pub fn set_number(&mut self, number: U256) -> Result<(), DeskError> {
        let greatest = U256::from(GREATEST);
        if number > greatest {
            return Err(DeskError::TooLarge(TooLarge { number, greatest }));
        }
        self.number.set(number);
        self.history.push(number);
        console!("the number is {number}");
        emit!(self, NumberChanged { by: sender!(self), number });
        Ok(())
    }

    pub fn increment(&mut self) -> Result<(), DeskError> {
        self.set_number(self.number.get() + U256::from(1))
    }

    pub fn history(&self) -> Vec<U256> {
        (0..self.history.len()).filter_map(|index| self.history.get(index)).collect()
    }

    pub fn set_mark(&mut self, key: U256, value: U256) {
        self.marks.setter(sender!(self)).setter(key).set(value);
    }

    pub fn mark_of(&self, account: Address, key: U256) -> U256 {
        self.marks.getter(account).get(key)
    }

    pub fn set_note(&mut self, note: String) {
        self.note.set_str(note);
    }

    pub fn note(&self) -> String {
        self.note.get_string()
    }

    pub fn balance_in(&self, token: Address, account: Address) -> Result<U256, DeskError> {
        ask!(self, IToken::new(token), balance_of, account).map_err(|why| refused(token, why.into()))
    }

    /// Out of what the desk holds of the token.
    pub fn pay(&mut self, token: Address, to: Address, value: U256) -> Result<bool, DeskError> {
        tell!(self, IToken::new(token), transfer, to, value).map_err(|why| refused(token, why.into()))
    }

    #[payable]
    pub fn deposit(&mut self) -> U256 {
        value!(self)
    }

    pub fn give_up(&self) -> U256 {
        tell_panics();
        panic!("the desk gave up at {}", self.number.get())
    }
}

fn refused(token: Address, reason: Vec<u8>) -> DeskError {
    DeskError::Refused(Refused { token, reason: reason.into() })
}
