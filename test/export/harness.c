/* What the tests of exported C code run: the policy by way of stdin and stdout, or a look at its parts. */
#define WINDHOVER_IMPLEMENTATION
#include "policy.h"
#include "policy.h" /* harmless */

#include <stdio.h>
#include <string.h>

/* Each record: which of two vehicles, whether to reset it first, sensors. Each answer: what step returned, output. */
static int serve(void) {
  static windhover_state states[2];
  windhover_sensors sensors;
  windhover_output output;
  float head[2];
  memset(&output, 0, sizeof output);
  while (fread(head, sizeof head, 1, stdin) == 1 && fread(&sensors, sizeof sensors, 1, stdin) == 1) {
    windhover_state *state = &states[head[0] > 0.0f];
    float answer;
    if (head[1] > 0.0f) windhover_reset(state);
    answer = (float)windhover_step(state, &sensors, &output);
    fwrite(&answer, sizeof answer, 1, stdout);
    fwrite(&output, sizeof output, 1, stdout);
    fflush(stdout);
  }
  return 0;
}

#ifdef MATH_TEST
/* Pairs (x, y) in, exp(x), log(y), tanh(x) and y^0.7 out. */
static int math(void) {
  float pair[2], answers[4];
  while (fread(pair, sizeof pair, 1, stdin) == 1) {
    answers[0] = windhover_exp(pair[0]);
    answers[1] = windhover_log(pair[1]);
    answers[2] = windhover_tanh(pair[0]);
    answers[3] = windhover_power(pair[1], 0.7f);
    fwrite(answers, sizeof answers, 1, stdout);
  }
  return 0;
}
#endif

int main(int count, char **words) {
  (void)words;
#ifdef MATH_TEST
  (void)count;
  return math();
#else
  if (count == 1) return serve();
#ifdef WINDHOVER_SELF_TEST
  {
    static windhover_state state;
    float worst;
    const int wrong = windhover_self_test(&state, &worst);
    printf("%d %g\n", wrong, (double)worst);
  }
#endif
  printf("%u %u\n", (unsigned)sizeof(windhover_state),
         (unsigned)(sizeof WINDHOVER_WEIGHTS + sizeof WINDHOVER_MEAN + sizeof WINDHOVER_PER_STD));
  return 0;
#endif
}
