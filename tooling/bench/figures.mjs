/** Numbers made of several runs. */
export const median = (values) => quantile(values, 0.5)

export function quantile(values, q) {
  const sorted = [...values].sort((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * q))]
}

export const rounded = (value, digits = 1) => Math.round(value * 10 ** digits) / 10 ** digits
