import type { PolicyOption } from '../control/policies/index.js';
import type { Signals } from '../control/signals.js';
import type { AutoscalerHost, AutoscalerSettings } from './ports.js';
import { recordOf } from './record.js';
import { Shadow, type ShadowDecision } from './shadow.js';

type Listener = Pick<AutoscalerHost<unknown, unknown>, 'decided' | 'policyFailed' | 'wantsShadows'>;

/** Every policy that only observes. */
export class Shadows {
  readonly #shadows: readonly Shadow[];

  private constructor(shadows: readonly Shadow[]) {
    this.#shadows = shadows;
  }

  /**
   * The shadows that the settings ask for, or null for none: those of `shadow`, and before them the policy itself while it
   * only observes. Those that were there already go on.
   */
  static of(settings: AutoscalerSettings, before: Shadows | null): Shadows | null {
    const { mode, policy, shadow, waitObjectiveMs, tickMs } = settings;
    const options = mode === 'observe' ? [policy, ...shadow] : shadow;
    if (options.length === 0) return null;
    const config = { waitObjectiveMs, tickMs, isObserving: true };
    const left = before === null ? [] : [...before.#shadows];
    const count = new Map<string, number>();
    const shadows = options.map((option) => {
      const policyName = nameOf(option);
      const number = (count.get(policyName) ?? 0) + 1;
      count.set(policyName, number);
      const name = number === 1 ? policyName : `${policyName}-${number}`;
      const at = left.findIndex((one) => one.option === option && one.name === name);
      const known = at < 0 ? undefined : left.splice(at, 1)[0];
      if (known === undefined) return new Shadow(name, option, config);
      known.configure(config);
      return known;
    });
    return new Shadows(shadows);
  }

  /** In mode `observe` the policy itself. */
  get first(): Shadow {
    const [first] = this.#shadows;
    if (first === undefined) throw new Error('bug: no shadow');
    return first;
  }

  /** Whether all of them would hold this many. */
  areAt(size: number): boolean {
    return this.#shadows.every(({ target }) => target === null || target === size);
  }

  /** Lets all of them decide; the function returned tells the host what they would have done. */
  ask(signals: Signals, settings: AutoscalerSettings, host: Listener): () => void {
    const reports: (() => void)[] = [];
    for (const shadow of this.#shadows) {
      const { name } = shadow;
      const made = shadow.ask(signals, (error) =>
        reports.push(() => host.policyFailed(error, name, 'observe')),
      );
      if (made !== null) reports.push(() => this.#tell(name, made, settings, host));
    }
    return () => {
      for (const report of reports) report();
    };
  }

  #tell(
    name: string,
    { decision, signals }: ShadowDecision,
    settings: AutoscalerSettings,
    host: Listener,
  ): void {
    if (!host.wantsShadows) return;
    host.decided(recordOf(settings, name, 'observe', decision, signals));
  }
}

function nameOf(option: PolicyOption): string {
  return typeof option === 'string' ? option : option.name;
}
