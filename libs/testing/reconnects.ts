// The stock client connects again by itself, and an attempt that is under way when it is destroyed fails with nobody to hear it:
// whichever test runs then would fail.

type Reconnecting = { connect(options?: { resetBackoff?: boolean }): Promise<void> };

/** Whoever waits for an attempt hears of its failure still. */
export function hearReconnects(client: Reconnecting): void {
  const connect = client.connect.bind(client);
  client.connect = (options) => {
    const attempt = connect(options);
    attempt.catch(() => {});
    return attempt;
  };
}
