const range = (low: number, high: number): [number, number] => [low, high];

/** The ranges that domain randomisation draws from unless told otherwise; what each means stands in randomisation.ts. */
export const USUAL_RANGES = {
  mass_ratio: range(0.8, 1.2),
  inertia_ratio: range(0.8, 1.2),
  thrust_ratio: range(0.8, 1.2),
  motor_ratio: range(0.9, 1.1),
  torquePerThrust_ratio: range(0.8, 1.2),
  lag_ratio: range(0.5, 2),
  drag_ratio: range(0.5, 2),
  latency_s: range(0, 0.02), // of vehicles with 10 ms; of others as far about theirs
  charge: range(0, 1),
  sag_ratio: range(0.5, 1.5),
  drain_ratio: range(0.7, 1.5),
  centreOfMass_ratio: range(-0.03, 0.03),
  noise_ratio: range(0.5, 2),
  bias_ratio: range(-1, 1),
  windHorizontal_m_s: range(-1, 1),
  windVertical_m_s: range(-0.2, 0.2),
  gust_m_s: range(0, 0.5),
  sensorDelay_ratio: range(0.5, 1.5),
  estimatorLag_ratio: range(0.5, 2),
  minThrustToWeight: 1.3,
};
