import { float } from './literals.ts';

/** ln 2 in two parts: the first has so few digits that a whole number times it is exact. */
const HIGH = Math.round(Math.LN2 * 65536) / 65536;
const LOW = Math.LN2 - HIGH;

/**
 * `exp`, `log` and `power` in C, of floats and of +, −, ×, ÷ alone: no library, and the same numbers on every
 * machine that does not fuse multiplications with additions. Each is within 4 units in the last place where the policy
 * uses it, which a test measures.
 */
export const MATH = `
/* e^x: x = n ln 2 + r, |r| <= ln 2 / 2; Taylor's series of e^r up to r^7, whose rest is below 1e-8 */
static float windhover_exp(float x) {
  union { float value; uint32_t bits; } power_of_two;
  float n, r;
  if (x < -87.0f) return 0.0f;
  if (x > 88.0f) x = 88.0f;
  n = (float)(int32_t)(x * ${float(Math.LOG2E)} + (x < 0.0f ? -0.5f : 0.5f));
  r = (x - n * ${float(HIGH)}) - n * ${float(LOW)};
  power_of_two.bits = (uint32_t)((int32_t)n + 127) << 23;
  r = 1.0f + r * (1.0f + r * (${float(1 / 2)} + r * (${float(1 / 6)} + r * (${float(1 / 24)} +
      r * (${float(1 / 120)} + r * (${float(1 / 720)} + r * ${float(1 / 5040)}))))));
  return power_of_two.value * r;
}

/* ln x, x > 0: x = 2^n m, sqrt(1/2) <= m < sqrt(2); ln m = 2 artanh((m - 1) / (m + 1)), whose series' rest is below 1e-8 */
static float windhover_log(float x) {
  union { float value; uint32_t bits; } part;
  int32_t n;
  float s, z;
  part.value = x;
  n = (int32_t)(part.bits >> 23) - 127;
  part.bits = (part.bits & 0x7fffffu) | 0x3f800000u;
  if (part.value > ${float(Math.SQRT2)}) {
    part.value *= 0.5f;
    n++;
  }
  s = (part.value - 1.0f) / (part.value + 1.0f);
  z = s * s;
  s = 2.0f * s * (1.0f + z * (${float(1 / 3)} + z * (${float(1 / 5)} + z * (${float(1 / 7)} + z * ${float(1 / 9)}))));
  return (float)n * ${float(HIGH)} + ((float)n * ${float(LOW)} + s);
}

/* x^y, x >= 0, y != 0 */
static float windhover_power(float x, float y) {
  return x > 0.0f ? windhover_exp(y * windhover_log(x)) : 0.0f;
}
`;

/** `tanh` in C, by {@link MATH}. */
export const TANH = `
/* tanh x: near 0 its continued fraction, further out by e^(-2|x|), where nothing cancels */
static float windhover_tanh(float x) {
  const float z = x * x;
  float e;
  if (z < 0.4f) return x * (945.0f + z * (105.0f + z)) / (945.0f + z * (420.0f + z * 15.0f));
  e = windhover_exp(x < 0.0f ? 2.0f * x : -2.0f * x);
  e = (1.0f - e) / (1.0f + e);
  return x < 0.0f ? -e : e;
}
`;
