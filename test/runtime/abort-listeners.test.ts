import { describe, expect, it, vi } from 'vitest';
import { AbortListeners } from '../../src/runtime/abort-listeners.js';

describe('abort listeners', () => {
  it('tell every member of the signal that fired, in order, with its reason', () => {
    const told = vi.fn();
    const listeners = new AbortListeners<string>(told);
    const one = new AbortController();
    const other = new AbortController();
    listeners.add(one.signal, 'a');
    listeners.add(other.signal, 'b');
    listeners.add(one.signal, 'c');
    one.abort('why');
    expect(told.mock.calls).toEqual([
      ['a', 'why'],
      ['c', 'why'],
    ]);
  });

  it('forget a member that was removed, also in the middle of telling', () => {
    const told: string[] = [];
    const { signal, ...controller } = abortable();
    const listeners: AbortListeners<string> = new AbortListeners((member) => {
      told.push(member);
      listeners.remove(signal, member);
    });
    listeners.add(signal, 'a');
    listeners.add(signal, 'b');
    listeners.add(signal, 'c');
    listeners.remove(signal, 'b');
    controller.abort();
    expect(told).toEqual(['a', 'c']);
  });

  it('listen once per signal, and stop with the last member', () => {
    const listeners = new AbortListeners<number>(() => {});
    const { signal } = new AbortController();
    const add = vi.spyOn(signal, 'addEventListener');
    const remove = vi.spyOn(signal, 'removeEventListener');
    for (let member = 0; member < 100; member += 1) listeners.add(signal, member);
    for (let member = 0; member < 100; member += 1) listeners.remove(signal, member);
    listeners.remove(signal, 5);
    expect(add).toHaveBeenCalledTimes(1);
    expect(remove).toHaveBeenCalledTimes(1);
    listeners.add(signal, 1);
    expect(add).toHaveBeenCalledTimes(2);
  });
});

function abortable(): { signal: AbortSignal; abort: () => void } {
  const controller = new AbortController();
  return { signal: controller.signal, abort: () => controller.abort() };
}
