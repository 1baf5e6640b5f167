/* What test/bench/export.ts times and counts: control steps over the inputs of the self-test, again and again. */
#define WINDHOVER_SELF_TEST
#define WINDHOVER_IMPLEMENTATION
#include "policy.h"

#ifndef STEPS
#define STEPS 1
#endif

static windhover_state state;
static windhover_output output;

static void fly(int steps) {
  const int inputs = (int)(sizeof WINDHOVER_TEST_SENSORS / sizeof WINDHOVER_TEST_SENSORS[0]);
  int i;
  for (i = 0; i < steps; i++) windhover_step(&state, &WINDHOVER_TEST_SENSORS[i % inputs], &output);
}

#ifdef BARE
/* without a C library, under qemu-arm: no more than a start, and Linux's exit */
void *memset(void *place, int value, unsigned size);
void *memset(void *place, int value, unsigned size) {
  volatile unsigned char *byte = (volatile unsigned char *)place;
  while (size--) *byte++ = (unsigned char)value;
  return place;
}

void _start(void);
void _start(void) {
  float worst;
  const int wrong = windhover_self_test(&state, &worst);
  fly(STEPS);
  __asm__ volatile("mov r0, %0\n mov r7, #1\n svc 0" : : "r"(wrong) : "r0", "r7");
}
#else
#include <stdio.h>
#include <time.h>

int main(void) {
  const int steps = 200000;
  float worst;
  clock_t start;
  if (windhover_self_test(&state, &worst)) return 1;
  start = clock();
  fly(steps);
  printf("%g\n", (double)(clock() - start) / CLOCKS_PER_SEC / steps * 1e9);
  return 0;
}
#endif
