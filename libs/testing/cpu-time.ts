// What this process has computed so far: a bound on it says what work costs, however busy the machine is with other processes.

export function cpuMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1_000;
}
