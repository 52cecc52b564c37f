// Prometheus metrics: one registry a service, its name in every metric's, so that four services in one process stay apart.
import { Counter, Gauge, Histogram, Registry } from 'prom-client';

/** Seconds. From one tenth of a millisecond, where edits live, to ten seconds. */
const LATENCY_BUCKETS_S = [
  0.0001, 0.0005, 0.001, 0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10,
];

export type SetGauge = (value: number, labels?: Record<string, string>) => void;
export type AddTotal = (total: number, labels?: Record<string, string>) => void;

export type Metrics = {
  /** What is counted a thousand times a second is counted by whoever does it, and `read` asked for when somebody looks. */
  counter(name: string, help: string, labels?: string[], read?: (add: AddTotal) => void): Counter;
  /** `read` is asked whenever somebody looks, instead of being told of every change. */
  gauge(name: string, help: string, labels?: string[], read?: (set: SetGauge) => void): Gauge;
  /** Seconds. */
  latency(name: string, help: string, labels?: string[]): Histogram;
  registry: Registry;
};

/** Names get the prefix `hakiri_<service>_`. */
export function createMetrics(service: string): Metrics {
  const registry = new Registry();
  const named = (name: string, help: string, labelNames: string[] = []) => ({
    name: `hakiri_${service}_${name}`,
    help,
    labelNames,
    registers: [registry],
  });
  return {
    counter: (name, help, labels, read) => {
      const counter: Counter = new Counter({
        ...named(name, help, labels),
        ...(read === undefined ? {} : { collect }),
      });
      function collect(): void {
        counter.reset();
        read?.((total, labels = {}) => counter.inc(labels, total));
      }
      return counter;
    },
    gauge: (name, help, labels, read) => {
      const gauge: Gauge = new Gauge({
        ...named(name, help, labels),
        ...(read === undefined ? {} : { collect }),
      });
      /** What is gone is not told any more. */
      function collect(): void {
        gauge.reset();
        read?.((value, labels = {}) => gauge.set(labels, value));
      }
      return gauge;
    },
    latency: (name, help, labels) =>
      new Histogram({ ...named(name, help, labels), buckets: LATENCY_BUCKETS_S }),
    registry,
  };
}
