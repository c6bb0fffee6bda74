// The public functions of the token as releases up to 0.8 say them: it inherits its two halves.

sol_storage! {
    #[entrypoint]
    pub struct Token {
        #[borrow]
        Erc20 erc20;
        #[borrow]
        Owned owned;
    }
}

#[public]
#[inherit(Erc20, Owned)]
impl Token {
    /// This release of the SDK knows no constructor: the first to call it owns the token.
    pub fn set_up(&mut self, name: String, symbol: String, supply: U256, owner: Address) -> Result<(), TokenError> {
        if !self.owned.owner.get().is_zero() {
            return Err(TokenError::NotTheOwner(NotTheOwner { caller: sender!(self) }));
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
        self.shift(sender!(self), to, value)?;
        Ok(true)
    }

    pub fn approve(&mut self, spender: Address, value: U256) -> bool {
        let owner = sender!(self);
        self.allowances.setter(owner).setter(spender).set(value);
        emit!(self, Approval { owner, spender, value });
        true
    }

    pub fn transfer_from(&mut self, from: Address, to: Address, value: U256) -> Result<bool, TokenError> {
        let spender = sender!(self);
        let have = self.allowances.getter(from).get(spender);
        if have < value {
            return Err(TokenError::InsufficientAllowance(InsufficientAllowance { owner: from, spender, have, want: value }));
        }
        self.allowances.setter(from).setter(spender).set(have - value);
        self.shift(from, to, value)?;
        Ok(true)
    }
}
