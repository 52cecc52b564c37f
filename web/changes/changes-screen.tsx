// To be written.
export function ChangesScreen() {
  return <h1>ChangesScreen</h1>;
}
