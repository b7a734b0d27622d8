/** Bounds how many of something each user may hold at the same time. */
export class UserLimit {
  private readonly held = new Map<string, number>();

  constructor(readonly max: number) {}

  /** @returns the release, to be called once; null when the user holds `max` already */
  acquire(user: string): (() => void) | null {
    const held = this.held.get(user) ?? 0;
    if (held >= this.max) return null;
    this.held.set(user, held + 1);
    return () => {
      const left = this.held.get(user)! - 1;
      if (left === 0) this.held.delete(user);
      else this.held.set(user, left);
    };
  }
}
