/** 95 % of a normal distribution lie within so many standard deviations. */
const z = 1.959964;

/**
 * Between which shares that of the whole lies, with a confidence of 95 %, when so many of a random sample fit: Wilson's
 * score interval, which holds for rare things, too.
 * Source: E. B. Wilson, Probable Inference, the Law of Succession, and Statistical Inference, JASA 22 (1927).
 */
export function wilsonInterval(
  fitting: number,
  sample: number,
): { readonly low: number; readonly high: number } {
  if (sample === 0) return { low: 0, high: 1 };
  const share = fitting / sample;
  const spread = z * Math.sqrt((share * (1 - share)) / sample + (z * z) / (4 * sample * sample));
  const scale = 1 + (z * z) / sample;
  const middle = share + (z * z) / (2 * sample);
  return { low: Math.max(0, (middle - spread) / scale), high: Math.min(1, (middle + spread) / scale) };
}
