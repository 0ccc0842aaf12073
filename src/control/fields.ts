/** Says in words what a field must be when the value is not that, and null when it is. */
export type FieldRule = (value: unknown) => string | null;

/** A number in a closed range, with `Infinity` allowed only when `max` is Infinity. */
export function numberFrom(min: number, max: number): FieldRule {
  const text = `a number from ${min} to ${max}`;
  return (value) => (typeof value === 'number' && value >= min && value <= max ? null : text);
}

/** An integer in a closed range, with `Infinity` allowed only when `max` is Infinity. */
export function integerFrom(min: number, max: number): FieldRule {
  const text = `an integer from ${min} to ${max}`;
  return (value) =>
    typeof value === 'number' &&
    value >= min &&
    value <= max &&
    (Number.isInteger(value) || value === Number.POSITIVE_INFINITY)
      ? null
      : text;
}

/** A string of at least one character. */
export const someText: FieldRule = (value) =>
  typeof value === 'string' && value !== '' ? null : 'a string that is not empty';

/** Anything that can be called. */
export const someFunction: FieldRule = (value) =>
  typeof value === 'function' ? null : 'a function';

/** A boolean. */
export const trueOrFalse: FieldRule = (value) =>
  typeof value === 'boolean' ? null : 'true or false';

/** One of these strings. */
export function oneOf(...known: readonly string[]): FieldRule {
  const text = `one of ${known.join(', ')}`;
  return (value) => (typeof value === 'string' && known.includes(value) ? null : text);
}

/** An object that has these functions. */
export function objectWith(...methods: readonly string[]): FieldRule {
  const text = `an object with ${methods.map((method) => `${method}()`).join(', ')}`;
  return (value) =>
    typeof value === 'object' &&
    value !== null &&
    methods.every((method) => typeof (value as Record<string, unknown>)[method] === 'function')
      ? null
      : text;
}

/**
 * Every problem of `given`, one sentence each: a field outside its rule, a required field that is missing, a field that
 * nobody knows. Fields set to undefined count as not given, inherited ones as given.
 */
export function findProblems(
  given: unknown,
  rules: Readonly<Record<string, FieldRule>>,
  required: readonly string[] = [],
  prefix = '',
): string[] {
  if (typeof given !== 'object' || given === null || Array.isArray(given)) {
    return [`${prefix === '' ? 'the options' : prefix} must be an object, got ${show(given)}`];
  }
  const path = prefix === '' ? '' : `${prefix}.`;
  const values = given as Readonly<Record<string, unknown>>;
  const problems: string[] = [];
  for (const field of required) {
    if (values[field] === undefined) problems.push(`${path}${field} is required`);
  }
  // By the rules first: the value of an inherited field or of a getter counts, too.
  for (const field in rules) {
    const value = values[field];
    if (value === undefined) continue;
    const must = rules[field]?.(value) ?? null;
    if (must !== null) problems.push(`${path}${field} must be ${must}, got ${show(value)}`);
  }
  for (const field in values) {
    const value = values[field];
    if (Object.hasOwn(rules, field) || value === undefined) continue;
    // The methods of a class are no options that somebody gave.
    if (typeof value === 'function' && !Object.hasOwn(values, field)) continue;
    problems.push(`${path}${field} is not an option; known: ${Object.keys(rules).join(', ')}`);
  }
  return problems;
}

/** What to throw where an argument should have been a function. */
export function notFunction(what: string, given: unknown): TypeError {
  return new TypeError(`${what} must be a function, got ${show(given)}`);
}

/** A value as an error message may show it: short, and never the inside of an object. */
export function show(value: unknown): string {
  if (typeof value === 'string') {
    // A string where an object was meant is often a URL or a connection string, with a password in it.
    if (value.includes('://')) return 'a URL';
    if (value.includes('=')) return "a string with '='";
    return JSON.stringify(value.length > 40 ? `${value.slice(0, 40)}…` : value);
  }
  if (Array.isArray(value)) return 'an array';
  if (typeof value === 'object' && value !== null) return 'an object';
  return typeof value === 'function' ? 'a function' : String(value);
}
