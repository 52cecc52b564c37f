// To be written.
export function RevisionsScreen() {
  return <h1>RevisionsScreen</h1>;
}
