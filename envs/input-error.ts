/**
 * What the user can mend: a wrong file, field, flag or number.
 *
 * The message is one line that says where, what was expected and what was found, as in
 * `x500.yaml: mass_kg: expected a number above 0, got -1`. Only `src/cli/` turns it into an exit code (2).
 */
export class InputError extends Error {
  override readonly name = 'InputError';
}
