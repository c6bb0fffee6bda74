// How stylus-sdk 0.10 says what every contract says: as methods of the host, which calls take too.

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
        $contract.vm().log($event)
    };
}

/// Of a function that changes nothing.
#[allow(unused_macros)]
macro_rules! ask {
    ($contract:expr, $other:expr, $function:ident, $($argument:expr),*) => {
        $other.$function($contract.vm(), Call::new(), $($argument),*)
    };
}

/// Of a function that changes the other.
#[allow(unused_macros)]
macro_rules! tell {
    ($contract:expr, $other:expr, $function:ident, $($argument:expr),*) => {{
        let call = Call::new_mutating($contract);
        $other.$function($contract.vm(), call, $($argument),*)
    }};
}

/// A trait that a contract implements, which 0.10 wants public.
#[allow(unused_macros)]
macro_rules! interface {
    ($($tokens:tt)*) => { #[public] $($tokens)* };
}
