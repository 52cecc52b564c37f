// What a measurement gives: our figure, the floor or peer it was measured against in the same run, and their ratio.
export type Figure = {
  name: string;
  unit: 'ms' | '%' | 'MB' | 'KB';
  ours: number;
  /** What the same machine needs at the least, or what a peer needs; in the same unit. */
  floor?: { name: string; value: number };
  /** What we promise; absent where there is no promise. */
  limit?: number;
  note?: string;
};

export function quantile(values: readonly number[], fraction: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(fraction * sorted.length))] ?? Number.NaN;
}

export function table(figures: readonly Figure[]): string {
  const rows = figures.map(({ name, unit, ours, floor, limit, note }) => [
    name,
    `${digits(ours)} ${unit}`,
    floor ? `${digits(floor.value)} ${unit} (${floor.name})` : '',
    floor ? `${digits(ours / floor.value)}×` : '',
    limit === undefined ? '' : `< ${limit} ${unit} ${ours < limit ? 'holds' : 'MISSED'}`,
    note ?? '',
  ]);
  return [
    ['figure', 'ours', 'floor', 'ratio', 'promise', 'note'],
    ['---', '---', '---', '---', '---', '---'],
    ...rows,
  ]
    .map((row) => `| ${row.join(' | ')} |`)
    .join('\n');
}

function digits(value: number): string {
  return value >= 100 ? value.toFixed(0) : value >= 10 ? value.toFixed(1) : value.toFixed(2);
}
