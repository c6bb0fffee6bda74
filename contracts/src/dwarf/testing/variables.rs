//! Variables of every kind that the reader knows: see makeVectors.mjs.
#![no_std]
#![no_main]

#[link(wasm_import_module = "vm_hooks")]
extern "C" {
    fn read_args(to: *mut u8);
    fn write_result(from: *const u8, length: usize);
}

#[panic_handler]
fn panicked(_: &core::panic::PanicInfo) -> ! {
    core::arch::wasm32::unreachable()
}

#[derive(Clone, Copy)]
pub struct Point {
    x: i32,
    y: i64,
}

pub enum Shape {
    Empty,
    Dot(Point),
    Line { from: Point, length: u16 },
}

#[derive(Clone, Copy)]
pub enum Color {
    Red,
    Green = 5,
}

pub struct Wallet<'a> {
    owner: [u8; 8],
    name: &'a str,
    shape: Shape,
    color: Color,
    limit: Option<u32>,
    next: Option<&'a Point>,
}

impl Wallet<'_> {
    #[inline(always)]
    fn weight(&self, amount: u32) -> u32 {
        let extra = match self.shape {
            Shape::Empty => 0,
            Shape::Dot(point) => point.x as u32,
            Shape::Line { length, .. } => length as u32,
        };
        amount * 3 + extra
    }

    #[inline(never)]
    fn spend(&mut self, amount: u32, notes: &[u16]) -> i64 {
        let mut sum = 0i64;
        for i in 0..amount {
            let step = Point { x: i as i32 - 1, y: i as i64 * 10_000_000_000 };
            sum += step.y + self.weight(i + 1) as i64 + notes[(i & 1) as usize] as i64;
            self.owner[i as usize] = step.x as u8;
        }
        sum
    }
}

#[no_mangle]
pub extern "C" fn user_entrypoint(length: usize) -> usize {
    let mut input = [0u8; 36];
    if length == 0 || length > input.len() {
        return 1;
    }
    unsafe { read_args(input.as_mut_ptr()) };
    let home = Point { x: -3, y: 1 };
    let amount = input[0] as u32;
    let letter = 'é';
    let pair = (amount > 3, u64::MAX);
    let shape = Shape::Line { from: home, length: amount as u16 + 7 };
    let color = if pair.0 { Color::Green } else { Color::Red };
    let mut wallet = Wallet { owner: [0xab; 8], name: "savings", shape, color, limit: Some(12), next: Some(&home) };
    let sum = wallet.spend(amount, &[7, 9]);
    let result = sum + letter as i64 + wallet.limit.unwrap_or(0) as i64 + wallet.color as i64;
    unsafe { write_result(&result as *const i64 as *const u8, 8) };
    (wallet.next.is_none() || wallet.name.is_empty() || pair.1 == 0) as usize
}
