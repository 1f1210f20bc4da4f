const unsafeKeys: ReadonlySet<string> = new Set(['__proto__', 'prototype', 'constructor']);

/** Whether a key could reach an object's prototype when assigned carelessly; such keys are never accepted. */
export const isUnsafeKey = (key: string): boolean => unsafeKeys.has(key);

/** Whether a schema may call a property so: letters, digits and underscores, not starting with a digit. */
export const isPropertyName = (name: string): boolean =>
  /^[A-Za-z_][A-Za-z0-9_]{0,99}$/.test(name) && !isUnsafeKey(name);
