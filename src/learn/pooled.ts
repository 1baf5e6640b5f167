import type { Evaluation } from '../evaluate/evaluate.ts';
import { wilson95 } from '../evaluate/interval.ts';

/** Two sets of episodes of one policy as one: what is known of it by both. Named by the first one's seed. */
export function pooled(a: Evaluation, b: Evaluation): Evaluation {
  const episodes = a.episodes + b.episodes;
  const mean = (of: (evaluation: Evaluation) => number) => (of(a) * a.episodes + of(b) * b.episodes) / episodes;
  const successRate = mean(({ successRate }) => successRate);
  return {
    episodes,
    seed: a.seed,
    successRate,
    successCi95: wilson95(Math.round(successRate * episodes), episodes),
    positionRmseM: Math.sqrt(mean(({ positionRmseM }) => positionRmseM ** 2)), // of episodes much alike in length
    crashRate: mean(({ crashRate }) => crashRate),
  };
}
