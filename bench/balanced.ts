/**
 * The order of a round. Over as many rounds as there are items, or twice as many if they are odd, each is as often at each
 * place, and as often right after each other one: who comes after a like one finds caches full of what it needs itself, and
 * who always does seems faster than it is. E. J. Williams, "Experimental designs balanced for the estimation of residual
 * effects of treatments", 1949.
 */
export function balanced<T>(items: readonly T[], round: number): readonly T[] {
  const { length } = items;
  // 0, 1, n - 1, 2, n - 2, …: no two neighbours are the same distance apart.
  const order = items.map((_, place) => {
    const distance = place % 2 === 1 ? (place + 1) / 2 : length - place / 2;
    return items[(round + distance) % length] as T;
  });
  return Math.floor(round / length) % 2 === 1 ? order.toReversed() : order;
}
