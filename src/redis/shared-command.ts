import { Redis } from 'ioredis';
import { CommandNeedsLeaseError } from '../errors.js';
import { mayBeExclusive, whyExclusive } from './command-traits.js';

/** A client or pipeline, of which any command is called by the name of its method. */
export type Commander = Readonly<Record<string, ((...args: unknown[]) => unknown) | undefined>>;

/** A method of ioredis that sends a command. */
export interface Method {
  readonly name: string;
  /** Why such a call needs a connection of its own; null if it does not. */
  readonly refuse: (args: readonly unknown[]) => CommandNeedsLeaseError | null;
}

/** Never refused, and no reason to look at arguments. */
const pass = (): null => null;

/** Why a call by the name of its command needs a connection of its own. */
export const refuseCall: Method['refuse'] = ([command, ...args]) =>
  refusalOf(String(command).toLowerCase(), args);

/** Every method of ioredis that sends a command. The transactions of {@link Redis} are not among them. */
export const METHODS: readonly Method[] = [
  ...[...Redis.prototype.getBuiltinCommands(), 'monitor'].flatMap((command) => {
    const refuse = mayBeExclusive(command)
      ? (args: readonly unknown[]) => refusalOf(command, args)
      : pass;
    return [command, `${command}Buffer`].map((name) => ({ name, refuse }));
  }),
  ...['call', 'callBuffer'].map((name) => ({ name, refuse: refuseCall })),
];

/** Methods of commands that were defined on every client under these names. */
export function definedMethods(names: readonly string[]): readonly Method[] {
  return names.flatMap((name) =>
    [name, `${name}Buffer`].map((own) => ({ name: own, refuse: pass })),
  );
}

/** Calls a method of a client or pipeline by its name. */
export function invoke(target: Commander, name: string, args: readonly unknown[]): unknown {
  const method = target[name];
  if (method === undefined) throw new TypeError(`the client has no command ${name}`);
  return method.apply(target, args as unknown[]);
}

function refusalOf(command: string, args: readonly unknown[]): CommandNeedsLeaseError | null {
  const why = whyExclusive(command, args);
  return why === null ? null : new CommandNeedsLeaseError(command.toUpperCase(), why);
}
