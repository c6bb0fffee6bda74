// How stylus-sdk 0.8 and 0.9 say what every contract says: through the host that the contract has.

macro_rules! sender {
    ($contract:expr) => {
        $contract.vm().msg_sender()
    };
}

#[allow(unused_macros)]
macro_rules! value {
    ($contract:expr) => {
        $contract.vm().msg_value()
    };
}

macro_rules! emit {
    ($contract:expr, $event:expr) => {
        log($contract.vm(), $event)
    };
}

/// Of a function that changes nothing.
#[allow(unused_macros)]
macro_rules! ask {
    ($contract:expr, $other:expr, $function:ident, $($argument:expr),*) => {
        $other.$function(stylus_sdk::call::Call::new(), $($argument),*)
    };
}

/// Of a function that changes the other.
#[allow(unused_macros)]
macro_rules! tell {
    ($contract:expr, $other:expr, $function:ident, $($argument:expr),*) => {
        $other.$function(stylus_sdk::call::Call::new(), $($argument),*)
    };
}

/// A trait that a contract implements, which 0.9 takes as any trait.
#[allow(unused_macros)]
macro_rules! interface {
    ($($tokens:tt)*) => { $($tokens)* };
}
