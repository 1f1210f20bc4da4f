/** One entry of package-lock.json's `packages`, as far as we look at it. */
export type LockEntry = {
  readonly version?: string;
  readonly resolved?: string;
  readonly link?: boolean;
  readonly dev?: boolean;
  readonly peer?: boolean;
  readonly optional?: boolean;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
};
type Packages = Readonly<Record<string, LockEntry>>;

/**
 * Optional packages that the lock file does not hold, as entries to add. npm leaves out those for other
 * platforms that it could not see while it wrote the lock, and `npm ci` then refuses the lock as out of step.
 * Such an entry has no integrity hash, since nobody here has seen the package; npm takes the one it is served.
 */
export const findMissingEntries = (packages: Packages): Record<string, object> => {
  const missing: Record<string, object> = {};
  for (const [path, entry] of Object.entries(packages)) {
    for (const [name, version] of Object.entries(entry.optionalDependencies ?? {})) {
      const isExact = /^\d+\.\d+\.\d+(-[\w.]+)?$/.test(version);
      if (!isExact || isLocked(packages, path, name)) continue;
      missing[`node_modules/${name}`] = {
        version,
        ...readPlatform(name),
        ...(entry.dev === true ? { dev: true } : {}),
        optional: true,
        ...(entry.peer === true ? { peer: true } : {}),
      };
    }
  }
  return missing;
};

/** Entries that say where they were downloaded: an address that others may not reach has no place there. */
export const findDownloadAddresses = (packages: Packages): string[] =>
  Object.entries(packages).flatMap(([path, { resolved }]) =>
    resolved !== undefined && /^\w+:\/\//.test(resolved) ? [path] : [],
  );

// As Node looks for a package: in the dependent's own node_modules first, then outwards.
const isLocked = (packages: Packages, from: string, name: string): boolean => {
  for (let folder = from; ; folder = folder.slice(0, Math.max(0, folder.lastIndexOf('/')))) {
    if (`${folder}${folder === '' ? '' : '/'}node_modules/${name}` in packages) return true;
    if (folder === '') return false;
  }
};

// Makers of platform packages all name them after Node's `process.platform` and `process.arch`.
const readPlatform = (name: string): { cpu?: string[]; os?: string[]; libc?: string[] } => {
  const words = name.split(/[/-]/);
  const first = (pattern: RegExp): string | undefined => words.find((word) => pattern.test(word));
  const cpu = first(/^(x64|arm64|arm|ia32|ppc64|riscv64|s390x|loong64|mips64el|wasm32)$/);
  const os = first(/^(linux|darwin|win32|android|freebsd|openbsd|netbsd|sunos|aix|openharmony)$/);
  const libc = first(/^(musl|gnu)/);
  return {
    ...(cpu === undefined ? {} : { cpu: [cpu] }),
    ...(libc === undefined ? {} : { libc: [libc.startsWith('musl') ? 'musl' : 'glibc'] }),
    ...(os === undefined ? {} : { os: [os] }),
  };
};
