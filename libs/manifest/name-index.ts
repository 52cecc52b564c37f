// Which entries have a name: one for most names, several for those that are in doubt, which are known without looking at all.

export class NameIndex<Entry extends object> {
  private readonly single = new Map<string, Entry>();
  private readonly several = new Map<string, Set<Entry>>();

  add(name: string, entry: Entry): void {
    const several = this.several.get(name);
    const single = this.single.get(name);
    if (several !== undefined) several.add(entry);
    else if (single === undefined) this.single.set(name, entry);
    else if (single !== entry) {
      this.single.delete(name);
      this.several.set(name, new Set([single, entry]));
    }
  }

  remove(name: string, entry: Entry): void {
    const several = this.several.get(name);
    if (several === undefined) {
      if (this.single.get(name) === entry) this.single.delete(name);
      return;
    }
    several.delete(entry);
    const [left, ...others] = several;
    if (left === undefined || others.length > 0) return;
    this.several.delete(name);
    this.single.set(name, left);
  }

  has(name: string): boolean {
    return this.single.has(name) || this.several.has(name);
  }

  /** It has the name alone. */
  isOnly(name: string): boolean {
    return this.single.has(name);
  }

  of(name: string): Entry[] {
    const single = this.single.get(name);
    return single === undefined ? [...(this.several.get(name) ?? [])] : [single];
  }

  /** Names that several have, with those. */
  repeated(): ReadonlyMap<string, ReadonlySet<Entry>> {
    return this.several;
  }

  names(): string[] {
    return [...this.single.keys(), ...this.several.keys()];
  }
}
