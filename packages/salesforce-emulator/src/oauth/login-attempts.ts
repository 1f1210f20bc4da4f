import type { SignInPolicy } from '../definition/sign-in-policy.ts';

/** What the org remembers of each user's tries to sign in, until it restarts. Instants in epoch milliseconds. */
export interface LoginAttempts {
  readonly isLocked: (userId: string, instant: number) => boolean;
  readonly noteFailure: (userId: string, instant: number, policy: SignInPolicy) => void;
  /** Counts a sign-in; false when the hour has had as many as the policy allows. */
  readonly noteSuccess: (userId: string, instant: number, policy: SignInPolicy) => boolean;
  readonly forget: (userId?: string) => void;
}

interface Tries {
  failures: number;
  lockedUntil: number;
  hour: number;
  logins: number;
}

const hourMs = 3_600_000;

export function createLoginAttempts(): LoginAttempts {
  const byUser = new Map<string, Tries>();
  const triesOf = (userId: string): Tries => {
    let tries = byUser.get(userId);
    if (tries === undefined) {
      tries = { failures: 0, lockedUntil: 0, hour: 0, logins: 0 };
      byUser.set(userId, tries);
    }
    return tries;
  };
  return {
    isLocked: (userId, instant) => instant < (byUser.get(userId)?.lockedUntil ?? 0),
    noteFailure: (userId, instant, policy) => {
      const tries = triesOf(userId);
      tries.failures += 1;
      if (policy.lockoutAfter === 0 || tries.failures < policy.lockoutAfter) return;
      tries.failures = 0;
      tries.lockedUntil = instant + policy.lockoutMinutes * 60_000;
    },
    noteSuccess: (userId, instant, policy) => {
      const tries = triesOf(userId);
      tries.failures = 0;
      const hour = Math.floor(instant / hourMs);
      if (tries.hour !== hour) {
        tries.hour = hour;
        tries.logins = 0;
      }
      if (tries.logins >= policy.loginsPerHour) return false;
      tries.logins += 1;
      return true;
    },
    forget: (userId) => {
      if (userId === undefined) byUser.clear();
      else byUser.delete(userId);
    },
  };
}
