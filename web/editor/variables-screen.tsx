// To be written.
export function VariablesScreen() {
  return <h1>VariablesScreen</h1>;
}
