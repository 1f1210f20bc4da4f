/**
 * Why a formula cannot be used, at a zero-based UTF-16 offset of its text: `invalid` is what Salesforce refuses
 * too, in its words where they are known; `unsupported` is what only this emulator lacks.
 */
export interface FormulaProblem {
  readonly kind: 'invalid' | 'unsupported';
  readonly message: string;
  readonly offset: number;
}

/** Carries a problem out of the compiler; `compileFormula` catches it. */
export class FormulaRefusal extends Error {
  readonly problem: FormulaProblem;

  constructor(message: string, offset: number, kind: FormulaProblem['kind'] = 'invalid') {
    super(message);
    this.problem = { kind, message, offset };
  }
}
