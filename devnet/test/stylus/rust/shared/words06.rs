// How stylus-sdk 0.6 says what every contract says: functions without a receiver.

#[allow(unused_macros)]
macro_rules! sender {
    ($contract:expr) => {
        stylus_sdk::msg::sender()
    };
}

#[allow(unused_macros)]
macro_rules! value {
    ($contract:expr) => {
        stylus_sdk::msg::value()
    };
}

macro_rules! emit {
    ($contract:expr, $event:expr) => {
        stylus_sdk::evm::log($event)
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
