typedef unsigned int u32;

static inline u32 add_one(u32 n) {
  return n + 1;
}

__attribute__((noinline)) static u32 twice(u32 n) {
  u32 more = add_one(n);
  return more * n;
}

u32 user_entrypoint(u32 length) {
  if (length > 4)
    return twice(length);
  return add_one(length) / length;
}
