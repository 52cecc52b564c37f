// What the command line touches outside: handed in, so that a test can be the terminal.
export type Io = {
  env: Record<string, string | undefined>;
  out(text: string): void;
  err(text: string): void;
  stdin(): Promise<string>;
};
