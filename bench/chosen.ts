/**
 * What a flag such as `--peers a,b` names of all that is known, or all of that without the flag.
 *
 * @throws Error for a name that is not known
 */
export function chosen<V extends string>(
  flag: string,
  given: string | undefined,
  known: readonly V[],
): readonly V[] {
  const asked = given?.split(',') ?? known;
  const unknown = asked.filter((one) => !known.includes(one as V));
  if (unknown.length > 0)
    throw new Error(`--${flag} ${unknown.join(',')}: one of ${known.join(', ')}`);
  return asked as readonly V[];
}
