//! `wasmi-peer FILE ARGUMENT TIMES fuel|free`: calls `run` of a module once, then so many times on the clock, and prints its
//! result and the nanoseconds of the processor that those took.

use std::time::Duration;
use wasmi::{Config, Engine, Linker, Module, Store};

#[repr(C)]
struct TimeSpec {
    seconds: i64,
    nanoseconds: i64,
}

extern "C" {
    fn clock_gettime(clock: i32, time: *mut TimeSpec) -> i32;
}

#[cfg(target_os = "macos")]
const PROCESSOR_CLOCK: i32 = 12;
#[cfg(not(target_os = "macos"))]
const PROCESSOR_CLOCK: i32 = 2;

fn processor_time() -> Duration {
    let mut time = TimeSpec { seconds: 0, nanoseconds: 0 };
    // SAFETY: the layout is that of 64-bit systems, on which this is built, and the call only writes to it.
    assert_eq!(unsafe { clock_gettime(PROCESSOR_CLOCK, &mut time) }, 0, "the system tells no processor time");
    Duration::new(time.seconds as u64, time.nanoseconds as u32)
}

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [file, argument, times, fuel] = arguments.as_slice() else {
        panic!("wasmi-peer FILE ARGUMENT TIMES fuel|free");
    };
    let argument: i32 = argument.parse().expect("an argument");
    let times: u32 = times.parse().expect("a number of times");
    let metered = fuel == "fuel";
    let mut config = Config::default();
    config.consume_fuel(metered);
    let engine = Engine::new(&config);
    let bytes = std::fs::read(file).expect("a file");
    let module = Module::new(&engine, &bytes[..]).expect("a module");
    let mut store = Store::new(&engine, ());
    if metered {
        store.set_fuel(u64::MAX / 2).expect("fuel");
    }
    let instance = Linker::new(&engine).instantiate_and_start(&mut store, &module).expect("an instance");
    let run = instance.get_typed_func::<i32, i64>(&store, "run").expect("a function run");
    run.call(&mut store, argument).expect("a result");
    let before = processor_time();
    let mut result = 0;
    for _ in 0..times {
        result = run.call(&mut store, argument).expect("a result");
    }
    println!("{result} {}", (processor_time() - before).as_nanos());
}
