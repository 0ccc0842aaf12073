/** As much of Effect as the bench uses: its own types want those of a browser. */
declare const KIND: unique symbol;

/** A description of work that yields `A`. */
export interface Work<A> extends Iterable<unknown, A> {
  readonly [KIND]: A;
}

export interface EffectModule {
  readonly Effect: {
    promise<A>(evaluate: () => Promise<A>): Work<A>;
    sync<A>(evaluate: () => A): Work<A>;
    acquireRelease<A>(acquire: Work<A>, release: (value: A) => Work<unknown>): Work<A>;
    andThen<A, B>(first: Work<A>, next: (value: A) => Work<B>): Work<B>;
    scoped<A>(work: Work<A>): Work<A>;
    timeout<A>(work: Work<A>, ms: number): Work<A>;
    gen(steps: () => Generator<unknown, void>): Work<void>;
    runPromise<A>(work: Work<A>, options?: { readonly signal: AbortSignal }): Promise<A>;
  };
  readonly Pool: {
    makeWithTTL<A>(options: {
      readonly acquire: Work<A>;
      readonly min: number;
      readonly max: number;
      readonly timeToLive: number;
      readonly timeToLiveStrategy: 'usage';
    }): Work<LentFrom<A>>;
    get<A>(pool: LentFrom<A>): Work<A>;
    use<A, B>(pool: LentFrom<A>, work: (value: A) => Work<B>): Work<B>;
  };
  readonly Scope: { makeUnsafe(): object; provide<A>(work: Work<A>, scope: object): Work<A> };
}

interface LentFrom<A> {
  readonly [KIND]: A;
}
