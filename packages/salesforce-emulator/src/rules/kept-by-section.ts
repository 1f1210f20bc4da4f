import type { Catalog } from '../schema/catalog.ts';

/**
 * Keeps what was made of a section of the org's definition, until the section or the org's objects change. What
 * the maker throws is thrown each time.
 */
export function keptBySection<Section extends object, Made>(
  make: (section: Section, catalog: Catalog) => Made,
): (section: Section, catalog: Catalog) => Made {
  const kept = new WeakMap<Section, { readonly catalog: Catalog; readonly made: Made }>();
  return (section, catalog) => {
    const known = kept.get(section);
    if (known?.catalog === catalog) return known.made;
    const made = make(section, catalog);
    kept.set(section, { catalog, made });
    return made;
  };
}
