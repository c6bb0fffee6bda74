/*
 * `wasm3-peer FILE ARGUMENT TIMES`: calls `run` of a module once, then so many times on the clock, and prints its result and
 * the nanoseconds of the processor that those took.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "m3_env.h"
#include "wasm3.h"

#define STACK_BYTES (1024 * 1024)

/* What 0.5 calls otherwise; before it, a result had to be taken from the stack. */
#if M3_VERSION_MAJOR > 0 || M3_VERSION_MINOR > 4
#define m3_CallWithArgs m3_CallArgv
#define RESULT_OF(run, runtime, to) check(m3_GetResultsV(run, to))
#else
#define RESULT_OF(run, runtime, to) *(to) = *(int64_t *)(runtime)->stack
#endif

static void check(M3Result result) {
  if (result == m3Err_none) return;
  fprintf(stderr, "wasm3-peer: %s\n", result);
  exit(1);
}

static int64_t processorTime(void) {
  struct timespec time;
  if (clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time) != 0) check("the system tells no processor time");
  return (int64_t)time.tv_sec * 1000000000 + time.tv_nsec;
}

int main(int count, char **arguments) {
  if (count != 4) check("wasm3-peer FILE ARGUMENT TIMES");
  FILE *file = fopen(arguments[1], "rb");
  if (file == NULL) check("no such file");
  fseek(file, 0, SEEK_END);
  long length = ftell(file);
  rewind(file);
  uint8_t *bytes = malloc(length);
  if (bytes == NULL || fread(bytes, 1, length, file) != (size_t)length) check("the file cannot be read");
  fclose(file);
  IM3Environment environment = m3_NewEnvironment();
  IM3Runtime runtime = m3_NewRuntime(environment, STACK_BYTES, NULL);
  IM3Module module;
  check(m3_ParseModule(environment, &module, bytes, length));
  check(m3_LoadModule(runtime, module));
  IM3Function run;
  check(m3_FindFunction(&run, runtime, "run"));
  const char *const given[] = {arguments[2]};
  const int times = atoi(arguments[3]);
  check(m3_CallWithArgs(run, 1, given));
  const int64_t before = processorTime();
  for (int i = 0; i < times; i++) check(m3_CallWithArgs(run, 1, given));
  const int64_t after = processorTime();
  int64_t result;
  RESULT_OF(run, runtime, &result);
  printf("%" PRId64 " %" PRId64 "\n", result, after - before);
  return 0;
}
