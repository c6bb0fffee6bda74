// The program beside each contract: with the feature `export-abi` it prints the interface. The contract's own file says,
// under the name `contract`, whose.

#[cfg(not(feature = "export-abi"))]
#[no_mangle]
pub extern "C" fn main() {}

#[cfg(feature = "export-abi")]
fn main() {
    contract::print_from_args();
}
