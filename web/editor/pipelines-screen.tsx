// To be written.
export function PipelinesScreen() {
  return <h1>PipelinesScreen</h1>;
}
