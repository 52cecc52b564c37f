// What a soak is asked for: whole numbers, or nothing. Anything else is refused before hours go by.

/** Why not; undefined when `args` are at most `limit` whole numbers from 1 on. */
export function refusalOf(args: readonly string[], limit: number): string | undefined {
  const wrong = args.find((arg) => !/^[1-9]\d{0,14}$/.test(arg));
  if (wrong !== undefined) return `${wrong} is neither a command nor a whole number from 1 on`;
  return args.length > limit ? `${args[limit]} is one argument too many` : undefined;
}
