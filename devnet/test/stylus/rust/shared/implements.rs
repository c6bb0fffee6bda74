// The public functions of the token as releases from 0.9 on say them: its two halves are traits that it implements.

sol_storage! {
    #[entrypoint]
    pub struct Token {
        Erc20 erc20;
        Owned owned;
    }
}

interface! {
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
}

interface! {
    pub trait IOwned {
        fn owner(&self) -> Address;
        fn transfer_ownership(&mut self, to: Address) -> Result<(), TokenError>;
    }
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
        self.erc20.shift(sender!(self), to, value)?;
        Ok(true)
    }

    fn approve(&mut self, spender: Address, value: U256) -> bool {
        let owner = sender!(self);
        self.erc20.allowances.setter(owner).setter(spender).set(value);
        emit!(self, Approval { owner, spender, value });
        true
    }

    fn transfer_from(&mut self, from: Address, to: Address, value: U256) -> Result<bool, TokenError> {
        let spender = sender!(self);
        let have = self.erc20.allowances.getter(from).get(spender);
        if have < value {
            return Err(TokenError::InsufficientAllowance(InsufficientAllowance { owner: from, spender, have, want: value }));
        }
        self.erc20.allowances.setter(from).setter(spender).set(have - value);
        self.erc20.shift(from, to, value)?;
        Ok(true)
    }
}
