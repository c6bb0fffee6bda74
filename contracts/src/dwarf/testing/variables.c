/* Variables of every kind that the reader knows: see makeVectors.mjs. */
typedef unsigned char u8;
typedef unsigned int u32;
typedef long long i64;

enum color { RED, GREEN = 5, DARK = -1 };
struct point { int x; i64 y; };
struct account {
  u8 owner[20];
  u32 flags : 3, kind : 5;
  struct point at;
  const struct point *to;
  enum color color;
  union { u32 number; u8 bytes[4]; } either;
};

__attribute__((import_module("vm_hooks"), import_name("read_args"))) void read_args(u8 *to);
__attribute__((import_module("vm_hooks"), import_name("write_result"))) void write_result(const u8 *from, u32 length);

static u32 total = 7;

static inline __attribute__((always_inline)) u32 weighed(u32 amount, const struct point *where) {
  u32 weight = amount * 3 + (u32)where->x;
  if (weight == 0) __builtin_trap();
  return weight;
}

__attribute__((noinline)) static i64 moved(struct account *account, u32 amount, const char *note) {
  i64 sum = account->at.y;
  for (u32 i = 0; i < amount; i++) {
    struct point step = { (int)i - 1, (i64)i * 10000000000 };
    sum += step.y + weighed(i + 1, &account->at);
    account->either.number += note[i & 3];
  }
  total += amount;
  return sum / (i64)(amount - total + 7 + 2);
}

u32 user_entrypoint(u32 length) {
  u8 input[36] = { 0 };
  if (length == 0 || length > sizeof input) return 1;
  read_args(input);
  struct point home = { -3, 1 };
  struct account account = { { 0xde, 0xad }, 5, 9, { -6, -2 }, &home, DARK, { 0x01020304 } };
  u32 amount = input[0];
  _Bool is_small = amount < 10;
  i64 result = moved(&account, amount, "note");
  if (!is_small) result += 2;
  write_result((const u8 *)&result, sizeof result);
  return 0;
}
