//! The token in the words of stylus-sdk 0.10.
#![cfg_attr(not(feature = "export-abi"), no_main)]

include!("../../../shared/words010.rs");
include!("../../../shared/token.rs");
include!("../../../shared/implements.rs");
