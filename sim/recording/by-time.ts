/** Indices in ascending order of the values; equal values keep their order. */
export function byTime(values: Float64Array): Uint32Array {
  const order = Uint32Array.from(values, (_value, index) => index);
  const isSorted = values.every((value, index) => index === 0 || value >= (values[index - 1] ?? 0));
  if (isSorted) return order;
  return order.toSorted((one, other) => (values[one] ?? 0) - (values[other] ?? 0) || one - other);
}
