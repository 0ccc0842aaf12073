/** Members by their abort signal, with one listener per signal, whatever the number of members. */
export class AbortListeners<M> {
  readonly #groups = new Map<AbortSignal, Group<M>>();
  readonly #aborted: (member: M, reason: unknown) => void;

  /** `aborted` is called for every member whose signal fires, in the order they were added. */
  constructor(aborted: (member: M, reason: unknown) => void) {
    this.#aborted = aborted;
  }

  add(signal: AbortSignal, member: M): void {
    let group = this.#groups.get(signal);
    if (group === undefined) {
      group = { members: new Set(), listener: () => this.#fire(signal) };
      this.#groups.set(signal, group);
      signal.addEventListener('abort', group.listener, { once: true });
    }
    group.members.add(member);
  }

  remove(signal: AbortSignal, member: M): void {
    const group = this.#groups.get(signal);
    if (group === undefined || !group.members.delete(member) || group.members.size > 0) return;
    this.#groups.delete(signal);
    signal.removeEventListener('abort', group.listener);
  }

  #fire(signal: AbortSignal): void {
    const group = this.#groups.get(signal);
    this.#groups.delete(signal);
    for (const member of group?.members ?? []) this.#aborted(member, signal.reason);
  }
}

interface Group<M> {
  readonly members: Set<M>;
  readonly listener: () => void;
}
