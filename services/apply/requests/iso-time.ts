// Times as the API, and whoever reads a sentence of it, is told them.

export function isoTime(ms: number): string {
  return new Date(ms).toISOString();
}
