// Reads settings from an environment that main.ts hands over. Every setting says its name, bounds and default in one place;
// a wrong one stops the start with a sentence that says how to mend it.

export type Environment = Record<string, string | undefined>;

export class ConfigError extends Error {
  override readonly name = 'ConfigError';
}

export function textSetting(env: Environment, name: string, fallback?: string): string {
  const value = env[name] ?? fallback;
  if (value === undefined || value === '') throw new ConfigError(`Set ${name}: it has no default.`);
  return value;
}

export function integerSetting(
  env: Environment,
  name: string,
  bounds: { fallback: number; min: number; max: number },
): number {
  const text = env[name];
  if (text === undefined || text === '') return bounds.fallback;
  const value = Number(text);
  if (Number.isInteger(value) && value >= bounds.min && value <= bounds.max) return value;
  throw new ConfigError(
    `${name} is "${text}": it must be a whole number from ${bounds.min} to ${bounds.max}.`,
  );
}

export function choiceSetting<Choice extends string>(
  env: Environment,
  name: string,
  choices: readonly Choice[],
  fallback: Choice,
): Choice {
  const text = env[name];
  if (text === undefined || text === '') return fallback;
  const choice = choices.find((candidate) => candidate === text);
  if (choice !== undefined) return choice;
  throw new ConfigError(`${name} is "${text}": it must be one of ${choices.join(', ')}.`);
}
