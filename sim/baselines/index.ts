import type { Policy } from '../../src/control/policy.js';
import { flexyPool, hikaricp, psycopg } from './one-at-a-time.js';
import { genericPool, nodeRedis, npgsql, pgPool } from './per-waiter.js';
import { knativeKpa, knativeKpaFast, kubernetesHpa, kubernetesHpaFast } from './pod-autoscalers.js';

/** Name of another pool's sizing rule. */
export type BaselineName = `baseline:${
  | 'generic-pool'
  | 'node-redis'
  | 'pg-pool'
  | 'npgsql'
  | 'hikaricp'
  | 'psycopg'
  | 'flexypool'
  | 'knative-kpa'
  | 'knative-kpa-fast'
  | 'kubernetes-hpa'
  | 'kubernetes-hpa-fast'}`;

/**
 * Sizing rules of other pools and autoscalers, to compare with. They are models of a rule, not of a product: queueing,
 * timeouts and creates are this pool's. Not meant for use in production, and not exported as policies.
 */
const BASELINES: Readonly<Record<BaselineName, object>> = {
  'baseline:generic-pool': genericPool,
  'baseline:node-redis': nodeRedis,
  'baseline:pg-pool': pgPool,
  'baseline:npgsql': npgsql,
  'baseline:hikaricp': hikaricp,
  'baseline:psycopg': psycopg,
  'baseline:flexypool': flexyPool,
  'baseline:knative-kpa': knativeKpa,
  'baseline:knative-kpa-fast': knativeKpaFast,
  'baseline:kubernetes-hpa': kubernetesHpa,
  'baseline:kubernetes-hpa-fast': kubernetesHpaFast,
};

/** Names of all baselines. */
export const BASELINE_NAMES: readonly BaselineName[] = Object.keys(
  BASELINES,
) as readonly BaselineName[];

/** Whether `name` is that of a baseline. */
export function isBaselineName(name: unknown): name is BaselineName {
  return typeof name === 'string' && Object.hasOwn(BASELINES, name);
}

/** The rule of that name, as a policy. */
export function baselinePolicy(name: BaselineName): Policy {
  // State and configuration of a policy are its own business: whoever calls it hands back what it returned.
  return BASELINES[name] as Policy;
}
